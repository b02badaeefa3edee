"""Reading a Word document as an announcement. The one door to mammoth.

What Word holds beyond text (tracked changes, comments, text boxes, embedded objects, equations)
is left behind or flattened, and every such thing is a finding: nothing goes missing silently.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from newsletter.announcement.wordmarkup import to_markdown
from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, warning

if TYPE_CHECKING:
    from mammoth.documents import Image

SUFFIX = ".docx"

LARGEST = 40_000_000
"""In bytes, pictures included."""
_LARGEST_UNPACKED = 400_000_000
_LARGEST_TEXT = 60_000_000
"""Bytes of its XML, unpacked; a long report has five millions. More is an attack on memory."""

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Caption'] => p:fresh > em
r[style-name='Code'] => code
b => strong
i => em
u => em
strike => s
"""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"


class _Loss(NamedTuple):
    """Something of Word that an email does not have."""

    code: str
    words: str
    """With `{}` for how many."""
    hint: str


_LOSSES = {
    f"{_W}ins": _Loss(
        "word-tracked-changes",
        "{} tracked insertions were taken as accepted",
        "accept or reject the changes in Word",
    ),
    f"{_W}del": _Loss(
        "word-tracked-changes",
        "{} tracked deletions were taken as accepted",
        "accept or reject the changes in Word",
    ),
    f"{_W}commentReference": _Loss(
        "word-comments", "{} comments were left behind", "settle them in Word"
    ),
    f"{_W}txbxContent": _Loss(
        "word-text-box",
        "{} text boxes were read as paragraphs",
        "check their place, or move the words into the text",
    ),
    _OLE: _Loss(
        "word-object",
        "{} embedded objects were left behind",
        "put them in as pictures, or link to them",
    ),
    f"{_M}oMath": _Loss(
        "word-equation", "{} equations were left behind", "write them as text or as a picture"
    ),
    _CHART: _Loss("word-object", "{} charts were left behind", "put them in as pictures"),
    _DIAGRAM: _Loss("word-object", "{} diagrams were left behind", "put them in as pictures"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordText:
    """A Word document as Markdown."""

    markdown: str
    """Front matter and body, as an author would have written them."""
    images: Mapping[str, bytes]
    """The pictures by the names that the Markdown gives them."""
    findings: tuple[Finding, ...]


def read_docx(path: str) -> WordText:
    """Read the Word document at `path`.

    Raises:
        AnnouncementError: it is missing, too large, or no Word document.
    """
    content = _content(path)
    losses = _losses(path, content)
    images: dict[str, bytes] = {}
    html = _html(path, content, images)
    markdown, findings = to_markdown(html, path)
    return WordText(markdown=markdown, images=images, findings=(*losses, *findings))


def _content(path: str) -> bytes:
    try:
        size = Path(path).stat().st_size
        content = Path(path).read_bytes() if size <= LARGEST else b""
    except (OSError, ValueError) as reason:
        raise AnnouncementError(
            "the file cannot be read", at=Location(path), hint="check its name and your rights"
        ) from reason
    if size > LARGEST:
        raise AnnouncementError(
            f"the document has {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f} MB",
            at=Location(path),
            hint="let Word compress its pictures",
        )
    return content


def _losses(path: str, content: bytes) -> tuple[Finding, ...]:
    counts: Counter[str] = Counter()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if _is_bomb(package.infolist()):
                raise _no_word(path)
            with package.open("word/document.xml") as document:
                for _event, element in ET.iterparse(document):  # noqa: S314 - expat ends entities that grow and fetches none, as test_word.py proves
                    counts[element.tag] += 1
            headers = [name for name in package.namelist() if _is_margin(name)]
            has_margins = any(_has_words(package.read(name)) for name in headers)
    except (zipfile.BadZipFile, KeyError, ET.ParseError, OSError) as reason:
        raise _no_word(path) from reason
    return tuple(_findings(path, counts, has_margins=has_margins))


def _is_bomb(entries: list[zipfile.ZipInfo]) -> bool:
    """Tell whether it becomes too large when it is unpacked; a zip file reads no more than told."""
    text = sum(each.file_size for each in entries if each.filename.endswith((".xml", ".rels")))
    return text > _LARGEST_TEXT or sum(each.file_size for each in entries) > _LARGEST_UNPACKED


def _findings(path: str, counts: Counter[str], *, has_margins: bool) -> Iterator[Finding]:
    at = Location(path)
    # Word writes a text box twice, the second time for its older versions.
    counts[f"{_W}txbxContent"] = -(-counts[f"{_W}txbxContent"] // 2)
    for tag, loss in _LOSSES.items():
        if counts[tag]:
            words = loss.words.format(counts[tag])
            yield warning(loss.code, words, at=at, hint=loss.hint)
    if has_margins:
        yield warning(
            "word-margins",
            "the header and footer of the pages were left behind",
            at=at,
            hint="move what matters into the text",
        )


def _is_margin(name: str) -> bool:
    return name.startswith(("word/header", "word/footer")) and name.endswith(".xml")


def _has_words(xml: bytes) -> bool:
    root = ET.fromstring(xml)  # noqa: S314 - expat ends entities that grow and fetches none, as test_word.py proves
    return any((text.text or "").strip() for text in root.iter(f"{_W}t"))


def _html(path: str, content: bytes, images: dict[str, bytes]) -> str:
    import mammoth

    def keep(image: "Image") -> dict[str, str]:
        subtype = image.content_type.rpartition("/")[2].partition("+")[0]
        name = f"image-{len(images) + 1}.{'jpg' if subtype == 'jpeg' else subtype}"
        with image.open() as stream:
            images[name] = stream.read()
        return {"src": name}

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(keep),
        )
    except Exception as reason:  # mammoth raises whatever the broken XML makes it stumble over
        raise _no_word(path) from reason
    return str(result.value)


def _no_word(path: str) -> AnnouncementError:
    return AnnouncementError(
        "this is not a Word document that can be read",
        at=Location(path),
        hint="open it in Word and save it as .docx",
    )
