"""The sample workspace that the package carries along."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from newsletter.errors import Refused

_PARTS = ("newsletter.toml", "announcements", "recipients", "templates")

_GITIGNORE = """\
# Members are personal data: their list stays out of git, however it was exported.
recipients/*
!recipients/segments.toml
.newsletter/
outbox/
archive/
"""


def copy_sample(folder: Path) -> None:
    """Copy the sample workspace to `folder`.

    Raises:
        Refused: the folder holds something already, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} exists and is not empty", hint="choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with as_file(files("newsletter")) as package:
            # A wheel carries the sample inside the package; a checkout is the sample itself.
            carried = package / "sample"
            origin = carried if carried.is_dir() else package.parent
            for part in _PARTS:
                _copy(origin / part, folder / part)
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    except OSError as reason:
        raise Refused(
            f"{folder} cannot be made: {reason.strerror}", hint="choose a folder you may write to"
        ) from reason


def _copy(origin: Path, target: Path) -> None:
    if origin.is_dir():
        shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    else:
        shutil.copyfile(origin, target)
