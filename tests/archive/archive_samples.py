"""A society with issues that were sent, and issues that never were."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsletter.archive.issue import Announced, PastIssue
from newsletter.archive.site import Plan, build_site
from newsletter.compose.brand import Brand
from newsletter.message.frozen import Attachment, Context, Document, Frozen, Slot

URL = "https://news.example.org/archive"
SENT = datetime(2027, 3, 2, 14, tzinfo=UTC)
BRAND = Brand(
    name="Society of Ferns",
    short_name="Ferns",
    legal_name="Society of Ferns",
    postal_address=("1 Moss Lane",),
)
_HEAD = (
    '<html lang="en" dir="ltr"><head><title>{title}</title><style>p {{ margin: 0 }}</style></head>'
    '<body style="background:#eee">'
)
UNSUBSCRIBE = Slot("unsubscribe_url", Context.LINK)
PREFERENCES = Slot("preferences_url", Context.LINK)


def document(body: str = "<p>Spores.</p>", title: str = "Ferns in March") -> Document:
    """An email with the two links of a member, and one to its page."""
    pieces = (
        _HEAD.format(title=title) + f'<div>{body}<p class="foot"><a href="',
        '">Unsubscribe</a> · <a href="',
        '">Preferences</a></p></div></body></html>',
    )
    line = Frozen((title,))
    return Document(
        subject=line,
        preheader=Frozen(("What spores do.",)),
        html=Frozen(pieces, (UNSUBSCRIBE, PREFERENCES)),
        text=Frozen(("Unsubscribe: ", "\n"), (UNSUBSCRIBE,)),
    )


def with_picture(body: str) -> Document:
    """The same with a picture within the message, and a file beside it."""
    files = (
        Attachment(name="fern.png", kind="image/png", content=b"PNG", content_id="fern"),
        Attachment(name="walk.ics", kind="text/calendar", content=b"BEGIN:VCALENDAR"),
    )
    return replace(document(body), attachments=files)


def past(slug: str = "march", day: int = 2, **own: Any) -> PastIssue:
    known: dict[str, Any] = {"sent": SENT.replace(day=day), "document": document()}
    return PastIssue(slug=slug, **{**known, **own})


def announced(slug: str, section: str = "", *tags: str, full: Document | None = None) -> Announced:
    return Announced(slug=slug, title=slug.title(), section=section, tags=tags, full=full)


def site(*issues: PastIssue, brand: Brand = BRAND) -> Mapping[str, str]:
    files = build_site(Plan(url=URL, title="Fern news", brand=brand), issues)
    return {path: content.decode("utf-8", "replace") for path, content in files.items()}


def in_workspace(folder: Path, more: str = "") -> None:
    """Give the workspace in `folder` an archive."""
    settings = folder / "newsletter.toml"
    text = settings.read_text("utf-8")
    table = '\n[archive]\nurl = "https://news.meridian.example.org/archive"\n'
    settings.write_text(f"{text}{table}{more}", encoding="utf-8")
