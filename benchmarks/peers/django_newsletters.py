"""django-newsletter: its models in an SQLite database in memory, its templates, its `submit`."""

import tempfile
from pathlib import Path

import django
import job
from django.conf import settings
from django.core.management import call_command

templates = Path(tempfile.mkdtemp()) / "newsletter/message"
templates.mkdir(parents=True)
settings.configure(
    SECRET_KEY=job.SENDER,  # it signs nothing
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sites",
        "sorl.thumbnail",
        "newsletter",
    ],
    SITE_ID=1,
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [str(templates.parent.parent)],
            "APP_DIRS": True,
        }
    ],
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=job.port(),
    NEWSLETTER_RICHTEXT_WIDGET=None,
    ROOT_URLCONF="django_newsletters_urls",
    USE_TZ=True,
)
django.setup()
call_command("migrate", verbosity=0)

from django.contrib.sites.models import Site  # noqa: E402 - models come after django.setup()
from newsletter.models import Message, Newsletter, Submission, Subscription  # noqa: E402 - the same

html, text = job.pages()
VALUES = (
    '{{ subscription.name|default:"colleague" }}',
    "{{ subscription.email }}",
    "https://news.meridian.example.org/u/{{ subscription.activation_code }}",
)
(templates / "message.html").write_text(job.merged(html, VALUES), encoding="utf-8")
(templates / "message.txt").write_text(
    f"{{% autoescape off %}}{job.merged(text, VALUES)}{{% endautoescape %}}", encoding="utf-8"
)
(templates / "message_subject.txt").write_text(
    f"{{% autoescape off %}}{job.SUBJECT.format(VALUES[0])}{{% endautoescape %}}"
)
site = Site.objects.get_current()
news = Newsletter.objects.create(
    title="News", slug="news", email=job.SENDER, sender="News", send_html=True
)
news.site.add(site)
Subscription.objects.bulk_create(
    Subscription(
        newsletter=news,
        name_field=row["first_name"],
        email_field=row["email"],
        activation_code=f"{row['member_id']:0>40}",
        subscribed=True,
    )
    for row in job.rows()
)
message = Message.objects.create(title="News", slug="news", newsletter=news)
submission = Submission.from_message(message)
submission.prepared = True
submission.save()
submission.submit()
