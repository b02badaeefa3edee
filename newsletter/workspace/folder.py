"""The folder of announcements: listed, read, and written without ever losing what somebody wrote.

Names come from browsers, so each is held against one shape and one folder before any file is
touched; a link that leads out of the folder is no announcement.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from newsletter.announcement.docx import SUFFIX as WORD
from newsletter.announcement.fields import slug_of
from newsletter.announcement.files import LARGEST, MARKDOWN_SUFFIXES, PLAIN_TEXT_SUFFIXES
from newsletter.announcement.source import decode
from newsletter.compose.picturefile import Shape, make_fit
from newsletter.errors import InputError, Refused
from newsletter.workspace.replacing import write_whole

TEXT_SUFFIXES = (*MARKDOWN_SUFFIXES, *PLAIN_TEXT_SUFFIXES)
SUFFIXES = (*TEXT_SUFFIXES, WORD)
LARGEST_PICTURE = 25_000_000
"""In bytes; cameras write less."""

_FOLDER = "announcements"
_PICTURES = "images"
_LONGEST_NAME = 120
_KEPT = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg")
_ANY_SHAPE = Shape(widest=600)
_TRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The text of an announcement as it stands on disk."""

    text: str
    """With `\\n` at the end of lines, whatever the file has."""
    mark: str
    """Names exactly this content: whoever saves says which one they had before them."""


class NewerOnDisk(Refused):
    """Somebody else saved the file meanwhile; nothing was written."""

    def __init__(self, theirs: Written) -> None:
        """Keep what stands on disk now."""
        super().__init__(
            "the file was changed by somebody else meanwhile; nothing was overwritten",
            hint="look at both, and decide",
        )
        self.theirs = theirs


class Folder:
    """The announcements of a workspace."""

    def __init__(self, root: Path) -> None:
        """Take the folder of the workspace at `root`."""
        self.root = root
        self.path = root / _FOLDER
        self._lock = threading.Lock()

    def names(self) -> tuple[str, ...]:
        """List the announcements, by name."""
        try:
            found = sorted(each.name for each in self.path.iterdir())
        except OSError:
            return ()
        return tuple(name for name in found if self._is_one(name))

    def find(self, name: str) -> Path:
        """Find the announcement `name`.

        Raises:
            Refused: there is none.
        """
        if not self._is_one(name):
            raise Refused(
                "there is no such announcement", hint="choose one from the list of announcements"
            )
        return self.path / name

    def read(self, name: str) -> Written:
        """Read the text of `name`.

        Raises:
            Refused: there is none, or it cannot be read.
            AnnouncementError: it is no text.
        """
        path = self.find(name)
        if path.suffix.lower() == WORD:
            raise Refused("a Word document is written in Word", hint="turn it into Markdown first")
        try:
            content = path.read_bytes()
        except OSError as reason:
            raise _unwritable(path.name, reason) from reason
        return _written(path, content)

    def save(self, name: str, text: str, mark: str) -> Written:
        """Write `text` in the place of what `mark` names, whole or not at all.

        Raises:
            NewerOnDisk: something else stands there by now.
            Refused: it cannot be written.
        """
        path = self.find(name)
        content = _as_before(text, path).encode("utf-8", "replace")
        if len(content) > LARGEST:
            raise Refused("this is longer than any email", hint="shorten it")
        with self._lock:
            now = self.read(name)
            if now.mark != mark:
                raise NewerOnDisk(now)
            try:
                write_whole(path, content)
            except OSError as reason:
                raise _unwritable(path.name, reason) from reason
        return _written(path, content)

    def create(self, title: str, text: str) -> str:
        """Write a new announcement named for its title; give its name.

        Raises:
            Refused: it cannot be written.
        """
        return self._put(self.path, slug_of(title), ".md", text.encode())

    def add(self, name: str, content: bytes) -> str:
        """Put a file of somebody's into the folder, under a safe name that nobody has.

        Raises:
            Refused: it is of no kind that is an announcement, or cannot be written.
        """
        stem, suffix = _parts(name)
        if suffix not in SUFFIXES:
            raise Refused(
                f"files of the kind {suffix or 'without a suffix'!r} are no announcements",
                hint="choose a Word document (.docx), Markdown (.md) or plain text (.txt)",
            )
        return self._put(self.path, slug_of(stem), suffix, content)

    def add_picture(self, name: str, content: bytes) -> str:
        """Put a picture beside the announcements; give its path as announcements write it.

        Raises:
            Refused: it is no picture, or cannot be written.
        """
        stem, suffix = _parts(name)
        try:
            fit = make_fit(content, _ANY_SHAPE)
        except InputError as problem:
            raise Refused(str(problem), hint=problem.hint) from problem
        kept = suffix if suffix in _KEPT else fit.suffix
        put = self._put(self.path / _PICTURES, slug_of(stem or "picture"), kept, content)
        return f"{_PICTURES}/{put}"

    def _is_one(self, name: str) -> bool:
        if not _is_name(name) or not name.lower().endswith(SUFFIXES):
            return False
        path = self.path / name
        try:
            # A link may lead to another announcement, and nowhere else.
            return path.is_file() and path.resolve().parent == self.path.resolve()
        except OSError:
            return False

    def _put(self, folder: Path, stem: str, suffix: str, content: bytes) -> str:
        """Write a new file; what is there is never overwritten."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # The folder itself may lie elsewhere, as its owner wants; pictures lie within it.
            own = self.path.resolve()
            if folder.resolve() not in (own, own / _PICTURES):
                raise Refused(f"{folder.name} leads out of the workspace", hint="remove that link")
            for name in _names(stem, suffix):
                try:
                    with (folder / name).open("xb") as file:
                        file.write(content)
                except FileExistsError:
                    continue
                return name
        except OSError as reason:
            raise _unwritable(stem + suffix, reason) from reason
        raise Refused(f"there are too many files named {stem}", hint="choose another name")


def _is_name(name: str) -> bool:
    """Tell whether a name is that of a file, and of no other place."""
    return (
        0 < len(name) <= _LONGEST_NAME
        and not name.startswith((".", "~"))
        and not re.search(r"[/\\:\x00-\x1f\x7f]", name)
    )


def _parts(name: str) -> tuple[str, str]:
    """Take what a browser calls a file apart: its stem, and its suffix in small letters."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])[-_LONGEST_NAME:]
    path = PurePosixPath(last)
    return path.stem, path.suffix.lower()


def _names(stem: str, suffix: str) -> Iterator[str]:
    yield f"{stem}{suffix}"
    yield from (f"{stem}-{number}{suffix}" for number in range(2, _TRIES))


def _written(path: Path, content: bytes) -> Written:
    text = decode(str(path), content).text if content.strip() else ""
    return Written(text=text, mark=blake2b(content, digest_size=16).hexdigest())


def _as_before(text: str, path: Path) -> str:
    """Keep the ends of lines that the file has; browsers send both kinds."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        has_returns = b"\r\n" in path.read_bytes()
    except OSError:
        has_returns = False
    return plain.replace("\n", "\r\n") if has_returns else plain


def _unwritable(name: str, reason: OSError) -> Refused:
    words = (reason.strerror or str(reason)).lower()
    return Refused(f"{name} cannot be read or written: {words}", hint="check the rights of it")


def front_matter(keys: Sequence[tuple[str, str]]) -> str:
    """Write keys and values as authors do; those without a value are left out."""
    lines = [f"{key}: {_quoted(value)}" for key, value in keys if value.strip()]
    return "\n".join(["---", *lines, "---", ""])


def _quoted(value: str) -> str:
    inner = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
