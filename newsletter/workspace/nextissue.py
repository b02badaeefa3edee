"""The next issue of a digest: what `digest:NAME` stands for where nobody says when."""

import datetime as dt
from collections.abc import Iterator

from newsletter.workspace.digestsource import DigestSource, rules_of, source_of
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.workspace import Workspace


def next_source(workspace: Workspace, name: str) -> DigestSource:
    """Say what the schedules of the digest `name` send next; as of now where it has none.

    Raises:
        InputErrors: there is no such digest, or a schedule is wrong.
    """
    rules_of(workspace, name)
    dues = sorted(_dues(workspace, name), key=lambda pair: pair[0])
    return dues[0][1] if dues else DigestSource(name)


def _dues(workspace: Workspace, name: str) -> Iterator[tuple[dt.datetime, DigestSource]]:
    for schedule in schedules_of(workspace.settings):
        due = next(iter(schedule.recurrence.after(workspace.clock.now())), None)
        source = source_of(schedule.file_at(due.wall)) if due else None
        if due and source and source.name == name:
            yield due.moment, source
