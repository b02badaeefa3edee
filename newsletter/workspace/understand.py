"""What a command was asked to compose, understood: all that is wrong with it is told at once."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.parse import Reading, examine
from newsletter.audience.segment import Segment, Selection, check_segments, find_segments, reached
from newsletter.compose.theme import Theme
from newsletter.errors import InputError, InputErrors, Location, ThemeError
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Issue
from newsletter.workspace.digesting import Assembled, assembled
from newsletter.workspace.digestsource import source_of
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a command was asked to compose, and for whom."""

    file: str
    subject: str | None = None
    segments: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    again: bool = False
    sent_at: dt.datetime | None = None
    """When it will be sent, aware; None for now."""


def understand(workspace: Workspace, task: Task) -> tuple[Issue, Selection, dict[str, Segment]]:
    """Read list, segments and announcement, and find the theme; nothing is compiled yet.

    Raises:
        InputErrors: every problem of them, together.
    """
    errors: list[InputError] = []
    columns, segments, issue, written = {}, {}, None, None
    with _gathered(errors):
        columns = dict(workspace.members().columns)
    with _gathered(errors):
        segments = workspace.segments()
    is_list_known = not errors
    with _gathered(errors):
        written = _written(workspace, task)
    if written is None:
        raise InputErrors(errors)
    announcement = written.announcement
    errors.extend(written.problems)
    with _gathered(errors):
        theme_of(workspace, announcement)
    if not is_list_known:
        # Every slot and segment would be called unknown, which would not be true.
        raise InputErrors(errors)
    selection = _select(segments, task, announcement, errors)
    with _gathered(errors):
        understood = partial(
            assemble,
            attributes=tuple(columns),
            segments=tuple(segments),
            topics=tuple(topic.name for topic in workspace.settings.topics),
        )
        issue = understood(announcement, subject=task.subject)
        if isinstance(written, Assembled):
            errors.extend(written.unknown_targets(segments))
            wholes = (understood(each, subject=None) for each in written.linked)
            issue = written.complete(issue, tuple(wholes))
        chosen = (segment.name for segment in (*selection.included, *selection.excluded))
        check_segments(reached(segments, (*chosen, *issue.segments)), columns)
    if errors or issue is None:
        raise InputErrors(_in_order(errors))
    return issue, selection, segments


def _written(workspace: Workspace, task: Task) -> Reading | Assembled:
    """Read the file, or assemble the digest that stands in its place."""
    source = source_of(task.file)
    if source:
        return assembled(workspace, source, task.segments)
    return examine(task.file)


def _select(
    segments: Mapping[str, Segment],
    task: Task,
    announcement: Announcement,
    errors: list[InputError],
) -> Selection:
    included: tuple[Segment, ...] = ()
    excluded: tuple[Segment, ...] = ()
    with _gathered(errors):
        included = find_segments(segments, task.segments, Location("--segment"))
    with _gathered(errors):
        excluded = find_segments(segments, task.exclude, Location("--exclude"))
    if not task.segments:
        # Those of the announcement that are unknown are told when it is assembled, with their line.
        known = (name for name in announcement.segments if name in segments)
        included = find_segments(segments, known)
    return Selection(included=included, excluded=excluded)


def theme_of(workspace: Workspace, announcement: Announcement) -> Theme:
    """Find the theme of `announcement`.

    Raises:
        InputErrors: it is not there, or wrong.
    """
    try:
        return workspace.themes.load(workspace.settings.templates, announcement.theme)
    except InputErrors:
        raise
    except InputError as error:
        # A theme that is not there has no place of its own; the line that asks for it has one.
        at = error.at or announcement.place("theme")
        raise InputErrors([ThemeError(error.problem, at=at, hint=error.hint)]) from error


def _in_order(errors: Iterable[InputError]) -> list[InputError]:
    """Tell each problem once, file by file, in the order of the lines."""
    seen: dict[str, InputError] = {}
    for error in errors:
        seen.setdefault(str(error), error)
    paths = list(dict.fromkeys(error.at.path for error in seen.values() if error.at))

    def place(error: InputError) -> tuple[int, int, int]:
        at = error.at
        return (paths.index(at.path), at.line or 0, at.column or 0) if at else (-1, 0, 0)

    return sorted(seen.values(), key=place)


@contextmanager
def _gathered(errors: list[InputError]) -> Iterator[None]:
    """Keep the input errors of a step instead of ending at the first."""
    try:
        yield
    except InputErrors as found:
        errors.extend(found.errors)
    except InputError as found:
        errors.append(found)
