"""Reading what a provider knows of single messages, as evidence for deliveries. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Evidence, Inquiry, Outcome
from newsletter.providers.reply import note_of, reference_of

SKEW = timedelta(minutes=10)
"""Clocks differ. The number of the dispatch is asked for besides, so a wider span of time brings in
nothing foreign."""


def objects_in(found: object) -> Iterator[Mapping[str, object]]:
    """Give the JSON objects of a list, and nothing of whatever else it may be."""
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def by_address(inquiry: Inquiry) -> dict[str, int]:
    """Give the deliveries that are asked for by where they were to go, in small letters."""
    return {address.lower(): delivery for delivery, address in inquiry.addresses.items()}


def by_own_ids(inquiry: Inquiry, ids: object) -> int | None:
    """Read which delivery `ids` are about; None for none of those that are asked for."""
    if not isinstance(ids, dict) or ids.get("nl_dispatch") != inquiry.dispatch:
        return None
    number = str(ids.get("nl_delivery", ""))
    delivery = int(number) if number.isdecimal() else -1
    return delivery if delivery in inquiry.addresses else None


def accepted(delivery: int, reference: object, status: object = "") -> Evidence:
    """Make the evidence that the provider took a delivery; what became of it stands beside."""
    note = note_of(f"found in the provider's log: {status}") if status else ""
    outcome = Outcome(DeliveryState.ACCEPTED, note, reference_of(reference))
    return Evidence(delivery, outcome)
