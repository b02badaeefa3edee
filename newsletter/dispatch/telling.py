"""Telling the log what became of requests: counts, seconds and words of our own."""

from collections.abc import Mapping

from newsletter.errors import NewsletterError
from newsletter.ledger.claiming import Claim
from newsletter.log import What, tell
from newsletter.message.state import DeliveryState


def tell_settled(
    claimed: Claim,
    states: Mapping[DeliveryState, int],
    seconds: float,
    why: NewsletterError | None,
) -> None:
    """Tell how an attempt at a request ended, `seconds` after it was begun."""
    tell(
        What.SETTLED,
        dispatch=claimed.dispatch,
        request=claimed.number,
        attempt=claimed.attempt,
        seconds=round(seconds, 3),
        why=word_for(why),
        **{state.value: count for state, count in states.items()},
    )


def word_for(error: NewsletterError | None) -> str | None:
    """Name the kind of an error; its own words may name a member."""
    return type(error).__name__ if error else None
