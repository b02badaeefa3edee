"""The themes of a workspace, loaded once, and again when a file of theirs changes."""

from pathlib import Path

from newsletter.compose.theme import Theme, load_theme
from newsletter.compose.themefiles import SHARED


class Shelf:
    """Keeps the themes that were asked for; compiling one takes longer than an issue with it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[tuple[Path, str], tuple[str, Theme]] = {}

    def load(self, templates: Path, name: str) -> Theme:
        """Give the theme `name` of the folder `templates` as its files are now.

        Raises:
            ThemeError: there is no such theme, or it is wrong; see `load_theme`.
        """
        stamp = _stamp(templates / name) + _stamp(templates / SHARED)
        kept = self._kept.get((templates, name))
        if kept is None or kept[0] != stamp:
            kept = stamp, load_theme(templates, name)
            self._kept[templates, name] = kept
        return kept[1]


def _stamp(folder: Path) -> str:
    """Sum up names, sizes and times of the files of a folder."""
    stats = ((path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file())
    return repr([(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats])
