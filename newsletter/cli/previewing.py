"""Making the sheet of the preview from a workspace."""

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from newsletter.cli.prepare import Prepared, Request, prepare
from newsletter.cli.settings import read_settings
from newsletter.cli.workspace import Workspace
from newsletter.compose.theme import Theme, load_theme
from newsletter.dispatch.plan import Plan, audience
from newsletter.errors import InputError, InputErrors, LedgerError
from newsletter.finding import Finding, error, from_error
from newsletter.issue.issue import Issue
from newsletter.ledger.database import Ledger
from newsletter.ledger.members import known_list
from newsletter.ledger.selection import AudienceSummary, Choice, Chosen, find, sample
from newsletter.message.headers import message_for
from newsletter.web.sheet import Sample, Sheet

_IGNORED = {".git", ".venv", ".newsletter", "__pycache__", "node_modules"}


@dataclass(frozen=True, slots=True)
class _Group:
    """What a list and a choice say; kept, because a body is changed more often than they are."""

    summary: AudienceSummary
    samples: tuple[Chosen, ...]


class Previewing:
    """Makes sheets, one at a time, from the files as they are."""

    def __init__(self, workspace: Workspace, request: Request) -> None:
        """Preview what `request` asks for."""
        self._workspace = workspace
        self._request = replace(request, again=True)
        self._groups: dict[tuple[str, Choice], _Group] = {}
        self._themes: dict[tuple[str, str], Theme] = {}
        self._last: Sheet | None = None
        self._lock = threading.Lock()

    def sheet(self, member: str | None) -> Sheet:
        """Make the sheet for `member` (id or address), None for whoever comes first.

        What is wrong with the files stands among the findings, over the last good message.
        """
        with self._lock:
            try:
                self._last = self._make(member)
            except InputErrors as problems:
                return self._failed(tuple(from_error(each) for each in problems.errors))
            except InputError as problem:
                return self._failed((from_error(problem),))
            except LedgerError as problem:
                return self._failed((error("ledger-failed", str(problem), hint=problem.hint),))
            return self._last

    def sheets(self) -> tuple[Sheet, ...]:
        """Make one sheet for each variant.

        Raises:
            InputErrors: the announcement cannot be composed.
        """
        first = self._make(None)
        return tuple(self._make(each.member) for each in first.samples) or (first,)

    def is_ours(self, path: Path) -> bool:
        """Tell whether a change of `path` can change the sheet."""
        return not _IGNORED.intersection(path.parts) and not path.name.startswith(".#")

    def _failed(self, findings: tuple[Finding, ...]) -> Sheet:
        if self._last is None:
            return Sheet(file=self._request.file, findings=findings)
        return replace(self._last, findings=findings, is_stale=True)

    def _make(self, member: str | None) -> Sheet:
        workspace = replace(self._workspace, settings=read_settings(self._workspace.settings.root))
        prepared = prepare(
            workspace, self._request, summarise=self._summarise, find_theme=self._theme
        )
        plan = prepared.plan
        samples = self._group(workspace.ledger, plan.choice).samples
        chosen = self._chosen(workspace.ledger, plan, member) or next(iter(samples), None)
        sheet = Sheet(
            file=self._request.file,
            samples=tuple(_sample(plan, each) for each in samples),
            recipients=plan.summary.recipients,
            findings=_with_unknown_member(prepared, member, chosen),
            images=plan.compiled.images,
        )
        return _with_message(sheet, plan, chosen or _nobody(plan))

    def _chosen(self, ledger: Ledger, plan: Plan, member: str | None) -> Chosen | None:
        if member is None:
            return None
        with ledger.read() as connection:
            return find(connection, plan.choice, member)

    def _theme(self, templates: Path, name: str) -> Theme:
        key = (name, _stamp(templates / name))
        if key not in self._themes:
            self._themes = {key: load_theme(templates, name)}
        return self._themes[key]

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


def _stamp(folder: Path) -> str:
    """Sum up names, sizes and times of the files of a folder."""
    stats = ((path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file())
    return repr([(path.name, stat.st_size, stat.st_mtime_ns) for path, stat in stats])


def _with_message(sheet: Sheet, plan: Plan, chosen: Chosen) -> Sheet:
    document = plan.compiled.documents[chosen.variant]
    recipient = plan.personaliser.recipient(0, chosen.address, chosen.name, chosen.values)
    shown = _sample(plan, chosen)
    try:
        message = message_for(plan.envelope, document, recipient)
    except KeyError as missing:
        finding = _missing(plan.issue, str(missing.args[0]), shown)
        marked = _Marked(recipient.values)
        recipient = replace(recipient, values=marked)
        message = message_for(plan.envelope, document, recipient)
        sheet = replace(sheet, findings=(*sheet.findings, finding))
    return replace(
        sheet, message=message, preheader=document.preheader.fill(recipient.values), shown=shown
    )


class _Marked(dict[str, str]):
    """Values that show a mark where a member has none, so that the page can still be seen."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # slots ask so
        """Give the value or the mark."""
        return super().get(key) or default or f"[no {key}]"


def _missing(issue: Issue, name: str, shown: Sample) -> Finding:
    at = next((slot.at for slot in issue.slots if slot.name == name), None)
    return error(
        "value-missing",
        f"{shown.name or shown.member} has no {name}, and the slot has no fallback",
        at=at,
        hint=f'write {{{{ {name} or "colleague" }}}}, or complete the list',
    )


def _with_unknown_member(
    prepared: Prepared, member: str | None, chosen: Chosen | None
) -> tuple[Finding, ...]:
    is_known = member is None or (
        chosen is not None and member.lower() in (chosen.member_id.lower(), chosen.address.lower())
    )
    if is_known:
        return prepared.findings
    unknown = error(
        "member-unknown",
        f"{member!r} is not among the recipients; this is how another member gets it",
        hint="give a member id or an address of a chosen segment",
    )
    return (unknown, *prepared.findings)


def _sample(plan: Plan, chosen: Chosen) -> Sample:
    return Sample(
        variant=chosen.variant,
        shows=_words(plan.issue, chosen.variant),
        members=plan.summary.by_variant.get(chosen.variant, 0),
        member=chosen.member_id,
        name=chosen.name,
    )


def _words(issue: Issue, variant: str) -> str:
    if not issue.blocks:
        return "everybody the same"
    shown = [
        " or ".join(block.segments)
        for block, flag in zip(issue.blocks, variant, strict=True)
        if flag == "1"
    ]
    if not shown:
        return "the common text only"
    return f"with the part for {', '.join(dict.fromkeys(shown))}"


def _nobody(plan: Plan) -> Chosen:
    """Stand in where the audience is empty, so that an author can still look."""
    values = {slot.name: slot.fallback or f"[{slot.name}]" for slot in plan.issue.slots}
    (variant,) = plan.compiled.documents
    return Chosen(
        line=0,
        member_id="nobody",
        address="nobody@example.org",
        name="",
        variant=variant,
        values=values,
    )
