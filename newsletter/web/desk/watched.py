"""Which files of the workspace the open pages follow."""

from pathlib import Path

from newsletter.errors import NewsletterError
from newsletter.web.desk.desk import Desk
from newsletter.web.following import Folders, Following, folders_in

_OURS = {".md", ".txt", ".docx", ".csv", ".xlsx", ".toml", ".j2", ".ics"}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"}


def watched(desk: Desk) -> Following:
    """Follow announcements, themes, lists and settings."""
    root = desk.root

    def folders() -> Folders:
        inside = folders_in(root)
        outside = frozenset(_lists(desk)) - inside
        return Folders(deep=inside, flat=outside | {root})

    return Following(folders=folders, is_ours=_is_ours)


def _is_ours(path: Path) -> bool:
    """Tell whether a page may show what is in it; editors write files of their own, too."""
    if path.name.startswith((".", "~", "#")):
        return False
    return path.suffix.lower() in _OURS | _PICTURES


def _lists(desk: Desk) -> list[Path]:
    try:
        settings = desk.open().settings
    except NewsletterError:
        return []  # of settings that cannot be read; the change that mends them is seen
    return [settings.members_file.parent, settings.segments_file.parent]
