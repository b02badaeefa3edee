"""The providers by name, built from the settings of a workspace."""

from collections.abc import Callable, Mapping
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.providers.options import Options, closest
from newsletter.providers.protocol import Provider

Builder = Callable[[Options, Mapping[str, str]], Provider]

_LONGEST_KEY_LINE = 1000


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
    options.check()
    return OutboxProvider(Path(folder))


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
    from newsletter.providers.host import is_https_or_this_machine

    host = options.text("host", "https://api.sendgrid.com").rstrip("/")
    if not is_https_or_this_machine(host):
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
        batch_size=options.whole("batch_size", 50, most=1000),
        connections=options.whole("connections", 4, most=64),
        messages_per_connection=options.whole("messages_per_connection", 100, most=100_000),
    )
    _check_smtp(options, settings)
    options.check()
    return SmtpProvider(settings)
