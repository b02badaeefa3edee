"""Where each announcement stands in the next issue of each digest: one assembly per digest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.errors import InputErrors
from newsletter.workspace.nextissue import next_source
from newsletter.workspace.pool import Pool, pool_of
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an announcement stands in the next issue of one digest."""

    digest: str
    words: str
    """Its section, or the one reason why it is not in it."""
    is_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next issue of a digest, in a line."""

    digest: str
    pool: Pool | None = None
    """None where it cannot be assembled."""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """The next issues of all digests."""

    coming: Sequence[Coming] = ()
    by_file: Mapping[Path, Sequence[Standing]] = field(default_factory=dict)

    def of(self, file: str) -> Sequence[Standing]:
        """Tell how the announcement of a file stands, digest by digest."""
        return self.by_file.get(Path(file).resolve(), ())


def standings_of(workspace: Workspace) -> Standings:
    """Assemble the next issue of every digest; what is wrong with one is told in its place."""
    coming = [_coming(workspace, name) for name in workspace.settings.digests]
    found: dict[Path, list[Standing]] = {}
    for each in coming:
        for file, standing in _standings(each):
            found.setdefault(Path(file).resolve(), []).append(standing)
    return Standings(coming=coming, by_file=found)


def _coming(workspace: Workspace, name: str) -> Coming:
    try:
        return Coming(digest=name, pool=pool_of(workspace, next_source(workspace, name)))
    except InputErrors as problems:
        return Coming(digest=name, problem=problems.errors[0].problem)


def _standings(coming: Coming) -> Iterator[tuple[str, Standing]]:
    if coming.pool is None:
        return
    selected = coming.pool.selected
    lead = selected.leads[:1]
    for each in selected.placed:
        words = "leads it" if each in lead else each.section.heading or each.section.name
        file = each.entrant.announcement.path
        yield file, Standing(digest=coming.digest, words=words, is_in=True)
    for left in selected.left:
        file, words = left.entrant.announcement.path, left.reason.value
        yield file, Standing(digest=coming.digest, words=words, is_in=False)
