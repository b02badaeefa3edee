"""Django: `send_messages` over its SMTP backend, one connection for each hundred messages."""

import django
import job
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

settings.configure(
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=job.port(),
)
django.setup()
html, text = job.pages()
connection = get_connection()
for batch in job.batches(100):
    messages = []
    for row in batch:
        values = job.values_of(row)
        message = EmailMultiAlternatives(
            subject=job.SUBJECT.format(values[0]),
            body=job.merged(text, values),
            from_email=job.SENDER,
            to=[row["email"]],
            headers={"List-Unsubscribe": f"<{values[2]}>"},
        )
        message.attach_alternative(job.merged_html(html, values), "text/html")
        messages.append(message)
    connection.send_messages(messages)
