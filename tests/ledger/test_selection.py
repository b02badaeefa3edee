import datetime as dt
import json
from collections.abc import Callable
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.rule import (
    All,
    Among,
    Any,
    Comparison,
    Contains,
    InSegment,
    IsEmpty,
    Not,
    Rule,
    Value,
    Wants,
)
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment, Selection
from newsletter.errors import Location
from newsletter.ledger.consent import choose_topics
from newsletter.ledger.database import Ledger
from newsletter.ledger.listed import count_members
from newsletter.ledger.members import known_list
from newsletter.ledger.selection import Choice, Chosen, recipients
from newsletter.ledger.summary import AudienceSummary, summarise
from newsletter.ledger.suppressions import suppress

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LIST = """\
member_id,email,first_name,membership,country,years,joined
1,ann@example.org,Ann,student,US,1,2025-01-05
2,bob@example.org,,regular,CA,12,2010-06-01
3,ANN@example.org,Ann B,regular,US,3,2020-01-01
4,not-an-address,Dan,student,US,2,2024-01-01
5,eve@example.org,Eve,student,,2,2024-02-29
5,eve.work@example.org,Eve,student,FR,2,2024-02-29
"""


def segment(name: str, rule: str | Rule) -> Segment:
    at = Location("segments.toml", 1, 1)
    tree = parse_rule(rule, at) if isinstance(rule, str) else rule
    return Segment(name=name, title=name, text=str(rule), rule=tree, at=at)


def choose(ledger: Ledger, choice: Choice) -> tuple[AudienceSummary, list[Chosen]]:
    with ledger.read() as connection:
        return summarise(connection, choice), list(recipients(connection, choice))


def test_everybody_listed_is_a_recipient_or_excluded_for_one_reason(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    suppress(ledger, Person("bob@example.org"), SuppressionReason.COMPLAINT, source="test", now=NOW)
    summary, chosen = choose(ledger, Choice(slug="x", selection=Selection(included=())))
    assert summary.listed == 6
    assert summary.excluded == {
        "malformed address": 1,
        "suppressed: complaint": 1,
        "duplicate": 2,
    }
    assert [each.line for each in chosen] == [2, 6]
    assert summary.listed == summary.recipients + sum(summary.excluded.values())


def test_a_duplicate_outside_the_segment_does_not_cost_the_other_row_its_email(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    regular = segment("regular", "membership = 'regular'")
    summary, chosen = choose(ledger, Choice(slug="x", selection=Selection(included=(regular,))))
    assert [each.member_id for each in chosen] == ["2", "3"]
    assert summary.excluded == {"malformed address": 1, "not in a chosen segment": 3}


def test_a_member_of_two_segments_gets_one_email_and_counts_in_both(
    listed: Callable[[str], Ledger],
) -> None:
    students = segment("students", "membership = 'student'")
    american = segment("american", "country IN ('US', 'CA')")
    summary, chosen = choose(
        listed(LIST),
        Choice(slug="x", selection=Selection(included=(students, american))),
    )
    assert [each.member_id for each in chosen] == ["1", "2", "5"]
    assert summary.by_segment == {"students": 2, "american": 2}


def test_an_excluded_segment_wins_over_a_chosen_one(listed: Callable[[str], Ledger]) -> None:
    selection = Selection(
        included=(segment("students", "membership = 'student'"),),
        excluded=(segment("french", "country = 'FR'"),),
    )
    summary, chosen = choose(listed(LIST), Choice(slug="x", selection=selection))
    assert [each.address for each in chosen] == ["ann@example.org", "eve@example.org"]
    assert summary.excluded["in an excluded segment"] == 1


def test_variants_follow_the_segments_of_the_blocks(listed: Callable[[str], Ledger]) -> None:
    blocks = (
        (segment("students", "membership = 'student'"),),
        (segment("old", "years > 10"), segment("american", "country = 'US'")),
    )
    summary, chosen = choose(
        listed(LIST), Choice(slug="x", selection=Selection(included=()), blocks=blocks)
    )
    assert summary.by_variant == {"01": 1, "10": 1, "11": 1}
    assert [each.variant for each in chosen] == ["01", "10", "11"]


def test_only_the_values_of_the_slots_travel_with_a_recipient(
    listed: Callable[[str], Ledger],
) -> None:
    _summary, chosen = choose(
        listed(LIST),
        Choice(slug="x", selection=Selection(included=()), slots=("first_name",)),
    )
    assert [dict(each.values) for each in chosen] == [
        {"first_name": "Ann"}, {"first_name": ""}, {"first_name": "Eve"},
    ]  # fmt: skip


def test_values_that_look_like_markup_or_code_come_through_untouched(
    listed: Callable[[str], Ledger],
) -> None:
    names = ["<b>Bobby</b>", "{{ 7*7 }}", 'O\'Neil "Q"', "🧬", "עִבְרִית", "'; DROP TABLE members;--"]
    quoted = "\n".join(
        f'm{i}@example.org,"{n.replace(chr(34), chr(34) * 2)}"' for i, n in enumerate(names)
    )
    _summary, chosen = choose(
        listed("email,first_name\n" + quoted + "\n"),
        Choice(slug="x", selection=Selection(included=()), slots=("first_name",)),
    )
    assert [each.values["first_name"] for each in chosen] == names


ROWS = [
    {"kind": kind, "note": note, "years": years, "joined": joined}
    for kind in ("a", "B", "")
    for note, years, joined in [
        ("x'y", "1", "2024-01-31"),
        ("50% off_", "10.5", ""),
        ("", "", "2025-02-01"),
        ("Straße", "-3", "2023-12-31"),
    ]
]

claims = st.one_of(
    st.builds(
        Comparison,
        st.sampled_from(["kind", "note"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["a", "B", "x'y", "", "z", "50% off_"]),
        st.just(0),
    ),
    st.builds(
        Comparison,
        st.just("years"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([1.0, 10.5, 0.0, -3.0]),
        st.just(0),
    ),
    st.builds(
        Comparison,
        st.just("joined"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([dt.date(2024, 1, 31), dt.date(2025, 1, 1)]),
        st.just(0),
    ),
    st.builds(Among, st.just("kind"), st.just(("a", "B")), st.just(0)),
    st.builds(Contains, st.just("note"), st.sampled_from(["X", "%", "_", "off"]), st.just(0)),
    st.builds(IsEmpty, st.sampled_from(["kind", "years", "joined"]), st.just(0)),
    st.builds(Wants, st.sampled_from(["jobs", "events"]), st.just(0)),
    st.just(InSegment("a", 0, IsEmpty("kind", 0))),
)
rules = st.recursive(
    claims,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.tuples(inner, inner)),
        st.builds(Any, st.tuples(inner, inner)),
    ),
    max_leaves=6,
)


def holds(rule: Rule, row: dict[str, str]) -> bool:  # noqa: C901, PLR0911 - one line a node
    """Say in Python what the rule means; the database has to agree."""
    match rule:
        case Not(claim):
            return not holds(claim, row)
        case All(parts):
            return all(holds(part, row) for part in parts)
        case Any(parts):
            return any(holds(part, row) for part in parts)
        case InSegment():
            return row["kind"] == ""
        case Wants(topic):
            return not (topic == "jobs" and row is ROWS[0])
        case IsEmpty(column):
            return row[column] == ""
        case Contains(column, text):
            return text.lower() in row[column].lower()
        case Among(column, values):
            return row[column] != "" and row[column] in values
        case Comparison(column, operator, value):
            return compare(row[column], operator, value)


def compare(held: str, operator: str, value: Value) -> bool:
    if operator == "!=":
        return not compare(held, "=", value)
    if held == "":
        return False
    left, right = (float(held), value) if isinstance(value, float) else (held, str(value))
    table = {"=": left == right, "<": left < right, ">": left > right}  # type: ignore[operator]  # both are of one type
    return table.get(operator[0], False) or (operator.endswith("=") and left == right)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(rule=rules)
def test_the_database_and_the_meaning_of_a_rule_agree(
    rule: Rule, listed: Callable[[str], Ledger]
) -> None:
    lines = [
        f'{i}@example.org,{r["kind"]},"{r["note"]}",{r["years"]},{r["joined"]}'
        for i, r in enumerate(ROWS)
    ]
    ledger = listed("email,kind,note,years,joined\n" + "\n".join(lines) + "\n")
    leaver = Person("0@example.org")
    how = Circumstance(source="page", at=NOW)
    choose_topics(ledger, leaver, known=("jobs", "events"), wanted=("events",), how=how)
    expected = sum(holds(rule, row) for row in ROWS)
    assert count_members(ledger, segment("any", rule)) == expected


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcd.")), min_size=1, max_size=12),
    include=st.booleans(),
)
def test_for_any_list_the_sum_balances_and_no_address_or_member_appears_twice(
    rows: list[tuple[int, str]],
    include: bool,
    listed: Callable[[str], Ledger],
) -> None:
    lines = [f"{member},{name}@example.org" for member, name in rows]
    ledger = listed("member_id,email\n" + "\n".join(lines) + "\n")
    included = (segment("low", "member_id < 3"),) if include else ()
    known = known_list(ledger)
    assert known is not None
    summary, chosen = choose(ledger, Choice(slug="x", selection=Selection(included=included)))
    assert summary.listed == len(rows) == known.rows
    assert summary.listed == summary.recipients + sum(summary.excluded.values())
    assert len({each.address.lower() for each in chosen}) == len(chosen)
    assert len({each.member_id for each in chosen}) == len(chosen)
    reachable = {name for member, name in rows if not include or member < 3} - {"."}
    assert bool(chosen) == bool(reachable)
    assert all(a.line < b.line for a, b in pairwise(chosen))
    assert json.dumps(summary.by_variant)
