"""One SMTP connection: how it is opened, and what each of the server's answers means.

`smtplib` carries the commands. MAIL, RCPT and DATA are given here: its `sendmail` throws away the
answer to the final dot, which is the only reference there is, waits for each answer before the
next command, and doubles the dots of a message that has none to double (0.45 ms a message).
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple

from newsletter.errors import (
    AccessRefused,
    LeaseLost,
    NotAccepted,
)
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome
from newsletter.providers.reply import note_of
from newsletter.providers.smtp_answer import (
    broke_off_before_the_end,
    cause_of,
    is_positive,
    not_taken,
    recipient_refused,
    refusal,
    sender_refused,
    unsure,
)
from newsletter.providers.smtp_settings import Security, SmtpSettings
from newsletter.providers.steps import Step, untried

_GO_ON = 354
"""The server waits for the message (RFC 5321 section 4.1.1.4)."""
_DOT = b".\r\n"


class Way(NamedTuple):
    """From whom a message comes and where it goes, as the SMTP server is told."""

    sender: str
    recipient: str


def _commands(way: Way) -> tuple[str, str, str]:
    return f"MAIL FROM:<{way.sender}>", f"RCPT TO:<{way.recipient}>", "DATA"


def _announcement(way: Way) -> bytes:
    return "".join(f"{command}\r\n" for command in _commands(way)).encode("ascii")


class Connection:
    """An open connection; for one thread at a time."""

    def __init__(self, smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
        """Use `smtp`, which is connected and authenticated."""
        self._smtp = smtp
        self._settings = settings
        # RFC 2920: one way to the server and back instead of three.
        self._is_pipelining = smtp.has_extn("pipelining")
        self._announced: Way | None = None
        """The message that the server was told of, and that nobody has sent yet."""
        self.carried = 0
        """How many messages were begun on it."""

    @property
    def is_open(self) -> bool:
        """Tell whether it can be used again, as far as is known from here."""
        return self._smtp.sock is not None

    def hand_over(
        self,
        way: Way,
        pieces: Sequence[bytes],
        fence: Callable[[], None],
        *,
        then: Way | None = None,
    ) -> Step:
        """Hand over one message, whose octets are `pieces` one after the other, once.

        `fence` is called just before the first of them leaves. The next message, which goes
        `then`, is announced right behind the end of this one: so each takes one way to the server
        and back (RFC 2920 section 3.1).
        """
        self.carried += 1
        step = self._hand_over(way, pieces, fence, then if self._is_pipelining else None)
        if step.stopped_by is not None:
            self.drop()
            return step
        # Where the next one is announced, its MAIL has cleared what was begun before.
        is_clear = step.outcome.state is DeliveryState.ACCEPTED or self._announced is not None
        if not is_clear and not self.reset():
            return Step(step.outcome, NotAccepted("the server closed the connection"))
        return step

    def _hand_over(
        self, way: Way, pieces: Sequence[bytes], fence: Callable[[], None], then: Way | None
    ) -> Step:
        try:
            refusal = self._announce(way)
            if refusal is not None:
                return refusal
            fence()
            self._write(b"".join((*pieces, _DOT)), then)
        except LeaseLost as lost:
            return untried(lost)
        except (smtplib.SMTPException, OSError) as error:
            return broke_off_before_the_end(error)
        return self._final_answer()

    def _write(self, message: bytes, then: Way | None) -> None:
        """Write a message with its final dot, and announce the next one behind it.

        Raises:
            OSError: it broke off before the final dot left; without it there is no message.
        """
        octets = memoryview(message + (_announcement(then) if then else b""))
        sock, written = self._smtp.sock, 0
        if sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self._announced = then
        try:
            while written < len(octets):
                written += sock.send(octets[written:])
        except OSError:
            if written < len(message):
                raise
            # The message has left, and only its answer tells what became of it.

    def _announce(self, way: Way) -> Step | None:
        """Say whose message comes, and for whom; None where the server waits for it."""
        answers = self._asked(way)
        code, said = next(answers)
        if not is_positive(code):
            return sender_refused(code, said)
        code, said = next(answers)
        if not is_positive(code):
            refusal = recipient_refused(code, said)
            if self._is_pipelining and refusal.stopped_by is None:
                self._end_nothing(answers)
            return refusal
        code, said = next(answers)
        return None if code == _GO_ON else not_taken(code, said)

    def _asked(self, way: Way) -> Iterator[tuple[int, bytes]]:
        """Give the answer to each command that announces a message.

        They leave together where the server allows it, and may have left already.
        """
        if self._is_pipelining and self._announced != way:
            self._smtp.send(_announcement(way))
        self._announced = None
        for command in _commands(way):
            yield self._smtp.getreply() if self._is_pipelining else self._smtp.docmd(command)

    def _end_nothing(self, answers: Iterator[tuple[int, bytes]]) -> None:
        """End the message to nobody that some servers wait for (RFC 2920 section 3.1)."""
        # A connection that breaks here is found out by the reset that follows.
        with suppress(smtplib.SMTPException, OSError):
            code, _ = next(answers)
            if code == _GO_ON:
                self._smtp.send(_DOT)
                self._smtp.getreply()

    def _final_answer(self) -> Step:
        """Read the answer to the final dot: from here on the server may have the message."""
        try:
            self._set_timeout(self._settings.final_timeout)
            code, said = self._smtp.getreply()
            self._set_timeout(self._settings.timeout)
        except (smtplib.SMTPException, OSError) as error:
            return unsure(f"no answer to the end of the message ({cause_of(error)})")
        if is_positive(code):
            return Step(Outcome(DeliveryState.ACCEPTED, reference=note_of(said)))
        if 400 <= code < 600:  # noqa: PLR2004 # the answers that say no
            return not_taken(code, said)
        return unsure(f"a strange answer to the end of the message: {code} {note_of(said)}")

    def _set_timeout(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def reset(self) -> bool:
        """Clear what was begun, and tell whether the server still answers as it should."""
        try:
            code, _ = self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            code = -1
        if not is_positive(code):
            self.drop()
        return self.is_open

    def quit(self) -> None:
        """Say goodbye and close."""
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self._smtp.close()


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
        except BaseException:
            smtp.close()
            raise
    return Connection(smtp, settings)


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
