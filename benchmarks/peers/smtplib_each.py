"""The standard library: `EmailMessage` and one `smtplib` connection that is kept."""

import smtplib
from email.message import EmailMessage

import job

html, text = job.pages()
with smtplib.SMTP("127.0.0.1", job.port()) as server:
    for row in job.rows():
        values = job.values_of(row)
        message = EmailMessage()
        message["From"], message["To"] = job.SENDER, row["email"]
        message["Subject"] = job.SUBJECT.format(values[0])
        message["List-Unsubscribe"] = f"<{values[2]}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(job.merged(text, values))
        message.add_alternative(job.merged_html(html, values), subtype="html")
        server.send_message(message)
