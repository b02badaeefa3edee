"""What each answer of an SMTP server means for a message, and for us. Pure."""

from newsletter.errors import AccessRefused, NotAccepted, ProviderError, Throttled
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome
from newsletter.providers.reply import note_of
from newsletter.providers.steps import Step, untried


def is_positive(code: int) -> bool:
    """Tell whether an answer says yes (RFC 5321 section 4.2.1)."""
    return 200 <= code < 300  # noqa: PLR2004 # RFC 5321 section 4.2.1


def refusal(code: int, said: bytes | str) -> ProviderError:
    """Tell what an answer means that concerns us, not one recipient."""
    note = f"{code} {note_of(said)}"
    if code == 421:  # noqa: PLR2004 # RFC 5321 section 3.8: it closes the connection
        return Throttled(f"the SMTP server takes nothing now: {note}")
    if 500 <= code < 600:  # noqa: PLR2004 # RFC 5321 section 4.2.1: permanent
        return AccessRefused(
            f"the SMTP server refuses us: {note}",
            hint="check `username`, NEWSLETTER_SMTP_PASSWORD and the address of [sender]",
        )
    return NotAccepted(f"the SMTP server takes nothing now: {note}")


def sender_refused(code: int, said: bytes) -> Step:
    """Read a refusal of our sender."""
    return untried(refusal(code, said))


def recipient_refused(code: int, said: bytes) -> Step:
    """Read a refusal of one recipient."""
    # A relay that does not know us refuses everybody. To call all members rejected for that
    # would be as wrong as it would be final.
    # RFC 4954 section 6: 530 asks for authentication; RFC 5321 section 4.2.1: 5yz is permanent.
    is_about_us = code == 530 or (500 <= code < 600 and b"relay" in said.lower())  # noqa: PLR2004 - as told above
    return sender_refused(code, said) if is_about_us else not_taken(code, said)


def not_taken(code: int, said: bytes) -> Step:
    """Read an answer about one message: 5xx is final, all else may be tried again."""
    note = f"{code} {note_of(said)}"
    if 500 <= code < 600:  # noqa: PLR2004 # RFC 5321 section 4.2.1: permanent
        return Step(Outcome(DeliveryState.REJECTED, note))
    pending = Outcome(DeliveryState.PENDING, note)
    if code == 421 or not 400 <= code < 500:  # noqa: PLR2004 # it hangs up, or is no SMTP server
        return Step(pending, refusal(code, said))
    return Step(pending)


def broke_off_before_the_end(error: Exception) -> Step:
    """Tell what follows from a connection that broke before the final dot."""
    return untried(NotAccepted(f"the connection to the SMTP server broke ({cause_of(error)})"))


def unsure(note: str) -> Step:
    """Tell that the server may have the message."""
    # What stops the batch is that the connection is lost: the rest was surely not sent.
    return Step(Outcome(DeliveryState.UNSURE, note), NotAccepted(note))


def cause_of(error: Exception) -> str:
    """Name what broke; the text of an exception may hold what was being sent."""
    return type(error).__name__
