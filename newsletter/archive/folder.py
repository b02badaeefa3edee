"""The folder of the site on disk: replaced as a whole, or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

from newsletter.archive.site import Files
from newsletter.errors import Refused

MARK = "built-by-newsletter.txt"
_MARK_TEXT = (
    b"This folder is written by `newsletter archive build`, which replaces it as a whole:\n"
    b"keep nothing of your own in it.\n"
)


def write_site(files: Files, folder: Path) -> None:
    """Write `files` beside `folder`, then put them in its place.

    Whatever breaks off before leaves the folder as it was.

    Raises:
        Refused: the folder holds something else, or cannot be written.
    """
    folder = folder.resolve()
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(files, staged)
            _exchange(staged, folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as reason:
        raise Refused(
            f"{folder} cannot be written: {reason.strerror or reason}",
            hint="choose another folder, one that is not a disk of its own",
        ) from reason


def recover(folder: Path) -> None:
    """Put the old site back, should the machine have stopped between taking it away and the new."""
    away = before(folder)
    if away.is_dir() and not folder.exists():
        away.rename(folder)


def _write(files: Files, folder: Path) -> None:
    folder.chmod(0o755)  # a web server reads it; mkdtemp lets only us
    for path, content in {**files, MARK: _MARK_TEXT}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _exchange(staged: Path, folder: Path) -> None:
    away = before(folder)
    for is_last in (False, False, True):
        shutil.rmtree(away, ignore_errors=True)
        try:
            if folder.exists():
                folder.rename(away)
            staged.rename(folder)
            break
        except OSError:
            if is_last:  # else another build was just at it, too
                raise
    shutil.rmtree(away, ignore_errors=True)


def before(folder: Path) -> Path:
    """Tell where the old site is while the new one takes its place."""
    return folder.with_name(f".{folder.name}.before")


def _refuse_foreign(folder: Path) -> None:
    """Keep away from a folder that holds what is not ours."""
    if not folder.exists():
        return
    if folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir())):
        return
    raise Refused(
        f"{folder} holds what is no archive, and would be replaced as a whole",
        hint="choose another folder, or empty it first",
    )
