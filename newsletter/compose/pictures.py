"""Pictures: finding local image files, measuring them, and the URLs that stand for them."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsletter.compose.links import has_scheme, judge_link
from newsletter.compose.picturefile import RECIPE, Shape, make_fit
from newsletter.compose.tokens import Tokens
from newsletter.errors import InputError, Location, ThemeError
from newsletter.finding import Finding, error, warning

WIDEST = 536
"""Pixels between the paddings of the card."""

CID = "cid:"
"""Begins the URL of a picture within the message (RFC 2392)."""
KINDS = {".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif"}
"""The media types of the pictures in the cache."""

WIDE = Shape(widest=WIDEST)
"""A picture of the text."""
CARD = Shape(widest=WIDEST, pixels=804, ratio=7 / 4)
"""The picture of a card: as wide as half the text, on a phone as wide as the screen."""
SHAPES = {"wide": WIDE, "square": Shape(widest=96, ratio=1.0)}
"""What theme.toml may say of the picture under the headline."""

_HEAVY = 1_000_000
"""Bytes; a phone on a slow line waits for more than a second a megabyte."""

_LARGEST = 20_000_000
"""Bytes; nothing larger is even read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlaces:
    """Where images are: here, and for those who read the email."""

    base_url: str
    """The https folder under which readers reach them."""
    root: Path
    """The workspace. Beside the announcement's own folder, no other folder is read."""

    is_embedded: bool = False
    """Whether local pictures go with the message instead of lying on the web."""

    @property
    def host(self) -> str:
        """Name the society's host, for what has to be unique in the world."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def cache(self) -> Path:
        """Give the folder of the pictures as readers get them."""
        return self.root / ".newsletter" / "images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture as the theme shows it."""

    url: str
    alt: str
    caption: str = ""
    href: str = ""
    """Where it leads; empty for nowhere."""
    width: int = WIDEST
    """Pixels on screen; the file may have more."""


@dataclass(slots=True, kw_only=True)
class Album:
    """Every picture of one issue, by the source that the author wrote."""

    places: ImagePlaces
    folder: Path
    """Where relative sources begin."""
    tokens: Tokens
    website: str = ""
    """Where links lead that begin with a slash; empty where the society has none."""
    inside: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that came inside the announcement's file."""
    files: dict[str, Path] = field(default_factory=dict)
    """The local file by its URL."""
    findings: list[Finding] = field(default_factory=list)
    _known: dict[tuple[str, Shape], tuple[str, int]] = field(default_factory=dict)

    def place(self, source: str, at: Location, shape: Shape = WIDE) -> tuple[str, int]:
        """Give the URL and the width on screen; what is wrong with it becomes a finding."""
        if (source, shape) not in self._known:
            self._known[source, shape] = self._look(source, at, shape)
        return self._known[source, shape]

    def url_of(self, source: str) -> str | None:
        """Give the URL of a source that was placed in the text before."""
        known = self._known.get((source, WIDE))
        return known[0] if known else None

    def _look(self, source: str, at: Location, shape: Shape) -> tuple[str, int]:
        if not source.strip():
            self.findings.append(error("image-missing", "an image has no source", at=at))
            return "", WIDEST
        if has_scheme(source) or source.startswith("//"):
            verdict = judge_link(source, at, self.tokens)
            self.findings.extend([verdict.finding] if verdict.finding else [])
            return verdict.url, shape.widest
        if source in self.inside:
            return self._take(self.inside[source], source, at, shape)
        problem, hint, path = _resolve(unquote(source), self._allowed())
        if path is not None and not problem:
            return self._take(path.read_bytes(), path.name, at, shape)
        shown = self.tokens.restore(source)
        self.findings.append(error("image-missing", f"{shown!r} {problem}", at=at, hint=hint))
        return f"{self.places.base_url.rstrip('/')}/missing", WIDEST

    def _allowed(self) -> tuple[Path, ...]:
        return self.folder.resolve(), self.places.root.resolve()

    def _take(self, content: bytes, name: str, at: Location, shape: Shape) -> tuple[str, int]:
        made = self._made(content, name, at, shape)
        if made is None:
            return f"{self._base}/missing", WIDEST
        path, width = made
        places = self.places
        url = (
            f"{CID}{path.name}@{places.host}" if places.is_embedded else f"{self._base}/{path.name}"
        )
        self.files[url] = path
        if path.stat().st_size > _HEAVY:
            problem = f"{name!r} has {path.stat().st_size / 1e6:.1f} MB, slow on a phone"
            hint = "choose a calmer picture, or a shorter animation"
            self.findings.append(warning("image-heavy", problem, at=at, hint=hint))
        return url, width

    def _made(
        self, content: bytes, name: str, at: Location, shape: Shape
    ) -> tuple[Path, int] | None:
        """Make the picture fit, unless that was done before; what it is called says how."""
        digest = hashlib.blake2b(
            content, digest_size=4, salt=bytes([RECIPE]) + shape.salt
        ).hexdigest()
        stem = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-") or "image"
        known = next(self.places.cache.glob(f"{stem}-{digest}-w*.*"), None)
        if known is not None:
            return known, int(known.stem.rpartition("-w")[2])
        try:
            picture = make_fit(content, shape)
        except InputError as reason:
            problem = f"{name!r} {reason.problem}"
            self.findings.append(error("image-format", problem, at=at, hint=reason.hint))
            return None
        path = self.places.cache / f"{stem}-{digest}-w{picture.width}{picture.suffix}"
        _write_whole(path, picture.content)
        return path, picture.width

    @property
    def _base(self) -> str:
        return self.places.base_url.rstrip("/")


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears complete or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError as reason:
        raise ThemeError(
            f"the pictures cannot be kept in {path.parent}: {reason.strerror}",
            hint="make room on the disk, or get the right to write there",
        ) from reason


def _resolve(source: str, allowed: tuple[Path, ...]) -> tuple[str, str, Path | None]:
    """Give what is wrong (empty if nothing), a hint, and the file."""
    hint = "put the file beside the announcement, or write its https:// address"
    try:
        path = (allowed[0] / source).resolve()
        if not any(path.is_relative_to(folder) for folder in allowed):
            return "is outside of the workspace", hint, None
        if not path.is_file():
            near = ", ".join(_similar(path))
            return "does not exist", f"did you mean {near}?" if near else hint, None
        if path.stat().st_size > _LARGEST:
            return "is too large to be an image of an email", "save it smaller", None
    except (OSError, ValueError):  # a name too long, or a NUL in it
        return "is not a file name", hint, None
    return "", "", path


def _similar(path: Path) -> Iterator[str]:
    if path.parent.is_dir():
        wanted = path.stem.casefold()
        siblings = sorted(path.parent.iterdir())
        yield from (repr(each.name) for each in siblings if each.stem.casefold() == wanted)
