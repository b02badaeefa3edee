"""Making the sheet of the preview from a workspace."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from newsletter.announcement.files import read_source
from newsletter.check.size import check_size
from newsletter.dispatch.plan import Plan, audience
from newsletter.errors import InputError, InputErrors, LedgerError
from newsletter.finding import Finding, error, from_error
from newsletter.issue.assemble import BUILT_IN_SLOTS
from newsletter.issue.issue import SlotUse
from newsletter.ledger.database import Ledger
from newsletter.ledger.members import known_list
from newsletter.ledger.selection import Choice, Chosen, find, recipients, sample, search
from newsletter.ledger.summary import AudienceSummary
from newsletter.message.frozen import Document
from newsletter.message.headers import message_for
from newsletter.web.sheet import Reach, Sample, Sheet
from newsletter.web.sources import Sources
from newsletter.web.weighing import Weighed, heaviest_html
from newsletter.workspace.prepare import prepare
from newsletter.workspace.settings import read_settings
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import Workspace

_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".docx"})
"""Of announcements."""

Needs = tuple[tuple[str, tuple[str, ...]], ...]
"""By variant: the slots that have no fallback."""
_SUGGESTED = 8
"""Members, at most, while somebody is typing a name."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What a list and a choice say; kept, because a body is changed more often than they are."""

    summary: AudienceSummary
    samples: tuple[Chosen, ...]
    found: dict[str, Chosen | None] = field(default_factory=dict)
    """Who was asked for by id or address."""
    lacking: dict[Needs, Mapping[str, int]] = field(default_factory=dict)
    """How many recipients have no value for a slot."""
    own: Weighed = field(default_factory=dict)
    """By variant: the most bytes that the slots of one recipient have."""


class Previewing:
    """Makes sheets, one at a time, from the files as they are."""

    def __init__(self, workspace: Workspace, task: Task) -> None:
        """Preview what `task` asks for."""
        self._workspace = workspace
        self._task = replace(task, again=True)
        self._groups: dict[tuple[str, Choice], _Group] = {}
        self._last: Sheet | None = None
        self._settings = workspace.settings
        self._others: tuple[str, ...] = ()
        self._choice: Choice | None = None
        self._lock = threading.Lock()

    def sheet(self, member: str | None) -> Sheet:
        """Make the sheet for `member` (id or address), None for whoever comes first.

        What is wrong with the files stands among the findings, over the last good message.
        """
        with self._lock:
            return replace(self._tried(member), lines=_lines(self._task.file))

    def people(self, text: str) -> tuple[Chosen, ...]:
        """Find recipients by the beginning of an id, or by a part of a name or an address."""
        choice, wanted = self._choice, text.strip()
        if choice is None or not wanted:
            return ()
        with self._workspace.ledger.read() as connection:
            return search(connection, choice, wanted, _SUGGESTED)

    def _tried(self, member: str | None) -> Sheet:
        try:
            self._last = self._make(member)
        except InputErrors as problems:
            return self._failed(tuple(from_error(each) for each in problems.errors))
        except InputError as problem:
            return self._failed((from_error(problem),))
        except LedgerError as problem:
            return self._failed((error("ledger-failed", str(problem), hint=problem.hint),))
        except OSError as problem:
            # A file went away between two looks at it; the next save, or its return, mends it.
            words = f"a file cannot be read: {problem.strerror or problem}"
            return self._failed((error("file-unreadable", words, hint="save it again"),))
        return self._last

    def sheets(self) -> tuple[Sheet, ...]:
        """Make one sheet for each variant.

        Raises:
            InputErrors: the announcement cannot be composed.
        """
        first = self._make(None)
        lines = _lines(self._task.file)
        made = tuple(self._make(each.member) for each in first.samples) or (first,)
        return tuple(replace(each, lines=lines) for each in made)

    def sources(self) -> Sources:
        """Tell which files the sheet was made of."""
        return Sources(self._task.file, self._settings, self._others)

    def _failed(self, findings: tuple[Finding, ...]) -> Sheet:
        # Whatever has to be mended is followed, too: nobody knows yet what else is taken in.
        self._others = tuple(dict.fromkeys((*self._others, *_announcements(findings))))
        if self._last is None:
            return Sheet(file=self._task.file, findings=findings)
        return replace(self._last, findings=findings, is_stale=True)

    def _make(self, member: str | None) -> Sheet:
        self._settings = read_settings(self._workspace.settings.root)
        workspace = replace(self._workspace, settings=self._settings)
        prepared = prepare(workspace, self._task, summarise=self._summarise)
        plan, ledger = prepared.plan, workspace.ledger
        taken_in = (*plan.issue.announcement.pulled, *_announcements(prepared.findings))
        self._others = tuple(dict.fromkeys(taken_in))
        self._choice = plan.choice
        group = self._group(ledger, plan.choice)
        heaviest = heaviest_html(ledger, plan, group.own)
        asked = _found(ledger, plan, group, member) if member else None
        sheet = Sheet(
            file=self._task.file,
            reach=_reach(plan),
            samples=tuple(_sample(plan, each) for each in group.samples),
            unknown=member if member and not asked else "",
            findings=(
                *prepared.findings,
                *_missing(ledger, plan, group),
                *self._settings.checks.apply(tuple(check_size(heaviest))),
            ),
            heaviest=heaviest,
            images=plan.compiled.images,
            missing=f"{self._settings.image_url}/missing",
        )
        return _with_message(sheet, plan, asked or next(iter(group.samples), _nobody(plan)))

    def _summarise(self, ledger: Ledger, choice: Choice) -> AudienceSummary:
        return self._group(ledger, choice).summary

    def _group(self, ledger: Ledger, choice: Choice) -> _Group:
        known = known_list(ledger)
        key = (known.stamp if known else "", choice)
        if key not in self._groups:
            summary = audience(ledger, choice)
            with ledger.read() as connection:
                self._groups = {key: _Group(summary, sample(connection, choice))}
        return self._groups[key]


def _announcements(findings: Iterable[Finding]) -> Iterator[str]:
    """Name the announcements that findings are about."""
    for finding in findings:
        if finding.at and Path(finding.at.path).suffix.lower() in _SUFFIXES:
            yield finding.at.path


def _found(ledger: Ledger, plan: Plan, group: _Group, who: str) -> Chosen | None:
    """Find a recipient, of a variant that is compiled."""
    if who not in group.found:
        with ledger.read() as connection:
            group.found[who] = find(connection, plan.choice, who) or _only(
                search(connection, plan.choice, who, 2)
            )
    found = group.found[who]
    # Somebody who subscribed again a moment ago may be the first of their variant.
    return found if found and found.variant in plan.compiled.documents else None


def _only(found: tuple[Chosen, ...]) -> Chosen | None:
    """A part of a name is enough where it means one member alone."""
    return found[0] if len(found) == 1 else None


def _with_message(sheet: Sheet, plan: Plan, chosen: Chosen) -> Sheet:
    document = plan.compiled.documents[chosen.variant]
    # The page can be seen even where a value is missing: a mark says which, and a finding tells.
    marks = {name: f"[no {name}]" for name in _needed(document) if not chosen.values.get(name)}
    values = {**chosen.values, **marks}
    recipient = plan.personaliser.recipient(0, chosen.address, chosen.name, values)
    return replace(
        sheet,
        message=message_for(plan.envelope, document, recipient),
        preheader=document.preheader.fill(recipient.values),
        shown=_sample(plan, chosen),
    )


def _needed(document: Document) -> tuple[str, ...]:
    """Name the attributes that every member who gets `document` must have."""
    names = dict.fromkeys(slot.name for slot in document.slots if slot.fallback is None)
    return tuple(name for name in names if name not in BUILT_IN_SLOTS)


def _missing(ledger: Ledger, plan: Plan, group: _Group) -> Iterator[Finding]:
    """Find the slots that some recipient cannot fill."""
    documents = plan.compiled.documents
    needs = tuple((variant, _needed(each)) for variant, each in sorted(documents.items()))
    if needs not in group.lacking:
        group.lacking[needs] = _lacking(ledger, plan.choice, dict(needs))
    for name, count in group.lacking[needs].items():
        yield error(
            "value-missing",
            f"{'1 member has' if count == 1 else f'{count:,} members have'} no {name},"
            " and the slot has no fallback",
            at=next((each.at for each in plan.issue.slots if _is_bare(each, name)), None),
            hint=f'write {{{{ {name} or "colleague" }}}}, or complete the list',
        )


def _is_bare(use: SlotUse, name: str) -> bool:
    return use.name == name and use.fallback is None


def _lacking(ledger: Ledger, choice: Choice, needs: Mapping[str, tuple[str, ...]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    if any(needs.values()):
        with ledger.read() as connection:
            for chosen in recipients(connection, choice):
                needed = needs.get(chosen.variant, ())
                counts.update(name for name in needed if not chosen.values.get(name))
    return counts


def _lines(file: str) -> tuple[str, ...]:
    """Read the lines of an announcement; none of one that is no text."""
    try:
        return tuple(read_source(file).text.split("\n"))
    except InputError:
        return ()


def _reach(plan: Plan) -> Reach:
    summary = plan.summary
    return Reach(
        listed=summary.listed,
        recipients=summary.recipients,
        excluded=summary.excluded,
        segments=tuple(each.title for each in plan.choice.selection.included),
    )


def _sample(plan: Plan, chosen: Chosen) -> Sample:
    return Sample(
        variant=chosen.variant,
        shows=_words(plan, chosen.variant),
        members=plan.summary.by_variant.get(chosen.variant, 0),
        member=chosen.member_id,
        name=chosen.name,
    )


def _words(plan: Plan, variant: str) -> str:
    blocks = plan.choice.blocks
    if plan.issue.passages:
        return plan.issue.describe(variant)
    if not blocks:
        return "the same text for everybody"
    shown = [
        " or ".join(segment.title for segment in block)
        for block, flag in zip(blocks, variant, strict=True)
        if flag == "1"
    ]
    if not shown:
        return "only the text for everybody"
    return f"with the part for {' and the part for '.join(dict.fromkeys(shown))}"


def _nobody(plan: Plan) -> Chosen:
    """Stand in where the audience is empty, so that an author can still look."""
    values = {slot.name: slot.fallback or f"[{slot.name}]" for slot in plan.issue.slots}
    variant = next(iter(plan.compiled.documents))
    return Chosen(
        line=0, member_id="", address="nobody@example.org", name="", variant=variant, values=values
    )
