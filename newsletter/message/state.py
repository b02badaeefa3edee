"""The states of a delivery and the moves between them."""

from enum import StrEnum


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


_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.EXCLUDED: frozenset(),
    DeliveryState.PENDING: frozenset({DeliveryState.SENDING, DeliveryState.EXCLUDED}),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.ACCEPTED,
            DeliveryState.REJECTED,
            DeliveryState.UNSURE,
        }
    ),
    DeliveryState.ACCEPTED: frozenset(),
    DeliveryState.REJECTED: frozenset(),
    DeliveryState.UNSURE: frozenset({DeliveryState.ACCEPTED, DeliveryState.PENDING}),
}


def may_move(old: DeliveryState, new: DeliveryState) -> bool:
    """Tell whether a delivery may go from `old` to `new`."""
    return new in _MOVES[old]
