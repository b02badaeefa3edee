"""What the dry run says of an audience since the last dispatch to the same segments."""

import datetime as dt
from collections.abc import Callable

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.segment import Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.ledger.changes import Changes, changes_since
from newsletter.ledger.consent import leave
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch, last_to_same
from newsletter.ledger.opening import Opening, open_dispatch
from newsletter.ledger.selection import Choice
from newsletter.message.frozen import Context, Document, Frozen, Slot

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LINK = Slot("unsubscribe_url", Context.LINK)
DOCUMENT = Document(
    subject=Frozen(("Hello",)),
    preheader=Frozen(("",)),
    html=Frozen(("<p>", "</p>"), (LINK,)),
    text=Frozen(("", ""), (LINK,)),
)
LIST = "member_id,email\n" + "".join(f"{n},m{n}@example.org\n" for n in range(5))


def chosen(slug: str) -> Choice:
    return Choice(slug=slug, selection=Selection(included=()))


def opened(ledger: Ledger, slug: str, expected: int, **audience: object) -> Dispatch:
    opening = Opening(
        compiled=CompiledIssue(slug=slug, title="Spring", documents={"-": DOCUMENT}),
        envelope={},
        ref=f"{slug:0>16}",
        provider="outbox",
        batch_size=2,
        audience=audience,
        now=NOW,
    )
    return open_dispatch(ledger, opening, chosen(slug), expected=expected)


def changes(ledger: Ledger, since: Dispatch) -> Changes:
    with ledger.read() as connection:
        return changes_since(connection, chosen("summer"), since.id)


def test_nothing_changed_is_said_as_nothing(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    assert changes(ledger, opened(ledger, "spring", 5)) == Changes(joined=0, left={})


def test_who_came_is_counted_and_who_went_has_a_reason(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    spring = opened(ledger, "spring", 5)
    how = Circumstance(source="page", at=NOW)
    leave(ledger, Person("m1@example.org", "1"), how)
    without_two = LIST.replace("2,m2@example.org\n", "").replace("3,m3@", "3,m3 at ")
    listed(without_two + "7,m7@example.org\n7,m7.too@example.org\n4,m4@example.org\n")
    assert changes(ledger, spring) == Changes(
        joined=1,
        left={"suppressed: unsubscribed": 1, "no longer in the list": 1, "malformed address": 1},
    )


def test_the_last_dispatch_to_the_same_segments_is_the_one_compared_with(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    assert last_to_same(ledger, {"segments": []}) is None
    opened(ledger, "spring", 5, segments=["students"])
    whole = opened(ledger, "summer", 5, segments=[])
    opened(ledger, "autumn", 5, segments=["students"])
    found = last_to_same(ledger, {"segments": []})
    assert found is not None
    assert found.id == whole.id
