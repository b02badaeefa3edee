"""The providers by name, built from the settings of a workspace."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.providers.host import is_host, is_https_or_this_machine, is_this_machine
from newsletter.providers.options import Options, closest
from newsletter.providers.protocol import Provider

Builder = Callable[[Options, Mapping[str, str]], Provider]

_PRINTABLE = re.compile("[ -~]*")


def build(name: str, table: Mapping[str, object], secrets: Mapping[str, str]) -> Provider:
    """Build the provider `name`; nothing is opened or sent.

    Args:
        name: as in `--provider`.
        table: its `[providers.NAME]` of the settings; a `folder` in it is taken as it stands, so
            let it be absolute or relative to the working directory.
        secrets: by the names of `secrets_of`, as the environment holds them.

    Raises:
        SettingsError: there is no such provider.
        InputErrors: an option or a secret is missing, unknown or wrong.
    """
    builder = _BUILDERS.get(name)
    if builder is None:
        raise SettingsError(f"no provider {name!r}", hint=closest(name, set(_BUILDERS)))
    return builder(Options(table, f"[providers.{name}]"), secrets)


def names() -> tuple[str, ...]:
    """List the names of all providers."""
    return tuple(_BUILDERS)


def secrets_of(name: str) -> tuple[str, ...]:
    """List the environment variables that the provider `name` may need."""
    return _SECRETS.get(name, ())


def _outbox(options: Options, _secrets: Mapping[str, str]) -> Provider:
    from newsletter.providers.outbox import OutboxProvider

    folder = options.text("folder", "outbox")
    image_url = options.text("image_url").rstrip("/")
    options.check()
    return OutboxProvider(Path(folder), image_url=image_url)


def _sendgrid(options: Options, secrets: Mapping[str, str]) -> Provider:
    from newsletter.providers.sendgrid import SendGridProvider, SendGridSettings

    settings = SendGridSettings(
        key=_secret(options, secrets, "SENDGRID_API_KEY"),
        host=_sendgrid_host(options),
        timeout=options.seconds("timeout", 30.0),
        batch_size=options.whole("batch_size", 1000, most=1000),
        connections=options.whole("connections", 4, most=64),
    )
    if not settings.key:
        options.wrong("SENDGRID_API_KEY is not set", "set it to a key with Mail Send permission")
    options.check()
    return SendGridProvider(settings)


def _sendgrid_host(options: Options) -> str:
    host = options.text("host", "https://api.sendgrid.com").rstrip("/")
    if not is_https_or_this_machine(host):
        # The key goes with every request, so it never crosses a network in clear.
        options.wrong(f"`host` is {host!r}", "write https:// and the name of SendGrid's host only")
    return host


def _smtp(options: Options, secrets: Mapping[str, str]) -> Provider:
    from newsletter.providers.smtp import SmtpProvider
    from newsletter.providers.smtp_connection import Security, SmtpSettings

    settings = SmtpSettings(
        host=options.text("host"),
        port=options.whole("port", 587, most=65535),
        security=options.choice("security", Security.STARTTLS),
        username=options.text("username"),
        password=_secret(options, secrets, "NEWSLETTER_SMTP_PASSWORD"),
        ca_file=options.text("ca_file") or None,
        hello=options.text("hello") or None,
        timeout=options.seconds("timeout", 60.0),
        final_timeout=options.seconds("final_timeout", 600.0),
        batch_size=options.whole("batch_size", 10, most=1000),
        connections=options.whole("connections", 4, most=64),
        messages_per_connection=options.whole("messages_per_connection", 100, most=100_000),
    )
    if not is_host(settings.host):
        options.wrong(f"`host` is {settings.host!r}", "write the name of the SMTP server")
    if settings.ca_file and not Path(settings.ca_file).is_file():
        options.wrong(f"no file {settings.ca_file!r}", "let `ca_file` name a PEM file")
    if settings.username:
        in_clear = settings.security is Security.NONE and not is_this_machine(settings.host)
        _check_login(options, settings.username, settings.password, in_clear=in_clear)
    options.check()
    return SmtpProvider(settings)


def _check_login(options: Options, username: str, password: str, *, in_clear: bool) -> None:
    if not _PRINTABLE.fullmatch(username):
        options.wrong("`username` has letters beyond ASCII", "use one that SMTP can carry")
    if not password:
        options.wrong("NEWSLETTER_SMTP_PASSWORD is not set", "set it, or leave out `username`")
    if in_clear:
        options.wrong(
            "the password would cross the network in clear", "let `security` be starttls or tls"
        )


def _secret(options: Options, secrets: Mapping[str, str], name: str) -> str:
    """Take a secret; what is wrong with it is said without showing it."""
    value = secrets.get(name, "")
    if not _PRINTABLE.fullmatch(value):
        options.wrong(
            f"{name} has line breaks or other characters that no key has", "copy it again"
        )
        return "unusable"
    return value


_BUILDERS: Mapping[str, Builder] = {"outbox": _outbox, "sendgrid": _sendgrid, "smtp": _smtp}
_SECRETS: Mapping[str, tuple[str, ...]] = {
    "sendgrid": ("SENDGRID_API_KEY",),
    "smtp": ("NEWSLETTER_SMTP_PASSWORD",),
}
