"""The sendgrid package: `Personalization` objects, 1000 in a call; values are not escaped."""

import job
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Header, Mail, Personalization, Substitution, To

client = SendGridAPIClient("SG.key", host=f"http://127.0.0.1:{job.port()}")
html, text = job.pages()
for batch in job.batches(1000):
    mail = Mail(
        from_email=job.SENDER,
        subject=job.SUBJECT.format(job.MARKS[0]),
        plain_text_content=text,
        html_content=html,
    )
    for row in batch:
        values = job.values_of(row)
        one = Personalization()
        one.add_to(To(row["email"], row["first_name"] or None))
        for mark, value in zip(job.MARKS, values, strict=True):
            one.add_substitution(Substitution(mark, value))
        one.add_header(Header("List-Unsubscribe", f"<{values[2]}>"))
        mail.add_personalization(one)
    client.send(mail)
