"""How a delivery stands: by itself, or as the request that carries it."""

from sqlalchemy import ColumnElement, Connection, case, func, select, update
from sqlalchemy.sql.expression import FromClause

from newsletter.ledger.schema import deliveries, requests
from newsletter.message.state import RequestState


def standing_of(rows: FromClause = deliveries) -> ColumnElement[str]:
    """Give the state of each of `rows`, which are deliveries."""
    return func.coalesce(rows.c.state, _of_request(rows, requests.c.state))


def reference_of(rows: FromClause = deliveries) -> ColumnElement[str]:
    """Give the provider's own id of the message, or of the request that carried it."""
    return _own_or_shared(rows, rows.c.reference, requests.c.reference)


def note_of(rows: FromClause = deliveries) -> ColumnElement[str]:
    """Give what was said about a delivery, or about the request that it stands as."""
    return _own_or_shared(rows, rows.c.note, requests.c.note)


def is_carried(dispatch: int, first: int, size: int) -> ColumnElement[bool]:
    """Tell whether a delivery is in a run of positions."""
    last = first + size - 1
    return (deliveries.c.dispatch == dispatch) & deliveries.c.position.between(first, last)


def is_in(rows: FromClause = deliveries, of: FromClause = requests) -> ColumnElement[bool]:
    """Tell whether a delivery is one that the request carries."""
    last = of.c.first + of.c.size - 1
    return (rows.c.dispatch == of.c.dispatch) & rows.c.position.between(of.c.first, last)


def lock(connection: Connection, *of: ColumnElement[bool]) -> None:
    """Keep requests from being claimed or settled by others until the transaction ends.

    Whoever changes deliveries locks their request first: so a claim never carries a delivery that
    somebody excludes, or accepts, at the same time. SQLite lets one write at a time anyway.
    """
    connection.execute(
        select(requests.c.number).where(*of).order_by(requests.c.number).with_for_update()
    )


def recount(connection: Connection, *of: ColumnElement[bool]) -> None:
    """Count anew who stands as each of these requests; one that nobody stands as is settled."""
    sharing = (
        select(func.count())
        .select_from(deliveries)
        .where(is_in(), deliveries.c.state.is_(None))
        .correlate(requests)
        .scalar_subquery()
    )
    connection.execute(
        update(requests)
        .where(*of)
        .values(
            shared=sharing,
            state=case((sharing == 0, RequestState.SETTLED.value), else_=requests.c.state),
        )
    )


def _own_or_shared(
    rows: FromClause, own: ColumnElement[str], shared: ColumnElement[str]
) -> ColumnElement[str]:
    found = func.coalesce(func.nullif(own, ""), _of_request(rows, shared), "")
    return case((rows.c.state.is_(None), found), else_=own)


def _of_request(rows: FromClause, column: ColumnElement[str]) -> ColumnElement[str]:
    """Find the request of a delivery by the index of first positions: a step down, no walk."""
    return (
        select(column)
        .where(requests.c.dispatch == rows.c.dispatch, requests.c.first <= rows.c.position)
        .order_by(requests.c.first.desc())
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )
