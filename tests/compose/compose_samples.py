"""Samples of the tests of composing: a society, issues written in a line and pictures."""

import re
import struct
import tomllib
import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.parse import read
from newsletter.compose.brand import Brand, SocialLink, read_brand
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.pictures import ImagePlaces
from newsletter.compose.theme import Theme, load_theme
from newsletter.errors import Location
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Issue, SlotUse, Variant
from newsletter.message.frozen import Document, Frozen

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
EVERYTHING = (Variant(),)

BRAND = Brand(
    name="Tidewater Institute of Heredity",
    short_name="Tidewater",
    legal_name="Tidewater Institute of Heredity e. V.",
    postal_address=("Am Kai 7", "20457 Hamburg", "Germany"),
    website="https://tidewater.example.org",
    reason="You get this because you are a member of the Tidewater Institute.",
    social=(SocialLink("Mastodon", "https://social.example.org/@tidewater"),),
)

MEMBER = {
    "first_name": "Zoë",
    "member_id": "7",
    "unsubscribe_url": "https://news.example.org/u/1",
    "preferences_url": "https://news.example.org/p/1",
}

_SLOT = re.compile(r'\{\{\s*(\w+)(?:\s+or\s+"([^"]*)")?\s*\}\}')


@lru_cache(maxsize=8)
def theme_named(name: str) -> Theme:
    return load_theme(TEMPLATES, name)


def theme() -> Theme:
    return theme_named("announcement")


def places(root: Path = ROOT) -> ImagePlaces:
    return ImagePlaces(base_url="https://news.example.org/images", root=root)


def issue_of(body: str, *, folder: Path = ROOT, **values: Any) -> Issue:
    written: dict[str, Any] = {
        "path": str(folder / "sample.md"),
        "slug": "sample",
        "title": "A sample",
        "preheader": "What it is about.",
        "body_line": 11,
        **values,
    }
    announcement = Announcement(body=body, **written)
    parts = (written.get("subject", ""), announcement.title, announcement.preheader, body)
    uses = tuple(
        SlotUse(found[1], found[2], found[0], Location(announcement.path, 1))
        for part in parts
        for found in _SLOT.finditer(part)
    )
    return Issue(announcement=announcement, subject=announcement.subject or "A sample", slots=uses)


def compiled(
    issue: Issue, *, with_theme: Theme | None = None, brand: Brand = BRAND, root: Path = ROOT
) -> CompiledIssue:
    return compile_issue(
        issue,
        theme=with_theme or theme(),
        brand=brand,
        images=places(root),
        variants=EVERYTHING,
    )


def document_of(body: str, **values: Any) -> Document:
    return compiled(issue_of(body, **values)).documents["-"]


def codes_of(body: str, **values: Any) -> list[tuple[str, int | None]]:
    """The code and the line in the file of each finding."""
    findings = compiled(issue_of(body, **values)).findings
    return [(each.code, each.at.line if each.at else None) for each in findings]


def html_of(body: str, **values: Any) -> str:
    return document_of(body, **values).html.fill(MEMBER)


def text_of(body: str, **values: Any) -> str:
    return document_of(body, **values).text.fill(MEMBER)


def shown(frozen: Frozen) -> str:
    """Write frozen text with each slot as `{{ name:context:fallback }}`."""
    pieces = [frozen.literals[0]]
    for slot, literal in zip(frozen.slots, frozen.literals[1:], strict=True):
        fallback = "" if slot.fallback is None else f":{slot.fallback}"
        pieces += [f"{{{{ {slot.name}:{slot.context}{fallback} }}}}", literal]
    return "".join(pieces)


def sample_files() -> list[Path]:
    """List the announcements that the repository brings along."""
    suffixes = {".md", ".markdown", ".txt"}
    return sorted(p for p in (ROOT / "announcements").iterdir() if p.suffix in suffixes)


def compiled_sample(source: Path, *, theme: str = "") -> CompiledIssue:
    """Compose the file `source` as the workspace of the repository does, all its parts shown.

    `theme` stands instead of the one that the file names.
    """
    settings = ROOT / "newsletter.toml"
    brand = read_brand(tomllib.loads(settings.read_text(encoding="utf-8")), settings.name)
    # The looks do not depend on the member list: any word may name a column or a segment.
    names = re.findall(r"[a-z][\w-]*", source.read_text(encoding="utf-8"))
    written = read(str(source))
    announcement = replace(written, theme=theme or written.theme)
    issue = assemble(announcement, subject=None, attributes=names, segments=names, topics=names)
    return compile_issue(
        issue,
        theme=theme_named(announcement.theme),
        brand=brand,
        images=ImagePlaces(base_url="https://images.example.org", root=ROOT),
        variants=[Variant((True,) * len(issue.blocks))],
    )


def filled(compiled: CompiledIssue) -> str:
    """Give the HTML as a member gets it who has what the slots ask for."""
    document = next(iter(compiled.documents.values()))
    values = {slot.name: slot.fallback or slot.name for slot in document.slots}
    return document.html.fill(values | MEMBER)


def png(width: int, height: int) -> bytes:
    """Draw a picture: a band of dusk over a band of hills."""
    rows = b"".join(
        b"\0" + (b"\x2d\x34\x55" if y * 3 > height * 2 else b"\xd9\x9a\x6c") * width
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
