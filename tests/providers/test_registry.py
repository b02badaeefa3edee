import re
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.errors import InputErrors, NewsletterError, SettingsError, render_error
from newsletter.providers.host import is_https_or_this_machine
from newsletter.providers.registry import all_secrets, build, names, secrets_of

KEY = {name: "a-key" for name in all_secrets() if name != "NEWSLETTER_SMTP_PASSWORD"}
WORKING: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "outbox": ({"folder": "outbox"}, {}),
    "sendgrid": ({"host": "https://api.eu.sendgrid.com", "timeout": 30, "batch_size": 500}, KEY),
    "smtp": (
        {"host": "mail.example.org", "port": 465, "security": "tls", "username": "news"},
        {"NEWSLETTER_SMTP_PASSWORD": "abcd efgh"},
    ),
    "ses": ({"region": "eu-west-1", "configuration_set": "news"}, KEY),
    "postmark": ({"stream": "broadcast", "batch_size": 500}, KEY),
    "mailgun": ({"domain": "mg.example.org", "host": "https://api.eu.mailgun.net"}, KEY),
    "resend": ({"connections": 1}, KEY),
    "brevo": ({"batch_size": 1000}, KEY),
}


@pytest.mark.parametrize("name", names())
def test_every_provider_is_built_from_its_table(name: str) -> None:
    assert build(name, *WORKING[name]).name == name


@pytest.mark.parametrize("name", names())
def test_nothing_but_a_host_and_secrets_must_be_said(name: str) -> None:
    table = {"host": "mail.example.org"} if name == "smtp" else {}

    assert build(name, table, KEY)


def test_an_unknown_provider_is_answered_by_the_closest_name() -> None:
    with pytest.raises(SettingsError, match="no provider 'sengrid'") as caught:
        build("sengrid", {}, {})

    assert caught.value.hint == "did you mean 'sendgrid'?"


@pytest.mark.parametrize(
    ("name", "table", "secrets", "said"),
    [
        ("smtp", {"hosst": "a"}, {}, "'hosst' in [providers.smtp]\n  hint: did you mean 'host'?"),
        ("smtp", {}, {}, "providers.smtp.host cannot be ''"),
        ("smtp", {"host": "a b"}, {}, "providers.smtp.host cannot be 'a b'"),
        ("smtp", {"host": "a.example", "port": 0}, {}, "from 1 to 65535, not 0"),
        ("smtp", {"host": "a.example", "port": True}, {}, "from 1 to 65535, not True"),
        ("smtp", {"host": "a.example", "port": "25"}, {}, "from 1 to 65535, not '25'"),
        ("smtp", {"host": "a.example", "security": "ssl"}, {}, "be starttls or tls or none, not"),
        ("smtp", {"host": "a.example", "timeout": 0}, {}, "more than 0 and 3600 at most, not 0"),
        ("smtp", {"host": "a.example", "timeout": float("nan")}, {}, "at most, not nan"),
        ("smtp", {"host": "a.example", "ca_file": "no.pem"}, {}, "names no file: 'no.pem'"),
        ("smtp", {"host": "a.example", "username": "x"}, {}, "NEWSLETTER_SMTP_PASSWORD is not set"),
        (
            "smtp",
            {"host": "a.example", "username": "x", "security": "none"},
            {"NEWSLETTER_SMTP_PASSWORD": "p"},
            "cross the network in clear",
        ),
        ("sendgrid", {}, {}, "SENDGRID_API_KEY is not set"),
        ("sendgrid", {"host": "http://api.sendgrid.com"}, KEY, "providers.sendgrid.host cannot be"),
        ("sendgrid", {"batch_size": 1001}, KEY, "from 1 to 1000, not 1001"),
        ("sendgrid", {"key": "SG.x"}, KEY, "unknown key 'key'"),
        ("postmark", {"batch_size": 501}, KEY, "from 1 to 500, not 501"),
        ("postmark", {}, {}, "POSTMARK_SERVER_TOKEN is not set"),
        ("mailgun", {"domain": "a b"}, KEY, "has to be a domain"),
        ("mailgun", {}, {}, "MAILGUN_API_KEY is not set"),
        ("resend", {"batch_size": 101}, KEY, "from 1 to 100, not 101"),
        ("resend", {"host": "http://api.resend.com"}, KEY, "providers.resend.host cannot be"),
        ("brevo", {}, {}, "BREVO_API_KEY is not set"),
        ("ses", {"region": "Ireland"}, KEY, "has to be a region"),
        ("ses", {}, {"AWS_SECRET_ACCESS_KEY": "x"}, "AWS_ACCESS_KEY_ID is not set"),
        ("ses", {}, {"AWS_ACCESS_KEY_ID": "x"}, "AWS_SECRET_ACCESS_KEY is not set"),
        ("outbox", {"folder": 3}, {}, "folder has to be text, not 3"),
    ],
)
def test_each_mistake_in_the_settings_is_said_with_what_to_do(
    name: str, table: dict[str, object], secrets: dict[str, str], said: str
) -> None:
    with pytest.raises(InputErrors) as caught:
        build(name, table, secrets)

    text = render_error(caught.value)
    assert said in text
    assert f"providers.{name}" in text
    assert all(error.hint for error in caught.value.errors)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(InputErrors) as caught:
        build("smtp", {"hst": "x", "port": -1, "security": "?"}, {})

    assert len(caught.value.errors) == 4


def test_a_password_is_never_shown() -> None:
    with pytest.raises(NewsletterError) as caught:
        build(
            "smtp",
            {"host": "a.example", "username": "x", "prt": 1},
            {"NEWSLETTER_SMTP_PASSWORD": "geheim\n"},
        )

    assert "geheim" not in render_error(caught.value)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://api.sendgrid.com", True),
        ("https://api.sendgrid.com:8443", True),
        ("http://127.0.0.1:3055", True),
        ("http://localhost", True),
        ("http://api.sendgrid.com", False),
        ("https://api.sendgrid.com/v3", False),
        ("https://user@api.sendgrid.com", False),
        ("https://api.sendgrid.com:99999", False),
        ("https://", False),
        ("ftp://api.sendgrid.com", False),
        ("api.sendgrid.com", False),
        ("https://a.example\r\nX: y", False),
        ("", False),
    ],
)
def test_a_key_goes_to_a_plain_https_host_or_stays_here(url: str, *, is_safe: bool) -> None:
    assert is_https_or_this_machine(url) is is_safe


def test_asking_for_one_provider_loads_no_other() -> None:
    code = (
        "import sys; from newsletter.providers.registry import build; build('outbox', {}, {});"
        "print([m for m in ('sendgrid', 'python_http_client', 'smtplib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", names())
def test_every_option_and_secret_is_in_the_docs(name: str) -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "providers" / f"{name}.md").read_text("utf-8")
    with pytest.raises(InputErrors) as caught:
        build(name, {"qqqq": 1}, KEY)
    known = re.search(r"use (.*)", caught.value.errors[0].hint)

    assert known
    for option in [*known[1].split(", "), *secrets_of(name)]:
        assert f"`{option}`" in page
