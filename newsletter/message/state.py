"""The states of deliveries and requests, and the moves between them: one table, in the ledger too.

A delivery stands as its request stands, unless it has a state of its own. So a request that is
claimed, or accepted as a whole, moves up to a thousand deliveries by one row.
"""

from enum import StrEnum
from itertools import product


class DeliveryState(StrEnum):
    """Where one member's delivery stands."""

    EXCLUDED = "excluded"
    """Listed, but not to be mailed, for a reason that is kept."""
    PENDING = "pending"
    """To be sent; surely not sent so far."""
    SENDING = "sending"
    """A request that carries it was begun; if its worker dies now, nobody knows."""
    ACCEPTED = "accepted"
    """The provider took it."""
    REJECTED = "rejected"
    """The provider will never take it."""
    UNSURE = "unsure"
    """The provider may have it; its events or a person settle that, nothing sends it again."""


class RequestState(StrEnum):
    """Where a request stands, and with it every delivery of it that has no state of its own."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNSURE = "unsure"
    SETTLED = "settled"
    """Every delivery of it has a state of its own."""


OWN_STATES = (
    DeliveryState.EXCLUDED,
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.UNSURE,
)
"""What a delivery may be by itself. Pending and sending it only is with its request: a delivery
that is to be sent without a request that carries it would be sent by nobody."""

_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.EXCLUDED: frozenset(),
    DeliveryState.PENDING: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.EXCLUDED,
            # The provider's events say that it has it after all.
            DeliveryState.ACCEPTED,
        }
    ),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.ACCEPTED,
            DeliveryState.REJECTED,
            DeliveryState.UNSURE,
            # Whoever left between the opening and the claim.
            DeliveryState.EXCLUDED,
        }
    ),
    # A provider that held it threw it away when it was recalled; so below, where it may have it.
    DeliveryState.ACCEPTED: frozenset({DeliveryState.EXCLUDED}),
    DeliveryState.REJECTED: frozenset(),
    DeliveryState.UNSURE: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.REJECTED,
            DeliveryState.PENDING,
            DeliveryState.EXCLUDED,
        }
    ),
}


def may_move(old: DeliveryState, new: DeliveryState) -> bool:
    """Tell whether a delivery may go from `old` to `new`."""
    return new in _MOVES[old]


def delivery_moves() -> tuple[tuple[str, str], ...]:
    """List every move of a delivery, for the ledger to hold us to."""
    return tuple((old.value, new.value) for old in DeliveryState for new in sorted(_MOVES[old]))


def request_moves() -> tuple[tuple[str, str], ...]:
    """List every move of a request: what its deliveries may do, or that none goes by it."""
    among = (
        (old.value, new.value)
        for old, new in product(RequestState, repeat=2)
        if RequestState.SETTLED not in (old, new)
        and may_move(DeliveryState(old.value), DeliveryState(new.value))
    )
    settled = RequestState.SETTLED.value
    out = ((each.value, settled) for each in RequestState if each is not RequestState.SETTLED)
    # Somebody decided that unsure deliveries are to be sent again.
    return (*among, *out, (settled, RequestState.PENDING.value))
