"""Any pool and any history of mail: nobody is told twice, and nothing is lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_samples import DOCUMENT, NOW, OPENING
from sqlalchemy import delete, select

from newsletter.announcement.digest import Part
from newsletter.announcement.parse import parse
from newsletter.announcement.source import Source
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment, Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.errors import Location
from newsletter.issue.digestbody import DigestBody, write_body
from newsletter.issue.digestrules import DigestRules, SectionRule
from newsletter.issue.issue import Passage
from newsletter.issue.item import Item
from newsletter.issue.selecting import Entrant, Ground, Reason, Selected
from newsletter.issue.selecting import select as choose
from newsletter.ledger.course import cancel
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.items import count_listed, count_told, told_by
from newsletter.ledger.opening import open_dispatch
from newsletter.ledger.schema import (
    contents,
    decisions,
    deliveries,
    dispatches,
    issues,
    items,
    requests,
)
from newsletter.ledger.selection import Choice
from newsletter.ledger.summary import summarise
from newsletter.message.frozen import Frozen

SLUGS = "abcde"
KINDS = ("x", "y", "z")
LIST = "member_id,email,kind\n" + "".join(
    f"{number},m{number}@example.org,{kind}\n" for number, kind in enumerate(KINDS * 2)
)


def segment(kind: str) -> Segment:
    at = Location("segments.toml", 1, 1)
    rule = f"kind = '{kind}'"
    return Segment(name=kind, title=kind, text=rule, rule=parse_rule(rule, at), at=at)


SEGMENTS = {kind: segment(kind) for kind in KINDS}
RULES = DigestRules(
    name="monthly", title="M", slug="m-%Y-%m", subject="", opening="", folder="", theme="digest",
    topic="", segments=(), button=None, starting=None, has_lead=True,
    sections=(
        SectionRule(name="cards", heading="Cards", part=Part.CARD, takes_others=True, most=2),
        SectionRule(name="brief", heading="Brief", part=Part.ITEMS, takes=("brief",), most=1),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What one announcement of a drawn pool is like."""

    segments: str
    section: str
    priority: int
    is_repeated: bool


kinds = st.builds(
    Kind,
    st.sampled_from(["", "x", "y, z"]),
    st.sampled_from(["news", "brief"]),
    st.integers(1, 3),
    st.sampled_from([False, False, False, True]),
)
own_mail = st.tuples(st.just("own"), st.sampled_from(SLUGS), st.sampled_from(["", *KINDS]))
steps = st.one_of(own_mail, st.just(("digest", "", "")), st.just(("cancelled", "", "")))


def entrant(slug: str, kind: Kind) -> Entrant:
    keys = [f"title: The {slug}", f"section: {kind.section}", f"priority: {kind.priority}"]
    keys += [f"segments: [{kind.segments}]"] if kind.segments else []
    keys += ["repeat: yes"] if kind.is_repeated else []
    text = "\n".join(("---", *keys, "---", f"What {slug} is about.", ""))
    return Entrant(announcement=parse(Source(path=f"{slug}.md", text=text)))


@dataclass
class World:
    """A society with its ledger, and what each member was told, written down beside it."""

    ledger: Ledger
    pool: list[Entrant]
    told: dict[str, set[str]] = field(default_factory=lambda: {slug: set() for slug in SLUGS})
    number: int = 0

    def send_alone(self, slug: str, kind: str) -> None:
        chosen = Selection(included=(SEGMENTS[kind],) if kind else ())
        item = Item(announcement=slug, title=slug)
        self._open(slug, Choice(slug=slug, selection=chosen), (item,), keys=("-",))

    def assemble(self) -> tuple[Selected, Ground]:
        slug = f"m-{self.number}"
        with self.ledger.read() as connection:
            carried = told_by(connection, "monthly", but=slug).carried
            told = count_told(connection, SLUGS, but=slug)
            listed = count_listed(connection)
        ground = Ground(rules=RULES, at=NOW, carried=carried, told=told, listed=listed)
        return choose(self.pool, ground), ground

    def send_digest(self, *, is_cancelled: bool) -> Selected:
        selected, ground = self.assemble()
        self.check_exact(ground)
        named = [*(e.slug for e in selected.placed), *(e.entrant.slug for e in selected.left)]
        assert sorted(named) == sorted(SLUGS), "each is in it or out of it, once"
        if not selected.placed:
            return selected
        body = write_body(selected, digest="monthly", link_of=lambda _placed: "")
        check_body(body)
        keys = ["".join(key) for key in product("01", repeat=len(body.blocks))]
        choice = Choice(
            slug=f"m-{self.number}",
            selection=Selection(included=()),
            blocks=tuple(tuple(SEGMENTS[n] for n in block.segments) for block in body.blocks),
            untold=tuple(block.untold for block in body.blocks),
            is_nothing_without=all(each.flag is not None for each in body.items),
            told=tuple(
                (each.slug, ground.told.get(each.slug, 0))
                for each in selected.placed
                if not each.is_repeated
            ),
        )
        self._open(choice.slug, choice, body.items, keys=tuple(keys) if body.blocks else ("-",),
                   is_cancelled=is_cancelled)  # fmt: skip
        return selected

    def check_exact(self, ground: Ground) -> None:
        known = {slug: len(who) for slug, who in self.told.items() if who}
        assert dict(ground.told) == known

    def _open(
        self, slug: str, choice: Choice, carried: tuple[Item, ...], *, keys: tuple[str, ...],
        is_cancelled: bool = False,
    ) -> None:  # fmt: skip
        self.number += 1
        with self.ledger.read() as connection:
            summary = summarise(connection, choice)
        assert summary.listed == summary.recipients + sum(summary.excluded.values())
        documents = {key: replace(DOCUMENT, text=Frozen((f"{slug} {key}",))) for key in keys}
        compiled = CompiledIssue(slug=slug, title=slug, documents=documents, items=carried)
        opening = replace(OPENING, compiled=compiled, ref=f"{self.number:016}")
        dispatch = open_dispatch(self.ledger, opening, choice, expected=summary.recipients)
        if is_cancelled:
            cancel(self.ledger, dispatch.id, Author("ada", NOW))
            return
        repeated = {each.slug for each in self.pool if each.announcement.pooled.is_repeated}
        query = select(deliveries.c.member_id, deliveries.c.variant).where(
            deliveries.c.dispatch == dispatch.id, deliveries.c.state.is_(None)
        )
        with self.ledger.read() as connection:
            for member, variant in connection.execute(query).all():
                shown = [each for each in carried if each.is_in(variant)]
                assert shown, "nobody gets an empty digest"
                for item in shown:
                    if item.digest and item.announcement not in repeated:
                        assert member not in self.told[item.announcement], "told twice"
                    self.told[item.announcement].add(member)


def check_body(body: DigestBody) -> None:
    """Look at the digest of every variant: what is to be shown is there, once, under a heading."""
    for shown in product((False, True), repeat=len(body.blocks)):
        hidden = {
            number
            for each in body.passages
            if not each.is_in(shown)
            for number in range(each.first, each.last + 1)
        }
        lines = [line.text for n, line in enumerate(body.lines, 1) if n not in hidden]
        text = "\n".join(lines)
        for item in body.items:
            wanted = item.flag is None or shown[item.flag]
            assert text.count(f"The {item.announcement}") == wanted
        assert text.count("\n::: lead") + text.startswith("::: lead") <= 1
        for heading in ("## Cards", "::: items Brief"):
            below = text.partition(heading)[2].strip()
            assert (heading not in text) or below.startswith((":::", "-"))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(
    pool=st.tuples(*(kinds for _ in SLUGS)),
    history=st.lists(steps, max_size=6),
)
def test_nobody_is_told_twice_and_nothing_is_lost(
    pool: tuple[Kind, ...], history: list[tuple[str, str, str]], listed: Callable[[str], Ledger]
) -> None:
    world = World(emptied(listed(LIST)), [entrant(*e) for e in zip(SLUGS, pool, strict=True)])
    for act, slug, kind in history:
        if act == "own":
            world.send_alone(slug, kind)
        else:
            world.send_digest(is_cancelled=act == "cancelled")
    for _issue in SLUGS:
        world.send_digest(is_cancelled=False)
    repeated = {each.slug for each in world.pool if each.announcement.pooled.is_repeated}
    final, _ground = world.assemble()
    # After as many issues as there are announcements each was carried, or everybody knew it;
    # only what is repeated may keep another waiting for ever, and it says so.
    over = {Reason.CARRIED, Reason.TOLD, *([Reason.WAITS] if repeated else [])}
    assert {left.reason for left in final.left} <= over
    if not repeated:
        assert all(
            world.told[slug] >= meant_by(kind) for slug, kind in zip(SLUGS, pool, strict=True)
        )


def emptied(ledger: Ledger) -> Ledger:
    with ledger.write() as connection:
        for table in (deliveries, requests, decisions, dispatches, items, contents, issues):
            connection.execute(delete(table))
    return ledger


def meant_by(kind: Kind) -> set[str]:
    """Name the members that an announcement is for."""
    wanted = kind.segments or KINDS
    return {str(number) for number, each in enumerate(KINDS * 2) if each in wanted}


def test_a_passage_is_shown_where_any_of_its_terms_holds() -> None:
    passage = Passage(1, 1, (frozenset({(0, True), (1, False)}), frozenset({(2, True)})))
    assert passage.is_in((True, False, False))
    assert passage.is_in((False, False, True))
    assert not passage.is_in((True, True, False))
