"""Taking over a new list: what it would break, and making it the one in force."""

import re
from collections.abc import Iterator
from dataclasses import replace

from newsletter.audience.copying import copy_list
from newsletter.audience.segment import check_segments
from newsletter.errors import InputErrors, NewsletterError
from newsletter.ledger.incoming import Incoming
from newsletter.ledger.members import MemberList, bring_in
from newsletter.workspace.workspace import Workspace

_SLOT = re.compile(r"\{\{\s*(\w+)")
_UTF_8 = "utf-8"


def columns_moved(incoming: Incoming) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the columns that came with the new list, and those that are gone."""
    before = incoming.known.columns if incoming.known else incoming.found.columns
    after = incoming.found.columns
    return (
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
    )


def broken_by(workspace: Workspace, incoming: Incoming) -> tuple[str, ...]:
    """Tell which segments and announcements would not work with the new list."""
    return (*_segments(workspace, incoming), *_announcements(workspace, incoming))


def take_over(workspace: Workspace, incoming: Incoming) -> MemberList:
    """Put the new list in the place of the old, in the workspace and in the ledger.

    Raises:
        InputErrors: it cannot be read any more.
        Refused: its file cannot be written.
        LedgerError: the ledger cannot be written.
    """
    settings = workspace.settings
    target, wanted = settings.members_file, settings.members_wanted
    if incoming.file.path != target.resolve():
        copy_list(incoming.file, target, wanted.encoding or _UTF_8)
    with workspace.counting("taking the list over") as progress:
        return bring_in(
            workspace.ledger,
            target,
            workspace.clock.now(),
            # Somebody has looked at it and said yes.
            wanted=replace(wanted, shrink=100),
            progress=progress,
        )


def _segments(workspace: Workspace, incoming: Incoming) -> Iterator[str]:
    try:
        segments = workspace.segments()
    except NewsletterError:
        return  # every other command says what is wrong with them
    for segment in segments.values():
        try:
            check_segments([segment], incoming.found.columns)
        except InputErrors as found:
            yield from (f"segment {segment.name}: {error.problem}" for error in found.errors)


def _announcements(workspace: Workspace, incoming: Incoming) -> Iterator[str]:
    _came, went = columns_moved(incoming)
    if not went:
        return
    for path in sorted((workspace.settings.root / "announcements").glob("*")):
        if path.suffix in {".md", ".txt"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            for name in sorted(set(_SLOT.findall(text)).intersection(went)):
                yield f"{path.name}: its slot {name} has no column any more"
