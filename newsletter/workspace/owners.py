"""Who answers for what a schedule sends next: the owners that announcements name."""

from collections.abc import Iterator, Mapping

from newsletter.address import EmailAddress
from newsletter.announcement.announcement import Announcement
from newsletter.announcement.parse import examine
from newsletter.errors import InputError, InputErrors
from newsletter.workspace.digestsource import source_of
from newsletter.workspace.occasion import Occasion
from newsletter.workspace.pool import pool_of
from newsletter.workspace.workspace import Workspace


def owners_of(
    workspace: Workspace, occasion: Occasion
) -> Mapping[EmailAddress, tuple[Announcement, ...]]:
    """Find the owners with an address, and what each of them answers for.

    Nobody is found while a file is not there yet, or cannot be read.
    """
    found: dict[EmailAddress, tuple[Announcement, ...]] = {}
    try:
        announcements = list(_announcements(workspace, occasion))
    except (InputError, InputErrors):
        return {}
    for each in announcements:
        owner = each.pooled.owner
        if owner is not None and owner.address is not None:
            found[owner.address] = (*found.get(owner.address, ()), each)
    return found


def _announcements(workspace: Workspace, occasion: Occasion) -> Iterator[Announcement]:
    file = occasion.schedule.file_at(occasion.due.wall)
    source = source_of(file)
    if source is None:
        yield examine(str(workspace.settings.root / file)).announcement
        return
    pool = pool_of(workspace, source)
    for placed in pool.selected.placed:
        yield placed.entrant.announcement
