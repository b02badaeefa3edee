"""Cutting the recipients of a dispatch into requests."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from newsletter.ledger.schema import deliveries, dispatches, requests
from newsletter.message.state import RequestState


def cut_requests(connection: Connection, dispatch: int, batch_size: int) -> int:
    """Cut the recipients into requests, none across two variants; return how many recipients."""
    mine = deliveries.c.dispatch == dispatch
    listed = connection.scalar(select(func.count()).select_from(deliveries).where(mine))
    found = connection.execute(
        select(
            deliveries.c.variant,
            deliveries.c.due,
            func.min(deliveries.c.position),
            func.count(),
        )
        .where(mine, deliveries.c.state.is_(None))
        .group_by(deliveries.c.variant, deliveries.c.due)
        .order_by(func.min(deliveries.c.position))
    )
    runs = [_Run(*row) for row in found]
    rows = [
        {"dispatch": dispatch, "number": number, "state": RequestState.PENDING.value, **piece}
        for number, piece in enumerate(_pieces(runs, batch_size), 1)
    ]
    if rows:
        connection.execute(insert(requests), rows)
    count = sum(run.recipients for run in runs)
    connection.execute(
        update(dispatches)
        .where(dispatches.c.id == dispatch)
        .values(listed=listed, recipients=count)
    )
    return count


class _Run(NamedTuple):
    """Neighbours who get the same document at the same time."""

    variant: str
    due: float | None
    first: int
    recipients: int


def _pieces(runs: Iterable[_Run], batch_size: int) -> Iterator[dict[str, object]]:
    for run in runs:
        for start in range(0, run.recipients, batch_size):
            size = min(batch_size, run.recipients - start)
            yield {
                "variant": run.variant,
                "due": run.due,
                "first": run.first + start,
                "size": size,
                "shared": size,
            }
