"""An email taken apart, to stand in a page of a site: its style, its body, its words.

A door to lxml: what is taken out of an email depends on what stands around it.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.archive.neutral import NOWHERE, fill_for_nobody
from newsletter.compose.pictures import CID
from newsletter.message.frozen import Document

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SEPARATOR = re.compile(r"^[\s\u00a0]*[|·•/\u2013\u2014-][\s\u00a0]*")
_NOTHING = re.compile(r"[\s\u00a0|·•/:\u2013\u2014-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page shows of an email."""

    title: str
    lang: str
    dir: str
    style: str
    """The rules of its `<style>`."""
    ground: str
    """The style of its body."""
    body: str
    """Markup."""
    words: str
    """What a reader sees, white space made single."""


def take_apart(
    document: Document, *, member: str, own: str, pictures: Mapping[str, str], reason: str = ""
) -> Sheet:
    """Take the HTML of `document` apart, without anything of a member.

    Args:
        document: it is filled with neutral words.
        member: stands for a name.
        own: its own address in the archive, to which it need not lead.
        reason: why a member gets it, which is not said to everybody else.
        pictures: by `cid:` URL, where the page finds each picture within the message.
    """
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring, tostring

    html = fill_for_nobody(document.html, member)
    root = document_fromstring(html, parser=HTMLParser(remove_comments=True, remove_pis=True))
    for link in list(root.iter("a")):
        if link.get("href", "") in (NOWHERE, own):
            _take_out(link)
    for each in list(root.iter("span", "p", "div", "td")):
        if reason and (each.text or "").strip() == reason:
            _take_out(each)
    for picture in root.iter("img"):
        picture.set("src", pictures.get(picture.get("src", ""), picture.get("src", "")))
    style = "\n".join(each.text or "" for each in root.iter("style"))
    for each in list(root.iter("script", "style", "base")):
        each.drop_tree()
    body = root.body
    words = " ".join(" ".join(_seen(body)).split())
    ground = body.get("style", "")
    body.attrib.clear()
    etree.strip_attributes(root, "xmlns", "{http://www.w3.org/2000/xmlns/}v")
    markup = tostring(body, encoding="unicode").strip()
    return Sheet(
        title=" ".join((root.findtext(".//title") or "").split()),
        lang=root.get("lang", ""),
        dir=root.get("dir", ""),
        style=style.strip(),
        ground=ground,
        body=markup.removeprefix("<body>").removesuffix("</body>").replace(NOWHERE, "").strip(),
        words=words.replace(NOWHERE, ""),
    )


def pictures_of(document: Document) -> Iterator[str]:
    """Name the pictures within the message as its HTML names them."""
    return (f"{CID}{each.content_id}" for each in document.attachments if each.content_id)


def _seen(body: "HtmlElement") -> Iterator[str]:
    """Give the words of `body`, without those that are hidden."""
    shown = deepcopy(body)
    for each in shown.xpath(".//*[contains(translate(@style, ' ', ''), 'display:none')]"):
        each.drop_tree()
    yield from shown.itertext()


def _take_out(link: "HtmlElement") -> None:
    """Take a link out, with the sign that parts it from the next, and what is empty then."""
    if link.tail:
        link.tail = _SEPARATOR.sub("", link.tail)
    parent = link.getparent()
    link.drop_tree()
    while parent is not None and parent.tag not in ("body", "html"):
        text = parent.text_content()
        if not _NOTHING.fullmatch(text) or next(parent.iter("img"), None) is not None:
            return
        element, parent = parent, parent.getparent()
        element.drop_tree()
