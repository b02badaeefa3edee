"""The values of an announcement, understood from what stands in its header."""

import datetime as dt
import re
import unicodedata

from newsletter.announcement.announcement import Button, Byline, Image
from newsletter.announcement.dates import read_date
from newsletter.announcement.header import Entry, Header
from newsletter.finding import error

SLOT_KEYS = frozenset({"title", "subject", "preheader"})
"""Keys whose value may hold slots."""

_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_WEB_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@|tel:\+?\d)\S*", re.IGNORECASE)
_LONGEST_SLUG = 80

_POST_NOMINALS = re.compile(
    r"(?:(?:ii|iii|iv|[js]r|[bm]a|[bm]sc?|mba|mbbs|mbchb|mph|mphil|md|dphil|dsc|dvm|phd|scd|pharmd"
    r"|jd|rn|esq|obe|cgc|facmg|fmedsci|frcp|frcpath|frs)(?: |$))+"
)
"""What follows a name behind a comma and is no role, without full stops."""


def one_line(header: Header, key: str) -> str:
    """Take the value of `key` as one line; empty where it is not given.

    Line breaks and other control characters are refused: in a header of an email, RFC 5322
    section 2.2 lets a line break begin the next header.
    """
    entry = header.entries.get(key)
    if entry is None:
        return ""
    text = entry.text.replace("\t", " ").strip()
    strange = control_character(text)
    if strange:
        problem = f"{key!r} holds {strange}"
        header.refuse(problem, entry.at, "write it in one line of plain text")
    if key not in SLOT_KEYS and ("{{" in text or "{%" in text):
        header.refuse(
            f"{key!r} cannot hold slots",
            entry.at,
            "put slots into the text, the title, the subject or the preheader",
        )
    return text


def control_character(text: str) -> str:
    """Name the first line break or control character of `text`; empty where there is none."""
    for character in text:
        if character in "\r\n\u2028\u2029":
            return "a line break"
        if unicodedata.category(character) in {"Cc", "Cs"}:
            return f"the control character U+{ord(character):04X}"
    return ""


def byline(header: Header) -> Byline | None:
    """Understand who speaks: `Jane Doe, PhD, Executive Director` or name and role apart."""
    text, role = one_line(header, "byline"), one_line(header, "byline_role")
    if "byline" not in header.entries:
        return None
    if not text:
        at = header.entries["byline"].at
        header.refuse("the byline has no name", at, 'write byline: "Jane Doe, President"')
        return None
    is_apart = "byline_role" in header.entries
    return Byline(text, role) if is_apart else _split_byline(text)


def _split_byline(text: str) -> Byline:
    name, *rest = [part.strip() for part in text.split(",")]
    while rest and _is_post_nominal(rest[0]):
        name = f"{name}, {rest.pop(0)}"
    return Byline(name, ", ".join(part for part in rest if part))


def _is_post_nominal(part: str) -> bool:
    return bool(_POST_NOMINALS.fullmatch(" ".join(part.replace(".", "").lower().split())))


def date(header: Header) -> dt.date | None:
    """Understand the day of the announcement."""
    text = one_line(header, "date")
    if not text:
        return None
    found = read_date(text)
    if found is None:
        header.refuse(
            f"{text!r} is not a date", header.entries["date"].at, "write it as 2027-03-15"
        )
    return found


def embargo(header: Header) -> dt.datetime | None:
    """Understand until when it is held back: a day (it ends as the day begins, UTC) or a time."""
    text = one_line(header, "embargo")
    if not text:
        return None
    at = header.entries["embargo"].at
    day = None if ":" in text else read_date(text)
    if day:
        return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        header.refuse(f"{text!r} is no time", at, "write it as 2027-03-15T14:00+01:00")
        return None
    if moment.tzinfo is None:
        header.refuse(f"{text!r} has no time zone", at, "write it as 2027-03-15T14:00+01:00")
        return None
    return moment


def image(header: Header) -> Image | None:
    """Understand the picture and its words."""
    source = one_line(header, "image")
    alt, caption = one_line(header, "image_alt"), one_line(header, "image_caption")
    if not source:
        _refuse_lonely(header, "image", ("image_alt", "image_caption"))
        return None
    at = header.entries["image"].at
    if re.match(r"(?!https://)[A-Za-z][A-Za-z0-9+.-]*:|[/\\]", source):
        header.refuse(
            f"the image {source!r} cannot be shown to readers",
            at,
            "name a file beside the announcement, such as images/hero.jpg, or an https:// URL",
        )
    if "image_alt" not in header.entries:
        finding = error(
            "image-alt-missing",
            "the image has no words for people who cannot see it",
            at=at,
            hint='say in `alt` what it shows; write alt: "" if it is mere decoration',
        )
        header.findings.append(finding)
    return Image(source, alt, caption)


def button(header: Header) -> Button | None:
    """Understand the button: label and URL apart, or `Label https://...` in one line."""
    label, url = one_line(header, "button_label"), one_line(header, "button_url")
    whole = one_line(header, "button")
    if whole and not (label or url):
        label, _, url = whole.rpartition(" ")
    if not (label or url):
        _refuse_lonely(header, "button", ("button",))
        return None
    at = _first_place(header, ("button_url", "button", "button_label"))
    hint = "write label: Register now and url: https://... below button:"
    if not label.strip() or not url:
        header.refuse("a button needs a label and a URL", at.at, hint)
    elif not _WEB_LINK.fullmatch(url):
        header.refuse(
            f"{url!r} is not the URL of a button", at.at, "begin it with https:// or mailto:"
        )
    return Button(label.strip(), url)


def link(header: Header) -> str:
    """Take the page on the web, where a digest sends readers."""
    url = one_line(header, "link")
    if url and not _WEB_LINK.fullmatch(url):
        at = header.entries["link"].at
        header.refuse(f"{url!r} is not a link", at, "begin it with https://")
    return url


def _first_place(header: Header, keys: tuple[str, ...]) -> Entry:
    return next(header.entries[key] for key in keys if key in header.entries)


def _refuse_lonely(header: Header, whole: str, parts: tuple[str, ...]) -> None:
    given = [key for key in parts if key in header.entries]
    if given:
        at = header.entries[given[0]].at
        header.refuse(f"there is no {whole} for this", at, f"complete the {whole} or delete this")


def segments(header: Header) -> tuple[str, ...]:
    """List the segments the author wants, each once."""
    for entry in header.segments:
        if control_character(entry.text):
            header.refuse("a segment has to be one word", entry.at, "write it as - students")
    return tuple(dict.fromkeys(entry.text for entry in header.segments))


def topic(header: Header) -> str:
    """Take the name of the topic, one of the [topics] of the society."""
    name = one_line(header, "topic")
    if name and not _NAME.fullmatch(name):
        at = header.entries["topic"].at
        header.refuse(f"{name!r} cannot be a topic", at, "name one of [topics] in newsletter.toml")
    return name


def is_notice(header: Header) -> bool:
    """Tell whether it is a formal notice to members."""
    kind = one_line(header, "kind").lower()
    if kind not in ("", "announcement", "notice"):
        at = header.entries["kind"].at
        header.refuse(f"{kind!r} is no kind of issue", at, "write notice or announcement")
    return kind == "notice"


def theme(header: Header) -> str:
    """Take the name of the theme, a folder under `templates/`."""
    name = one_line(header, "theme")
    if name and not _NAME.fullmatch(name):
        at = header.entries["theme"].at
        header.refuse(f"{name!r} cannot be a theme", at, "name a folder of templates/")
    return name or "announcement"


def lang(header: Header) -> str:
    """Take the language as a BCP 47 tag; empty where it is not given."""
    tag = one_line(header, "lang")
    if tag and not _LANG.fullmatch(tag):
        at = header.entries["lang"].at
        header.refuse(f"{tag!r} is not a language tag", at, "write it as en, fr-CA or zh-Hant")
    return tag


def flag(header: Header, key: str) -> bool | None:
    """Take yes or no; None where nobody says."""
    said = one_line(header, key).lower()
    if said in ("true", "yes", "on"):
        return True
    if said and said not in ("false", "no", "off"):
        at = header.entries[key].at
        header.refuse(f"{said!r} is neither true nor false", at, f"write {key}: true")
    return False if said else None


def slug(header: Header, stem: str) -> str:
    """Take the slug, or make it of the file name without suffix, `stem`."""
    given = one_line(header, "slug")
    if not given:
        return slug_of(stem)
    if not _SLUG.fullmatch(given) or len(given) > _LONGEST_SLUG:
        header.refuse(
            f"{given!r} is not a slug", header.entries["slug"].at, f"write it as {slug_of(given)}"
        )
    return given


def slug_of(words: str) -> str:
    """Spell `words` in lower-case ASCII letters, digits and dashes, always in the same way."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    spelled = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-")
    if spelled:
        return spelled
    # A name in another script: its letters as numbers, for want of a better spelling.
    return f"issue-{words.encode('utf-8', 'replace').hex()[:24]}"
