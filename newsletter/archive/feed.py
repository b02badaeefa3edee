"""The Atom feed of the archive (RFC 4287)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
MOST = 30
"""Entries: who reads feeds looks more often than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One issue in the feed."""

    url: str
    """Its page, which names it for ever, too."""
    title: str
    lang: str
    sent: dt.datetime
    updated: dt.datetime
    summary: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What the feed says of itself."""

    url: str
    """The archive, with a slash at the end."""
    title: str
    author: str
    lang: str
    empty_since: dt.datetime = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    """Stands for the last change where there is no entry: section 4.1.1 wants one."""


def write_feed(channel: Channel, entries: Iterable[Entry]) -> bytes:
    """Write the feed; `entries` come newest first."""
    shown = tuple(entries)[:MOST]
    feed = ET.Element("feed", {"xmlns": _ATOM, f"{{{_XML}}}lang": channel.lang})
    updated = max((each.updated for each in shown), default=channel.empty_since)
    _text(feed, "id", channel.url)
    _text(feed, "title", channel.title)
    _text(feed, "updated", _moment(updated))
    _text(_text(feed, "author"), "name", channel.author)
    _link(feed, "self", f"{channel.url}feed.xml", "application/atom+xml")
    _link(feed, "alternate", channel.url, "text/html")
    for each in shown:
        entry = ET.SubElement(feed, "entry", {f"{{{_XML}}}lang": each.lang})
        _text(entry, "id", each.url)
        _text(entry, "title", each.title)
        _text(entry, "published", _moment(each.sent))
        _text(entry, "updated", _moment(each.updated))
        _link(entry, "alternate", each.url, "text/html")
        for name in each.categories:
            ET.SubElement(entry, "category", {"term": name})
        _text(entry, "summary", each.summary)
    ET.indent(feed)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _text(parent: ET.Element, name: str, text: str = "") -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = text or None
    return element


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})


def _moment(at: dt.datetime) -> str:
    """Write a moment as RFC 3339 has it, in UTC."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
