"""The two files of one issue of a digest, begun for its editor."""

from collections.abc import Iterator
from pathlib import Path

from newsletter.errors import Refused
from newsletter.workspace.digestopening import usual
from newsletter.workspace.digestsource import DigestSource
from newsletter.workspace.folder import front_matter
from newsletter.workspace.pool import Pool, pool_of
from newsletter.workspace.workspace import Workspace


def open_issue(workspace: Workspace, source: DigestSource) -> tuple[tuple[Path, bool], ...]:
    """Write the files of the issue that `source` asks for; tell of each whether it is new.

    A file that is there is never changed.

    Raises:
        InputErrors: there is no such digest, or its pool cannot be read.
        Refused: they cannot be written.
    """
    pool = pool_of(workspace, source)
    plain = usual(workspace, pool)
    keys = (("title", plain.title), ("subject", plain.subject), ("preheader", plain.preheader))
    opening = f"{front_matter(keys)}\n{plain.body or 'Dear colleague,'}\n"
    return (
        (pool.issue_file, _write(pool.issue_file, opening)),
        (pool.decisions_file, _write(pool.decisions_file, "\n".join((*_decisions(pool), "")))),
    )


def _decisions(pool: Pool) -> Iterator[str]:
    sections = [each.name for each in pool.rules.sections if not each.gathers]
    yield f"# What its editor decides about {pool.slug}; see it by `newsletter digest show`."
    yield "# A table for each announcement, with any of these below it:"
    yield "#   lead = true            it leads the issue"
    yield "#   place = 1              it is pinned to this place of its section"
    yield f'#   section = "{sections[0]}"    it moves; there is {", ".join(sections)}'
    yield "#   hold = true            it waits for a later issue"
    yield "#   words = 30             it is shortened to so many words"
    yield '#   excerpt = "..."        or to these'
    yield "#   repeat = true          those who were told it are told again"
    yield '#   by = "...", why = "..."'
    for each in pool.selected.placed:
        title = " ".join(each.entrant.announcement.title.split())
        yield from ("", f"# {title}", f"# [{each.slug}]")


def _write(path: Path, text: str) -> bool:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as reason:
        words = (reason.strerror or str(reason)).lower()
        raise Refused(
            f"{path.name} cannot be written: {words}", hint="check the rights of its folder"
        ) from reason
    return True
