"""Bounces in words of their own, as some 44 of 100 are: the door to flufl.bounce."""

import logging
from email.message import Message


def failures(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell which addresses failed for now and which for ever, as far as their servers say so.

    Both are in order and as addresses are compared; empty where nobody can tell.
    """
    from flufl.bounce import all_failures

    # It logs each of its detectors by name, and addresses where one breaks.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - sixty detectors by many hands; a fault of one decides nothing
        return (), ()
    return _keys(temporary), _keys(permanent)


def _keys(addresses: frozenset[bytes]) -> tuple[str, ...]:
    found = (address.decode("ascii", "replace").strip("<> ").lower() for address in addresses)
    return tuple(sorted({address for address in found if "@" in address}))
