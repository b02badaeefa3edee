"""Audience: segments with their counts, a builder of rules, and the balance of the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from newsletter.audience.column import ColumnType
from newsletter.audience.rulerows import OPERATORS, Join, Row, rows_of, rule_text
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment, Selection, check_segments, on_date, reached
from newsletter.audience.segment import resolve as look_up
from newsletter.dispatch.plan import audience
from newsletter.errors import InputError, InputErrors, Location, NewsletterError
from newsletter.ledger.changes import Changes, changes_since
from newsletter.ledger.dispatches import Dispatch, last_to_same
from newsletter.ledger.listed import Listed, count_members, sample_of, sample_values
from newsletter.ledger.roles import Right
from newsletter.ledger.selection import Choice
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.workspace.segments import save_segment
from newsletter.workspace.workspace import Workspace

_SAMPLE = 8
_MOST_ROWS = 12
_VALUES = 12
"""Of a column, as suggestions."""
_SHOWN_COLUMNS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A segment while it is built."""

    name: str = ""
    title: str = ""
    rule: str = ""
    rows: tuple[Row, ...] = ()
    join: Join = "AND"
    is_text: bool = False
    """It is written as text, not in rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule finds today."""

    problem: str = ""
    hint: str = ""
    count: int = 0
    sample: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Who of the list an issue to some segments would reach, and what changed."""

    listed: int = 0
    recipients: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    last: Dispatch | None = None
    """The last dispatch to the same."""
    changes: Changes | None = None


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = Audience(desk)
    return (
        page("/audience", pages.show),
        page("/audience/new", pages.build, Right.WRITE),
        page("/audience/segment", pages.segment),
        page("/audience/edit", pages.build, Right.WRITE),
        button("/audience/save", pages.save, Right.WRITE),
    )


@dataclass(frozen=True, slots=True)
class Audience:
    """Answers for the list and its segments."""

    desk: Desk

    def show(self, asked: Asked) -> Answer:
        """Show every segment with its count today, and the balance of the whole list."""
        opened = self.desk.open()
        members = opened.members()
        segments, problem = _segments(opened)
        counts = {name: count_members(opened.ledger, each) for name, each in segments.items()}
        return self.desk.page(
            asked,
            "audience.html.j2",
            live=True,
            members=members,
            segments=segments,
            counts=counts,
            problem=problem,
            balance=_balance(opened, ()),
        )

    def segment(self, asked: Asked) -> Answer:
        """Show one segment: who is in it, whom an issue to it would reach, what changed."""
        opened = self.desk.open()
        members = opened.members()
        segments, problem = _segments(opened)
        found = segments.get(asked.ask("name"))
        if found is None:
            text = problem or "Perhaps it was renamed. The list of segments shows what is there."
            return self.desk.problem(asked, "There is no such segment", text, HTTPStatus.NOT_FOUND)
        return self.desk.page(
            asked,
            "segment.html.j2",
            live=True,
            segment=found,
            count=count_members(opened.ledger, found),
            sample=sample_of(opened.ledger, found, _SAMPLE),
            columns=_columns(members.columns, found.text),
            balance=_balance(opened, (found,)),
        )

    def build(self, asked: Asked) -> Answer:
        """Show the form of a segment, with whom it finds."""
        return self._form(asked, _draft(self.desk.open(), asked))

    def save(self, asked: Asked) -> Answer:
        """Write a segment into the file of segments."""
        opened = self.desk.open()
        draft = Draft(
            name=asked.one("name").strip(),
            title=asked.one("title").strip(),
            rule=asked.one("rule").strip(),
            is_text=True,
        )
        trial = _try(opened, draft.rule)
        if trial.problem:
            return self._form(asked, draft, error=trial.problem)
        try:
            save_segment(
                opened, draft.name, draft.title, draft.rule, is_new=asked.one("new") == "1"
            )
        except NewsletterError as problem:
            return self._form(asked, draft, error=f"{problem}. {problem.hint}".rstrip(". "))
        self.desk.note(asked, "saved segment", draft.name, draft.rule)
        return go_to(f"/audience/segment?name={draft.name}", f"{draft.title or draft.name}: saved.")

    def _form(self, asked: Asked, draft: Draft, error: str = "") -> Answer:
        opened = self.desk.open()
        columns = opened.members().columns
        values = {
            row.column: sample_values(opened.ledger, row.column, _VALUES)
            for row in draft.rows
            if row.column in columns
        }
        return self.desk.page(
            asked,
            "segment_edit.html.j2",
            status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
            draft=draft,
            is_new=not asked.path.endswith("/edit") and asked.one("new") != "0",
            columns=columns,
            operators=OPERATORS,
            values=values,
            trial=_try(opened, draft.rule) if draft.rule else None,
            shown=_columns(columns, draft.rule),
            error=error,
        )


def _segments(opened: Workspace) -> tuple[dict[str, Segment], str]:
    """Read the segments; what is wrong with their file is told in words."""
    try:
        found = opened.segments()
        check_segments(found.values(), opened.members().columns)
    except InputErrors as problems:
        return {}, "\n".join(str(each) for each in problems.errors)
    return found, ""


def _balance(opened: Workspace, segments: tuple[Segment, ...]) -> Balance:
    choice = Choice(slug="", again=True, selection=Selection(included=segments))
    summary = audience(opened.ledger, choice)
    wanted = {"segments": [each.name for each in segments], "exclude": []}
    last = last_to_same(opened.ledger, wanted)
    changes = None
    if last is not None:
        with opened.ledger.read() as connection:
            changes = changes_since(connection, choice, last.id)
    return Balance(
        listed=summary.listed,
        recipients=summary.recipients,
        excluded=summary.excluded,
        last=last,
        changes=changes,
    )


def _draft(opened: Workspace, asked: Asked) -> Draft:
    """Read what the form says so far; of a segment that is opened, what its file says."""
    if "rule" not in asked.query and "column" not in asked.query:
        return _opened(opened, asked.ask("name"))
    rows = tuple(
        Row(column=column, operator=operator, value=value)
        for column, operator, value in zip(
            asked.query.get("column", ()),
            asked.query.get("operator", ()),
            _padded(asked.query.get("value", ()), asked.query.get("column", ())),
            strict=False,
        )
    )[:_MOST_ROWS]
    is_text = asked.ask("as") == "text"
    join: Join = "OR" if asked.ask("join") == "OR" else "AND"
    columns = opened.members().columns
    return Draft(
        name=asked.ask("name").strip(),
        title=asked.ask("title").strip(),
        rule=asked.ask("rule").strip() if is_text else rule_text(rows, join, columns),
        rows=(*rows, *([Row(column="", operator="=")] if asked.ask("more") else [])),
        join=join,
        is_text=is_text,
    )


def _padded(values: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
    return (*values, *([""] * (len(columns) - len(values))))


def _opened(opened: Workspace, name: str) -> Draft:
    found = _segments(opened)[0].get(name)
    if found is None:
        return Draft(rows=(Row(column="", operator="="),))
    as_rows = rows_of(parse_rule(found.text, found.at))
    return Draft(
        name=found.name,
        title=found.title,
        rule=found.text,
        rows=as_rows[0] if as_rows else (),
        join=as_rows[1] if as_rows else "AND",
        is_text=as_rows is None,
    )


def _try(opened: Workspace, text: str) -> Trial:
    """Ask the list whom a rule finds."""
    at = Location("rule", None, 1)
    columns = opened.members().columns
    known = _segments(opened)[0]
    try:
        draft = Segment(name="", title="", text=text, rule=parse_rule(text, at), at=at)
        topics = [each.name for each in opened.settings.topics]
        found = look_up({**known, "": draft}, topics)
        found = on_date(found, opened.clock.now().date())
        check_segments(reached(found, [""]), columns)
    except InputErrors as problems:
        first = problems.errors[0]
        return Trial(problem=first.problem, hint=first.hint)
    except InputError as problem:
        return Trial(problem=problem.problem, hint=problem.hint)
    segment = found[""]
    return Trial(
        count=count_members(opened.ledger, segment),
        sample=sample_of(opened.ledger, segment, _SAMPLE),
    )


def _columns(columns: Mapping[str, ColumnType], rule: str) -> list[Any]:
    """Choose the columns that a sample shows: those of the rule first."""
    named = [name for name in columns if name in rule.casefold()]
    others = [name for name in columns if name not in named and name not in _OWN]
    return (named + others)[:_SHOWN_COLUMNS]


_OWN = frozenset({"member_id", "email", "first_name", "last_name"})
"""Columns that a sample shows in any case."""
