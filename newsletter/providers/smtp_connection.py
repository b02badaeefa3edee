"""One SMTP connection: how messages are handed over, and what each reply means.

The reply to the final dot is the only reference of a message there is. Where the server allows it,
the next message is announced right behind that dot, so that each takes one way to the server and
back (RFC 2920).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from newsletter.errors import LeaseLost, NotAccepted
from newsletter.message.batch import nothing
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome
from newsletter.providers.reply import note_of
from newsletter.providers.smtp_answer import (
    broke_off_before_the_end,
    cause_of,
    is_positive,
    not_taken,
    recipient_refused,
    sender_refused,
    unsure,
)
from newsletter.providers.smtp_line import Line, Reply
from newsletter.providers.smtp_settings import SmtpSettings
from newsletter.providers.steps import Step, untried

_GO_ON = 354
"""The server waits for the message (RFC 5321 section 4.1.1.4)."""
_DOT = b".\r\n"
_RESET, _QUIT = b"RSET\r\n", b"QUIT\r\n"


class Way(NamedTuple):
    """From whom a message comes and where it goes, as the SMTP server is told."""

    mail: bytes
    rcpt: bytes
    data: bytes = b"DATA\r\n"

    @classmethod
    def of(cls, sender: str, recipient: str) -> "Way":
        """Write the commands that announce a message."""
        return cls(
            f"MAIL FROM:<{sender}>\r\n".encode("ascii"),
            f"RCPT TO:<{recipient}>\r\n".encode("ascii"),
        )


class Connection:
    """An open connection; for one thread at a time."""

    def __init__(self, line: Line, settings: SmtpSettings, *, is_pipelining: bool) -> None:
        """Use `line`, whose server has let us in."""
        self._line = line
        self._longer = settings.final_timeout - settings.timeout
        self._is_pipelining = is_pipelining
        self._announced: Way | None = None
        """The message that the server was told of, and that nobody has sent yet."""
        self.meanwhile: Callable[[], None] = nothing
        """Called once, when the next message has left and its reply is awaited."""
        self.carried = 0
        """How many messages were begun on it."""

    @property
    def is_open(self) -> bool:
        """Tell whether it can be used again, as far as is known from here."""
        return self._line.is_open

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
        if not is_clear and not self.reset(then):
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
            self._write(pieces, then)
        except LeaseLost as lost:
            return untried(lost)
        except OSError as error:
            return broke_off_before_the_end(error)
        meanwhile, self.meanwhile = self.meanwhile, nothing
        meanwhile()
        return self._final_reply()

    def _write(self, pieces: Sequence[bytes], then: Way | None) -> None:
        """Write a message with its final dot, and announce the next one behind it.

        Raises:
            OSError: it broke off before the final dot left; without it there is no message.
        """
        self._announced = then
        behind = b"".join(then) if then else b""
        octets = b"".join((*pieces, _DOT, behind))
        # Once the message has left, only its reply tells what became of it.
        self._line.write(octets, needed=len(octets) - len(behind))

    def _announce(self, way: Way) -> Step | None:
        """Say whose message comes, and for whom; None where the server waits for it.

        The commands leave together where the server allows it, and may have left already.
        """
        if self._is_pipelining and self._announced != way:
            self._line.write(b"".join(way))
        self._announced = None
        code, said = self._ask(way.mail)
        if not is_positive(code):
            return sender_refused(code, said)
        code, said = self._ask(way.rcpt)
        if not is_positive(code):
            refusal = recipient_refused(code, said)
            if self._is_pipelining and refusal.stopped_by is None:
                self._end_nothing()
            return refusal
        code, said = self._ask(way.data)
        return None if code == _GO_ON else not_taken(code, said)

    def _ask(self, command: bytes) -> Reply:
        if not self._is_pipelining:
            self._line.write(command)
        return self._line.reply()

    def _end_nothing(self) -> None:
        """End the message to nobody that some servers wait for (RFC 2920 section 3.1)."""
        # A connection that breaks here is found out by the reset that follows.
        with suppress(OSError):
            code, _ = self._line.reply()
            if code == _GO_ON:
                self._line.write(_DOT)
                self._line.reply()

    def _final_reply(self) -> Step:
        """Read the reply to the final dot: from here on the server may have the message."""
        try:
            code, said = self._line.reply(self._longer)
        except OSError as error:
            return unsure(f"no answer to the end of the message ({cause_of(error)})")
        if is_positive(code):
            return Step(Outcome(DeliveryState.ACCEPTED, reference=note_of(said)))
        if 400 <= code < 600:  # noqa: PLR2004 # the answers that say no
            return not_taken(code, said)
        return unsure(f"a strange answer to the end of the message: {code} {note_of(said)}")

    def reset(self, then: Way | None = None) -> bool:
        """Clear what was begun, and tell whether the server still answers as it should.

        The message that goes `then` is announced along with it.
        """
        announced = then if self._is_pipelining else None
        try:
            self._line.write(b"".join((_RESET, *(announced or ()))))
            code, _ = self._line.reply()
        except OSError:
            code = -1
        self._announced = announced
        if not is_positive(code):
            self.drop()
        return self.is_open

    def quit(self) -> None:
        """Say goodbye and close."""
        with suppress(OSError):
            self._line.write(_QUIT)
            self._line.reply()
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self._line.close()
