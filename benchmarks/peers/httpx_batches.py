"""httpx with a client and dicts made by hand, 1000 in a call."""

import handmade
import httpx
import job

html, text = job.pages()
with httpx.Client(headers={"Authorization": "Bearer SG.key"}) as client:
    for batch in job.batches(1000):
        answer = client.post(
            f"http://127.0.0.1:{job.port()}/v3/mail/send", json=handmade.body(batch, html, text)
        )
        answer.raise_for_status()
