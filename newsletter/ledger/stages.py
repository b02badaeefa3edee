"""How far the deliveries of a dispatch came: one row a delivery, and a count of each stage."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from newsletter.feedback.event import Event, Kind, Reason
from newsletter.feedback.stage import Stage, stage_of
from newsletter.ledger.feedback_tables import feedback_counts, feedback_stages

AT_ONCE = 400
"""Deliveries in one statement: databases take a limited number of values."""


def runs(positions: Iterable[int], length: int = AT_ONCE) -> Iterator[list[int]]:
    """Cut positions, in order and each once, into runs of at most `length`."""
    ordered = sorted(set(positions))
    yield from (ordered[first : first + length] for first in range(0, len(ordered), length))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far the deliveries of a dispatch came, by what providers told."""

    accepted: int = 0
    """Of which anything was told: the provider has them."""
    delivered: int = 0
    """Those who complained got it, too."""
    deferred: int = 0
    bounced_hard: int = 0
    bounced_soft: int = 0
    blocked: int = 0
    dropped: int = 0
    complained: int = 0


def tally(connection: Connection, dispatch: int) -> Tally:
    """Tell how the deliveries of a dispatch fare; it reads a handful of rows, however many."""
    query = select(feedback_counts).where(feedback_counts.c.dispatch == dispatch)
    counts = {Kind(row.kind): row.deliveries for row in connection.execute(query)}
    complained = counts.get(Kind.COMPLAINED, 0)
    return Tally(
        accepted=sum(counts.values()),
        delivered=counts.get(Kind.DELIVERED, 0) + complained,
        deferred=counts.get(Kind.DEFERRED, 0),
        bounced_hard=counts.get(Kind.HARD, 0),
        bounced_soft=counts.get(Kind.SOFT, 0),
        blocked=counts.get(Kind.BLOCKED, 0),
        dropped=counts.get(Kind.DROPPED, 0),
        complained=complained,
    )


def heard_of(
    connection: Connection, dispatch: int, positions: Iterable[int] | None = None
) -> tuple[int, ...]:
    """List the deliveries of which a provider told anything, among `positions` or all."""
    of_dispatch = (
        select(feedback_stages.c.position)
        .where(feedback_stages.c.dispatch == dispatch)
        .order_by(feedback_stages.c.position)
    )
    if positions is None:
        return tuple(connection.scalars(of_dispatch))
    found: list[int] = []
    for some in runs(positions):
        found += connection.scalars(of_dispatch.where(feedback_stages.c.position.in_(some)))
    return tuple(found)


def stages_of(connection: Connection, dispatch: int, positions: Sequence[int]) -> dict[int, Stage]:
    """Tell how far deliveries came, as far as anything was told of them."""
    query = select(feedback_stages).where(
        feedback_stages.c.dispatch == dispatch, feedback_stages.c.position.in_(positions)
    )
    return {
        row.position: Stage(
            kind=Kind(row.kind), moment=row.moment, reason=Reason(row.reason), note=row.note
        )
        for row in connection.execute(query)
    }


def advance(connection: Connection, dispatch: int, new: Mapping[int, Sequence[Event]]) -> None:
    """Move deliveries on to the stages that follow from `new` events, and count them there."""
    before = stages_of(connection, dispatch, list(new))
    after: dict[int, Stage] = {}
    moved: Counter[str] = Counter()
    for position, events in new.items():
        was = before.get(position)
        now = stage_of(events, was)
        if now is None or now == was:
            continue
        after[position] = now
        moved[now.kind.value] += 1
        if was:
            moved[was.kind.value] -= 1
    rows = [
        {
            "in_dispatch": dispatch,
            "at_position": position,
            "kind": stage.kind.value,
            "moment": stage.moment,
            "reason": stage.reason.value,
            "note": stage.note,
        }
        for position, stage in after.items()
    ]
    known = [row for row in rows if row["at_position"] in before]
    if known:
        connection.execute(
            update(feedback_stages).where(
                feedback_stages.c.dispatch == bindparam("in_dispatch"),
                feedback_stages.c.position == bindparam("at_position"),
            ),
            known,
        )
    begun = [row for row in rows if row["at_position"] not in before]
    if begun:
        connection.execute(
            insert(feedback_stages).values(
                dispatch=bindparam("in_dispatch"), position=bindparam("at_position")
            ),
            begun,
        )
    _count(connection, dispatch, moved)


def _count(connection: Connection, dispatch: int, moved: Mapping[str, int]) -> None:
    for kind, by in moved.items():
        if not by:
            continue
        changed = connection.execute(
            update(feedback_counts)
            .where(feedback_counts.c.dispatch == dispatch, feedback_counts.c.kind == kind)
            .values(deliveries=feedback_counts.c.deliveries + by)
        )
        if not changed.rowcount:
            connection.execute(
                insert(feedback_counts).values(dispatch=dispatch, kind=kind, deliveries=by)
            )
