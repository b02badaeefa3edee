"""django-anymail's SendGrid backend with `merge_data`, 1000 in a call; values are not escaped."""

import django
import job
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

settings.configure(
    INSTALLED_APPS=["anymail"],
    EMAIL_BACKEND="anymail.backends.sendgrid.EmailBackend",
    ANYMAIL={
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_API_URL": f"http://127.0.0.1:{job.port()}/v3/",
        "SENDGRID_MERGE_FIELD_FORMAT": "-{}-",
    },
)
django.setup()
html, text = job.pages()
for batch in job.batches(1000):
    merge = {row["email"]: job.values_of(row) for row in batch}
    message = EmailMultiAlternatives(
        subject=job.SUBJECT.format(job.MARKS[0]),
        body=text,
        from_email=job.SENDER,
        to=list(merge),
    )
    message.attach_alternative(html, "text/html")
    names = [mark.strip("-") for mark in job.MARKS]
    message.merge_data = {to: dict(zip(names, merge[to], strict=True)) for to in merge}
    message.merge_headers = {to: {"List-Unsubscribe": f"<{merge[to][2]}>"} for to in merge}
    message.send()
