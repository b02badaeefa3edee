"""A digest that assembles itself: from the files of the pool and the ledger to one issue.

`assembled(workspace, source)` is the one way to it: the preview, the dry run, the proof and
the schedule all read `digest:NAME@WHEN` in the place of a file, and that leads here. So what is
previewed as of a moment is byte for byte what goes out then, if nothing changes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from newsletter.announcement.announcement import Announcement
from newsletter.errors import AnnouncementError, InputError, InputErrors, Location
from newsletter.finding import Finding
from newsletter.issue.archived import item_address
from newsletter.issue.assemble import unknown_targets
from newsletter.issue.digestbody import DigestBody, write_body
from newsletter.issue.issue import Issue
from newsletter.issue.selecting import Placed
from newsletter.workspace.digestfindings import findings_on
from newsletter.workspace.digestopening import announcement_of, read_opening
from newsletter.workspace.digestsource import DigestSource
from newsletter.workspace.pool import Pool, pool_of
from newsletter.workspace.settingsfile import shown
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """An issue of a digest, put together but not yet understood."""

    pool: Pool
    announcement: Announcement
    """Opening and sections as one body."""
    body: DigestBody
    opening: int
    """The lines above the sections."""
    linked: tuple[Announcement, ...]
    """Those whose whole text the archive shows."""
    problems: tuple[InputError, ...]
    """Why it cannot be composed."""
    findings: tuple[Finding, ...]

    def unknown_targets(self, segments: Collection[str]) -> Iterator[InputError]:
        """Find the announcements that are for segments which are none of the saved ones."""
        for each in self.pool.selected.placed:
            yield from unknown_targets(each.entrant.announcement, segments)

    def complete(self, issue: Issue, wholes: tuple[Issue, ...]) -> Issue:
        """Let `issue`, understood from the announcement, show each member what is new to them.

        `wholes` are the issues of `linked`.
        """
        before = len(issue.blocks)
        passages = (
            replace(
                each,
                first=each.first + self.opening,
                last=each.last + self.opening,
                when=tuple(
                    frozenset((block + before, wanted) for block, wanted in one)
                    for one in each.when
                ),
            )
            for each in self.body.passages
        )
        items = (
            each if each.flag is None else replace(each, flag=each.flag + before)
            for each in self.body.items
        )
        return replace(
            issue,
            blocks=(*issue.blocks, *self.body.blocks),
            passages=tuple(passages),
            items=tuple(items),
            wholes=wholes,
            told=tuple(
                (each.slug, self.pool.told.get(each.slug, 0))
                for each in self.pool.selected.placed
                if not each.is_repeated
            ),
            findings=(*issue.findings, *self.findings),
        )


def assembled(
    workspace: Workspace, source: DigestSource, segments: tuple[str, ...] = ()
) -> Assembled:
    """Assemble the issue of a digest that what stands in the place of a file asks for.

    `segments` are those that it is sent to, where they are other than those of its rules or of its
    editor: what is for some only may have no page in the archive to lead to.

    To preview, prove or send it, give `Task(file=str(source))` to `prepare`: that calls this.

    Raises:
        InputErrors: there is no such digest, nothing is due, or the editor's files are wrong.
    """
    pool = pool_of(workspace, source)
    name = pool.rules.name
    if not pool.selected.placed:
        raise InputErrors(
            [
                AnnouncementError(
                    f"nothing is due for the digest {name!r} on {pool.at:%Y-%m-%d}",
                    at=Location(shown(pool.issue_file)),
                    hint=f"see why with `newsletter digest show {name}`",
                )
            ]
        )
    opening = read_opening(pool)
    link_of = _Links(workspace, pool, opening.announcement if opening else None, segments)
    body = write_body(pool.selected, digest=name, link_of=link_of)
    announcement, lines = announcement_of(workspace, pool, opening, body)
    placed = pool.selected.placed
    return Assembled(
        pool=pool,
        announcement=announcement,
        body=body,
        opening=lines,
        linked=tuple(each.entrant.announcement for each in placed if link_of.is_archived(each)),
        problems=(
            *(opening.problems if opening else ()),
            *(one for each in placed for one in pool.problems.get(each.slug, ())),
        ),
        findings=findings_on(pool.selected, pool.at, workspace.settings.checks),
    )


class _Links:
    """Where readers find the whole of an announcement: on its page, in the archive, or nowhere."""

    def __init__(
        self,
        workspace: Workspace,
        pool: Pool,
        opening: Announcement | None,
        segments: tuple[str, ...],
    ) -> None:
        archive = workspace.settings.archive
        is_for_some = segments or pool.rules.segments or (opening and opening.segments)
        is_kept_out = opening is not None and not opening.is_archived
        is_open = not is_kept_out and (archive.has_restricted or not is_for_some)
        self._url, self._slug = archive.url if is_open else "", pool.slug

    def is_archived(self, placed: Placed) -> bool:
        written = placed.entrant.announcement
        is_public = written.is_archived and not written.segments
        return bool(self._url) and is_public and not written.link

    def __call__(self, placed: Placed) -> str:
        if self.is_archived(placed):
            return item_address(self._url, self._slug, placed.slug)
        written = placed.entrant.announcement
        return written.link or (written.button.url if written.button else "")
