"""The carrier's events, as SendGrid posts them: several copies of each, in any order."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from journal import Seen
from sqlalchemy import select

from newsletter.feedback.policy import Policy
from newsletter.feedback.sendgrid import read
from newsletter.ledger.database import open_ledger
from newsletter.ledger.feedback import settle_by_events, take_in
from newsletter.ledger.schema import dispatches

_AT_ONCE = 1_000
_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_MOST_COPIES = 2
"""SendGrid users report three on average, and up to 46."""


def tell(where: Path | str, seen: Seen, chance: Random, *, share: float = 1.0) -> int:
    """Post events of what the carrier took, or of a share of it; give how many it settled."""
    ledger = open_ledger(where)
    try:
        with ledger.read() as connection:
            dispatch, ref = connection.execute(select(dispatches.c.id, dispatches.c.ref)).one()
        settled = 0
        for body in _bodies(ref, seen, chance, share):
            told = read(body).events
            done = take_in(ledger, told, source="sendgrid", policy=Policy(), now=_NOW)
            settled += done.settled
        return settled + settle_by_events(ledger, dispatch)
    finally:
        ledger.close()


def _bodies(ref: str, seen: Seen, chance: Random, share: float) -> Iterator[bytes]:
    events = [
        {
            "event": kind,
            "timestamp": int(_NOW.timestamp()) + position % 100,
            "nl_dispatch": ref,
            "nl_delivery": str(position),
            "sg_message_id": "here.filter0001",
            "sg_event_id": f"{chance.random()}",  # differs between copies, as it has for others
        }
        for position in sorted(seen.taken)
        if chance.random() < share
        for kind in ("processed", *(["delivered"] * (position % 5 == 0)))
        for _copy in range(chance.randint(1, _MOST_COPIES))
    ]
    chance.shuffle(events)
    for start in range(0, len(events), _AT_ONCE):
        yield json.dumps(events[start : start + _AT_ONCE]).encode()
