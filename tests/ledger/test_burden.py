"""How many emails each member gets in a week, from all dispatches together."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from newsletter.ledger.burden import burden_of
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import contents, deliveries, dispatches, issues

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WEEK = timedelta(days=7)


def dispatch(ledger: Ledger, number: int, at: datetime, people: dict[str, str | None]) -> None:
    """Write a dispatch to people, each with a state of their own or None."""
    with ledger.write() as connection:
        connection.execute(insert(issues).values(id=number, slug=f"issue-{number}"))
        values = {"content_hash": str(number), "title": "T", "documents": b""}
        connection.execute(insert(contents).values(values))
        connection.execute(
            insert(dispatches).values(
                id=number,
                ref=str(number),
                issue=number,
                kind="issue",
                copy=0,
                content_hash=str(number),
                envelope={},
                provider="outbox",
                audience={},
                opened=at.isoformat(timespec="seconds"),
                listed=len(people),
                recipients=len(people),
            )
        )
        for position, (name, state) in enumerate(people.items()):
            connection.execute(
                insert(deliveries).values(
                    dispatch=number,
                    position=position,
                    issue=number,
                    copy=0,
                    member_id=name,
                    address=f"{name}@example.org",
                    address_key=f"{name}@example.org",
                    name=name.title(),
                    slot_values={},
                    state=state,
                    reason="paused" if state == "excluded" else None,
                )
            )


def test_whoever_gets_several_in_a_week_is_found(ledger: Ledger) -> None:
    dispatch(ledger, 1, MONDAY, {"ann": None, "bo": "accepted", "cy": "excluded"})
    dispatch(ledger, 2, MONDAY + WEEK - timedelta(seconds=1), {"ann": "unsure", "cy": "accepted"})
    dispatch(ledger, 3, MONDAY + timedelta(days=2), {"ann": None, "bo": "rejected", "cy": None})
    dispatch(ledger, 4, MONDAY + WEEK, {"ann": None, "bo": None})
    dispatch(ledger, 5, MONDAY - timedelta(seconds=1), {"ann": None, "bo": None})
    found = burden_of(ledger, MONDAY, MONDAY + WEEK)
    assert found.members == {1: 1, 2: 1, 3: 1}
    assert [(each.name, each.emails) for each in found.most] == [("Ann", 3), ("Cy", 2)]
    assert burden_of(ledger, MONDAY - 9 * WEEK, MONDAY - 8 * WEEK).members == {}
