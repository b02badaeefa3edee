"""The body of a SendGrid call for 1000, made of dicts by hand; values are not escaped."""

import job


def body(batch: list[job.Row], html: str, text: str) -> dict[str, object]:
    """Write the call for `batch`."""
    personalizations = []
    for row in batch:
        values = job.values_of(row)
        personalizations.append(
            {
                "to": [{"email": row["email"], "name": row["first_name"] or "colleague"}],
                "substitutions": dict(zip(job.MARKS, values, strict=True)),
                "headers": {"List-Unsubscribe": f"<{values[2]}>"},
            }
        )
    return {
        "from": {"email": job.SENDER},
        "subject": job.SUBJECT.format(job.MARKS[0]),
        "content": [
            {"type": "text/plain", "value": text},
            {"type": "text/html", "value": html},
        ],
        "personalizations": personalizations,
    }
