"""The files of a theme: its own folder, and what all themes share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from newsletter.errors import Location, ThemeError
from newsletter.suggest import did_you_mean

SETTINGS = "theme.toml"
SHARED = "shared"
"""The folder beside the themes; a file that a theme lacks is taken from there."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class ThemeFiles:
    """Where the files of one theme lie."""

    own: Path
    shared: Path

    @classmethod
    def of(cls, templates: Path, name: str) -> Self:
        """Name the files of the theme `name` in the folder `templates`."""
        return cls(templates / name, templates / SHARED)

    def find(self, name: str) -> Path | None:
        """Find a file by its name, or the shared one by `shared/` and its name."""
        folder, _, rest = name.rpartition("/")
        if not _FILE.fullmatch(rest) or folder not in ("", SHARED):
            return None
        if rest == SETTINGS:
            folders: tuple[Path, ...] = (self.own,)
        else:
            folders = (self.shared,) if folder else (self.own, self.shared)
        return next((each / rest for each in folders if (each / rest).is_file()), None)

    def templates(self) -> dict[str, Path]:
        """Give every template by the name that includes it."""
        shared = {f"{SHARED}/{each.name}": each for each in sorted(self.shared.glob("*.j2"))}
        return {each.name: each for each in sorted(self.own.glob("*.j2"))} | shared


def theme_names(templates: Path) -> list[str]:
    """List the themes in the folder `templates`, in the order of their names."""
    folders = sorted(templates.iterdir()) if templates.is_dir() else []
    return [
        each.name
        for each in folders
        if (each / SETTINGS).is_file() and each.name != SHARED and NAME.fullmatch(each.name)
    ]


def find_theme(templates: Path, name: str) -> ThemeFiles:
    """Find the theme `name` in the folder `templates`.

    Raises:
        ThemeError: it is not there.
    """
    available = theme_names(templates)
    if name in available:
        return ThemeFiles.of(templates, name)
    listed = ", ".join(available) or f"none; {templates} has no theme"
    raise ThemeError(
        f"there is no theme {name!r}; available: {listed}",
        hint=did_you_mean(
            name, available, otherwise="write the name of a folder there", cutoff=0.5
        ),
    )


def read_text(path: Path) -> str:
    """Read a file of a theme.

    Raises:
        ThemeError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        problem = f"the file cannot be read as UTF-8 text: {reason}"
        raise ThemeError(problem, at=Location(str(path)), hint="save it as UTF-8") from reason
