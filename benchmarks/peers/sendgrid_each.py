"""The sendgrid package, one call for each recipient."""

import job
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Header, Mail

client = SendGridAPIClient("SG.key", host=f"http://127.0.0.1:{job.port()}")
html, text = job.pages()
for row in job.rows():
    values = job.values_of(row)
    mail = Mail(
        from_email=job.SENDER,
        to_emails=row["email"],
        subject=job.SUBJECT.format(values[0]),
        plain_text_content=job.merged(text, values),
        html_content=job.merged_html(html, values),
    )
    mail.add_header(Header("List-Unsubscribe", f"<{values[2]}>"))
    client.send(mail)
