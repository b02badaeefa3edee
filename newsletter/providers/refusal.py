"""What no provider can carry, whatever its name: said before anything is sent."""

from collections import Counter
from collections.abc import Iterator

from newsletter.errors import InputError, Rejected
from newsletter.message.batch import Batch, Recipient
from newsletter.message.headers import (
    display_name,
    list_headers,
    opening_headers,
    subject_for,
    unsubscribe_header_for,
)


def refusals_of(batch: Batch, *, holds: bool = False) -> tuple[str, ...]:
    """Say, each as a sentence, what of `batch` cannot be made into messages; empty if nothing.

    `holds` tells that the provider can hold messages until a time.
    """
    return (
        *(() if holds else _about_holding(batch)),
        *_about_envelope(batch),
        *_about_missing_values(batch),
        *_about_duplicates(batch),
        *(said for each in batch.recipients for said in _about_headers(batch, each)),
    )


def refuse_to_hold(batch: Batch) -> None:
    """Refuse what would leave at once, though it is to be held until a time.

    Raises:
        Rejected: this is such a batch.
    """
    for problem in _about_holding(batch):
        raise Rejected(problem)


def _about_holding(batch: Batch) -> Iterator[str]:
    if batch.envelope.send_at is not None:
        yield "This provider cannot hold messages until a time."


def _about_envelope(batch: Batch) -> Iterator[str]:
    for headers in (opening_headers, list_headers):
        try:
            headers(batch.envelope)
        except InputError as error:
            yield f"{error}."


def _about_missing_values(batch: Batch) -> Iterator[str]:
    needed = {slot.name for slot in batch.document.slots if slot.fallback is None}
    needed.add("unsubscribe_url")
    for name in sorted(needed):
        without = [each.delivery for each in batch.recipients if not each.values.get(name)]
        if without:
            yield (
                f"{_members(len(without))} no value for {name!r}, which has no fallback"
                f" (delivery {without[0]} is the first)."
            )


def _members(count: int) -> str:
    return "1 member has" if count == 1 else f"{count} members have"


def _about_duplicates(batch: Batch) -> Iterator[str]:
    addresses = Counter(each.address.key for each in batch.recipients)
    deliveries = Counter(each.delivery for each in batch.recipients)
    twice = sum(count > 1 for count in addresses.values())
    if twice or len(deliveries) < len(batch.recipients):
        yield f"{twice or 'some'} of the addresses would get the message more than once."


def _about_headers(batch: Batch, recipient: Recipient) -> Iterator[str]:
    try:
        # Whatever can be wrong in the headers of a member, without writing them.
        display_name(recipient.name)
        subject_for(batch.document, recipient)
        unsubscribe_header_for(recipient)
    except InputError as error:
        yield f"Delivery {recipient.delivery}: {error}."
    except KeyError:
        return  # said above, once for all members
