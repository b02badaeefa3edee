"""requests with a session and dicts made by hand, 1000 in a call."""

import handmade
import job
import requests

html, text = job.pages()
with requests.Session() as session:
    session.headers["Authorization"] = "Bearer SG.key"
    for batch in job.batches(1000):
        answer = session.post(
            f"http://127.0.0.1:{job.port()}/v3/mail/send",
            json=handmade.body(batch, html, text),
            timeout=30,
        )
        answer.raise_for_status()
