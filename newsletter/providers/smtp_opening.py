"""Opening a connection to an SMTP server: reached, encrypted, logged in. The door to `smtplib`."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from newsletter.errors import AccessRefused, NotAccepted
from newsletter.providers.reply import note_of
from newsletter.providers.smtp_answer import cause_of, is_positive, refusal
from newsletter.providers.smtp_connection import Connection
from newsletter.providers.smtp_line import Line
from newsletter.providers.smtp_settings import Security, SmtpSettings


def open_connection(settings: SmtpSettings) -> Connection:
    """Connect, encrypt and log in as `settings` say.

    Raises:
        NotAccepted: the server was not reached, or takes nothing now.
        AccessRefused: it cannot be trusted, or refuses us.
    """
    with _translated():
        smtp = _connected(settings)
        try:
            _prepare(smtp, settings)
            line, is_pipelining = _line(smtp, settings), smtp.has_extn("pipelining")
            return Connection(line, settings, is_pipelining=is_pipelining)
        except BaseException:
            smtp.close()
            raise


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    host, port, hello, timeout = settings.host, settings.port, settings.hello, settings.timeout
    if settings.security is Security.TLS:
        return smtplib.SMTP_SSL(host, port, hello, timeout=timeout, context=_tls(settings.ca_file))
    return smtplib.SMTP(host, port, hello, timeout=timeout)


def _prepare(smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
    smtp.ehlo_or_helo_if_needed()
    if settings.security is Security.STARTTLS:
        code, said = smtp.starttls(context=_tls(settings.ca_file))
        if not is_positive(code):
            raise smtplib.SMTPNotSupportedError(note_of(said))
        smtp.ehlo_or_helo_if_needed()
    if settings.username:
        smtp.login(settings.username, settings.password)


def _line(smtp: smtplib.SMTP, settings: SmtpSettings) -> Line:
    """Take over the connection that `smtp` opened.

    What the server said without being asked is forgotten with it: no reply of ours.
    """
    if smtp.sock is None or smtp.file is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    smtp.file.close()
    is_encrypted = settings.security is not Security.NONE
    return Line(smtp.sock, settings.timeout, is_encrypted=is_encrypted)


@cache
def _tls(ca_file: str | None) -> ssl.SSLContext:
    """Read the certificates to trust, once for all connections: it takes 45 ms of CPU."""
    return ssl.create_default_context(cafile=ca_file)


@contextmanager
def _translated() -> Iterator[None]:
    """Raise whatever goes wrong before the first message as one of our outcomes."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise AccessRefused(
            f"the SMTP server cannot do what the settings ask for: {note_of(str(error))}",
            hint="check `security`, `port` and `username` in [providers.smtp]",
        ) from error
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code, error.smtp_error) from error
    except ssl.SSLCertVerificationError as error:
        raise AccessRefused(
            f"the certificate of the SMTP server is not trusted: {error.verify_message}",
            hint="check `host` in [providers.smtp], or name the relay's `ca_file`",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotAccepted(
            f"the SMTP server was not reached ({cause_of(error)})",
            hint="check `host` and `port` in [providers.smtp]",
        ) from error
