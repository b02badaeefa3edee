"""What the ledger says beside what the carrier saw, delivery by delivery.

    accepted                      the carrier took it, exactly once
    pending, rejected, excluded   the carrier never took it
    unsure                        the carrier took it at most once, and nobody here could know

What a person has decided to send again may have been taken once more than that; once the carrier
has told all that it knows, nothing that it took is unsure any more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journal import Seen
from sqlalchemy import delete, select, update

from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.schema import deliveries, requests, turns
from newsletter.ledger.states import is_in, standing_of

_ON_THE_WAY = 1.0
"""Seconds from an attempt's being committed until its request is at the carrier, at most."""
_UNTOUCHED = ("pending", "rejected", "excluded")


@dataclass(frozen=True, slots=True)
class Record:
    """The ledger, opened for as long as it takes to look."""

    where: Path | str

    def standings(self) -> dict[int, str]:
        """Tell how each delivery stands."""
        query = select(deliveries.c.position, standing_of())
        return {int(position): str(state) for position, state in self._rows(query)}

    def under_way(self) -> frozenset[int]:
        """List the deliveries that an attempt was committed for and no outcome."""
        query = select(deliveries.c.position).where(
            is_in(), requests.c.state == "sending", deliveries.c.state.is_(None)
        )
        return frozenset(int(position) for (position,) in self._rows(query))

    def in_doubt_unseen(self, seen: Seen) -> frozenset[int]:
        """List the deliveries of requests that the carrier cannot have known by delivery.

        They were broken off, or on their way while it was away.
        """
        rows = self._rows(
            select(deliveries.c.position, requests.c.number, requests.c.begun).where(is_in())
        )
        broken_off = {number for at, number, _ in rows if at in seen.cut}
        windows = [(began - _ON_THE_WAY, ended) for began, ended in seen.away]
        return frozenset(
            int(str(at))
            for at, number, begun in rows
            if number in broken_off
            or (begun and any(a <= _seconds(str(begun)) <= b for a, b in windows))
        )

    def is_pending(self) -> bool:
        """Tell whether something is still to be sent."""
        left = requests.c.state.in_(["pending", "sending"])
        return bool(self._rows(select(requests.c.number).where(left).limit(1)))

    def waiting(self) -> list[tuple[str, str]]:
        """List some who are not reached yet: address and member."""
        query = (
            select(deliveries.c.address_key, deliveries.c.member_id)
            .where(is_in(), requests.c.state == "pending", deliveries.c.state.is_(None))
            .limit(500)
        )
        return [(str(key), str(own)) for key, own in self._rows(query)]

    def let_time_pass(self) -> None:
        """Let the ledger believe that much time passed since somebody died.

        Leases are over, and the carrier, which asks for a slower pace without a reason, is asked
        at the full one again.
        """
        ledger = open_ledger(self.where)
        try:
            with ledger.write() as connection:
                connection.execute(delete(turns))
                begun = requests.c.lease.is_not(None)
                connection.execute(update(requests).where(begun).values(lease=1.0))
        finally:
            ledger.close()

    def _rows(self, query: object) -> list[tuple[object, ...]]:
        ledger: Ledger = open_ledger(self.where)
        try:
            with ledger.read() as connection:
                return [tuple(row) for row in connection.execute(query)]  # type: ignore[call-overload] # any select
        finally:
            ledger.close()


def _seconds(begun: str) -> float:
    return datetime.fromisoformat(begun).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that is held against each other."""

    listed: int
    standings: Mapping[int, str]
    seen: Seen
    explained: frozenset[int]
    """Deliveries that may rightly be unsure: in doubt by the carrier, or under way at a death."""
    decided: frozenset[int] = frozenset()
    """Deliveries that a person decided to send again."""
    is_told: bool = False
    """Whether the carrier has told of everything that it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a case was found."""

    states: Mapping[str, int]
    lost: int
    """Accepted, and the carrier never saw it."""
    twice: int
    unsure_and_taken: int
    problems: tuple[str, ...]


def judge(case: Case) -> Verdict:
    """Compare delivery by delivery."""
    taken = case.seen.taken
    problems = list(_problems(case))
    if len(case.standings) != case.listed:
        problems.append(f"{len(case.standings)} deliveries, not {case.listed}")
    problems += [f"the carrier took {at}, which nobody has" for at in taken.keys() - case.standings]
    states = Counter(case.standings.values())
    return Verdict(
        states=states,
        lost=sum(s == "accepted" and not taken[at] for at, s in case.standings.items()),
        twice=sum(count > 1 + (at in case.decided) for at, count in taken.items()),
        unsure_and_taken=sum(s == "unsure" and taken[at] > 0 for at, s in case.standings.items()),
        problems=tuple(problems),
    )


def _problems(case: Case) -> Iterator[str]:
    for at, state in case.standings.items():
        count, again = case.seen.taken[at], at in case.decided
        most = (0 if state in _UNTOUCHED else 1) + again
        least = 1 if state == "accepted" else 0
        if not least <= count <= most:
            yield f"delivery {at} is {state}, and the carrier took it {count} times"
        if state == "unsure" and case.is_told and count:
            yield f"delivery {at} is unsure, and the carrier told that it took it"
        if state == "sending":
            yield f"delivery {at} is still under way"
        if state == "unsure" and at not in case.explained:
            yield f"delivery {at} is unsure, and there was no reason for it"
