"""What a browser may name in the place of a file: an announcement, or `digest:NAME@WHEN`."""

from newsletter.errors import InputErrors, Refused
from newsletter.workspace.digestsource import DigestSource, source_of
from newsletter.workspace.folder import Folder
from newsletter.workspace.workspace import Workspace

_PREFIX = "digest:"
_YEARS = range(1990, 2200)


def is_digest(name: str) -> bool:
    """Tell whether a name is that of a digest; no file of the folder has a colon in it."""
    return name.startswith(_PREFIX)


def find_source(workspace: Workspace, name: str) -> DigestSource:
    """Read the name of a digest and its moment.

    Raises:
        Refused: there is no such digest, or its moment is none.
    """
    try:
        source = source_of(name) if is_digest(name) and "/" not in name else None
    except InputErrors as problems:
        first = problems.errors[0]
        raise Refused(first.problem, hint=first.hint) from problems
    known = workspace.settings.digests
    if source is None or source.name not in known:
        listed = ", ".join(known) or "none yet"
        raise Refused("there is no such digest", hint=f"choose one of newsletter.toml: {listed}")
    if source.when and source.when.year not in _YEARS:
        raise Refused(f"no issue goes out in {source.when.year}", hint="choose a nearer day")
    return source


def find_file(workspace: Workspace, folder: Folder, name: str) -> str:
    """Give what stands in the place of a file.

    Nothing that a browser sent gets through: a digest is written anew from what was understood.

    Raises:
        Refused: there is no such announcement, and no such digest.
    """
    if is_digest(name):
        return str(find_source(workspace, name))
    return str(folder.find(name))
