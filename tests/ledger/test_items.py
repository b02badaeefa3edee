"""What frozen issues carry, and who was told it."""

from collections.abc import Callable
from dataclasses import replace

from ledger_samples import DOCUMENT, NOW, OPENING

from newsletter.address import parse_address
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment, Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.errors import Location
from newsletter.issue.item import Item
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.course import cancel
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.items import Told, count_told, items_of, told, told_by
from newsletter.ledger.opening import open_dispatch, open_proof
from newsletter.ledger.selection import Choice, sample
from newsletter.ledger.settling import settle
from newsletter.ledger.summary import summarise
from newsletter.ledger.unsure import recover
from newsletter.message.batch import Recipient
from newsletter.message.frozen import Document, Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

LIST = """\
member_id,email,membership
1,ann@example.org,student
2,bob@example.org,regular
3,eve@example.org,student
4,dan@example.org,regular
"""
EVERYBODY = Selection(included=())


def segment(name: str, rule: str) -> Segment:
    at = Location("segments.toml", 1, 1)
    return Segment(name=name, title=name, text=rule, rule=parse_rule(rule, at), at=at)


STUDENTS = segment("students", "membership = 'student'")


def document(words: str) -> Document:
    return replace(DOCUMENT, text=Frozen((words,)))


def compiled(slug: str, *carried: Item, keys: tuple[str, ...] = ("-",)) -> CompiledIssue:
    documents = {key: document(f"{slug} {key}") for key in keys}
    return CompiledIssue(slug=slug, title=slug, documents=documents, items=carried)


def sent(
    ledger: Ledger,
    issue: CompiledIssue,
    *,
    to: Selection = EVERYBODY,
    blocks: tuple[tuple[Segment, ...], ...] = (),
) -> Dispatch:
    choice = Choice(slug=issue.slug, selection=to, blocks=blocks)
    with ledger.read() as connection:
        expected = summarise(connection, choice).recipients
    opening = replace(OPENING, compiled=issue, ref=f"{issue.slug:>16}")
    return open_dispatch(ledger, opening, choice, expected=expected)


def ids_told(ledger: Ledger, announcement: str, *, but: str = "digest") -> list[str]:
    with ledger.read() as connection:
        return sorted(row.member_id for row in connection.execute(told(announcement, but=but)))


def counted(ledger: Ledger, *announcements: str) -> dict[str, int]:
    with ledger.read() as connection:
        return dict(count_told(connection, announcements, but="digest"))


def test_an_issue_is_read_back_with_all_that_it_carries(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    grants = Item(
        announcement="grants",
        title="<b>“Grants”</b> 🧬",
        announcement_hash="ab" * 16,
        section="News",
        tags=("grants", "études"),
        digest="monthly",
        flag=0,
    )
    meeting = Item(announcement="meeting", title="Meeting")
    issue = replace(compiled("march", grants, meeting), full={"grants": document("whole")})
    dispatch = sent(ledger, issue)
    first, second = items_of(ledger, dispatch.content_hash)
    assert first.item == grants
    assert first.full == document("whole")
    assert (second.item, second.full) == (meeting, None)


def test_whatever_may_have_reached_somebody_counts_as_told(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    dispatch = sent(ledger, compiled("grants", Item(announcement="grants", title="Grants")))
    assert ids_told(ledger, "grants") == ["1", "2", "3", "4"]
    first = claim(ledger, dispatch.id, 1, Attempt(NOW))
    assert first is not None
    assert ids_told(ledger, "grants") == ["1", "2", "3", "4"]
    settle(ledger, first, (Outcome(DeliveryState.REJECTED), Outcome(DeliveryState.ACCEPTED)))
    claim(ledger, dispatch.id, 2, Attempt(NOW))
    recover(ledger, dispatch.id)
    assert str(balance_of(ledger, dispatch)) == (
        "4 listed = 0 excluded + 1 accepted + 1 rejected + 2 unsure + 0 pending"
    )
    assert ids_told(ledger, "grants") == ["2", "3", "4"]
    assert counted(ledger, "grants", "never") == {"grants": 3}


def test_nobody_was_told_what_was_cancelled_before_it_left(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    dispatch = sent(ledger, compiled("grants", Item(announcement="grants", title="Grants")))
    cancel(ledger, dispatch.id, Author("ada", NOW))
    assert ids_told(ledger, "grants") == []
    assert counted(ledger, "grants") == {}


def test_a_proof_tells_nobody_anything(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    issue = compiled("grants", Item(announcement="grants", title="Grants"))
    choice = Choice(slug="grants", selection=EVERYBODY)
    with ledger.read() as connection:
        chosen = next(iter(sample(connection, choice)))
    recipient = Recipient(delivery=0, address=parse_address(chosen.address), name="", values={})
    open_proof(ledger, replace(OPENING, compiled=issue), "grants", recipient, member_id="1")
    assert counted(ledger, "grants") == {}


def test_the_text_behind_an_excerpt_is_that_of_what_was_sent_and_not_of_a_proof(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    issue = compiled("march", Item(announcement="grants", title="Grants"))
    ann = Recipient(delivery=0, address=parse_address("ann@example.org"), name="", values={})
    for words in ("first", "second"):
        proved = replace(issue, full={"grants": document(words)})
        opening = replace(OPENING, compiled=proved, ref=f"{words:>16}")
        open_proof(ledger, opening, "march", ann, member_id="1")
        assert [each.full for each in items_of(ledger, issue.content_hash)] == [document(words)]
    sent(ledger, replace(issue, full={"grants": document("third")}))
    open_proof(ledger, replace(OPENING, compiled=issue), "march", ann, member_id="1")
    assert [each.full for each in items_of(ledger, issue.content_hash)] == [document("third")]


def test_only_those_whose_variant_showed_it_were_told(listed: Callable[[str], Ledger]) -> None:
    ledger = listed(LIST)
    item = Item(announcement="stipends", title="Stipends", digest="monthly", flag=0)
    sent(ledger, compiled("march", item, keys=("0", "1")), blocks=((STUDENTS,),))
    assert ids_told(ledger, "stipends") == ["1", "3"]
    assert ids_told(ledger, "stipends", but="march") == []


def test_who_was_told_gets_a_digest_without_it_and_nobody_an_empty_one(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    sent(
        ledger,
        compiled("stipends", Item(announcement="stipends", title="Stipends")),
        to=Selection(included=(STUDENTS,)),
    )
    one = Choice(slug="march", selection=EVERYBODY, blocks=((), ()), untold=("stipends", "new"))
    with ledger.read() as connection:
        summary = summarise(connection, one)
    assert summary.by_variant == {"01": 2, "11": 2}
    only = replace(one, blocks=((),), untold=("stipends",), is_nothing_without=True)
    with ledger.read() as connection:
        summary = summarise(connection, only)
    assert summary.by_variant == {"1": 2}
    assert summary.excluded == {"nothing new": 2}
    assert summary.listed == summary.recipients + sum(summary.excluded.values())


def test_an_issue_that_went_out_is_done_with_what_it_carried_and_a_cancelled_one_is_not(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    first = Item(announcement="first", title="First", digest="monthly")
    second = replace(first, announcement="second")
    sent(ledger, compiled("march", first))
    april = sent(ledger, compiled("april", second))
    with ledger.read() as connection:
        before = told_by(connection, "monthly", but="may")
        assert before.carried == {"first": "march", "second": "april"}
        assert (before.last, before.last_at) == ("april", NOW)
        assert told_by(connection, "monthly", but="april").carried == {"first": "march"}
        assert told_by(connection, "weekly", but="may") == Told(carried={})
    cancel(ledger, april.id, Author("ada", NOW))
    with ledger.read() as connection:
        before = told_by(connection, "monthly", but="may")
    assert before.carried == {"first": "march"}
    assert before.last == "march", "one that nobody got was none"
