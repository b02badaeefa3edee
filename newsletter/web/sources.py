"""Which files a sheet of the preview is made of, so that a change of one of them shows."""

from dataclasses import dataclass
from pathlib import Path

from newsletter.web.following import Folders, folders_in
from newsletter.workspace.digestsource import source_of
from newsletter.workspace.folder import SUFFIXES
from newsletter.workspace.settings import FILE, Settings

_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp", ".tif", ".tiff"}
_THEME_FILES = {".j2", ".toml"}


@dataclass(frozen=True, slots=True)
class Sources:
    """The announcement, and the workspace whose settings, lists and themes it is shown with."""

    file: str
    """The announcement, as it was given."""
    settings: Settings
    others: tuple[str, ...] = ()
    """Announcements that were taken into it, and those that stopped it from being composed."""

    def folders(self) -> Folders:
        """Tell where files lie that the sheet is made of."""
        settings = self.settings
        root = settings.root
        files = (*self._written(), settings.members_file, settings.segments_file)
        inside = folders_in(root)
        return Folders(
            deep=inside | {root / "templates"},
            # An announcement may lie anywhere: what is below its folder may be half the disk.
            flat=frozenset({root, *(each.parent for each in files)}) - inside,
        )

    def is_ours(self, path: Path) -> bool:
        """Tell whether a change of `path` can change the sheet.

        Editors write files of their own beside those they save (`~`, `.swp`, `4913`): not ours.
        """
        settings = self.settings
        files = (*self._written(), settings.root / FILE)
        if path in (*files, settings.members_file, settings.segments_file):
            return True
        if path.name.startswith((".", "~", "#")):
            return False
        templates = settings.templates
        if path.parent == templates:
            return True  # a whole theme came, or went
        if source_of(self.file) and path.parent in {each.parent for each in self._written()}:
            return path.suffix.lower() in (*SUFFIXES, ".toml")  # the pool of a digest
        is_theme = templates in path.parents and path.suffix in _THEME_FILES
        return is_theme or path.suffix.lower() in _PICTURES

    def _written(self) -> tuple[Path, ...]:
        """Name each announcement as it was given, and where a link leads."""
        paths = [Path(each) for each in (self.file, *self.others)]
        return tuple(way for path in paths for way in (path.absolute(), path.resolve()))
