"""What laws and mailbox providers ask of every bulk email, looked for in the email itself.

The postal address: CAN-SPAM Act, 15 U.S.C. 7704(a)(5). The visible way out: the same (a)(3), and
the rules of Gmail and Yahoo for bulk senders (2024). One click: RFC 8058.
"""

import re
from collections.abc import Iterable, Iterator

from newsletter.check.page import Element, Page
from newsletter.finding import Finding, error
from newsletter.message.frozen import Document
from newsletter.message.headers import Header

_WORD = re.compile(r"\w+")


def check_law(document: Document, page: Page, postal_address: Iterable[str]) -> Iterator[Finding]:
    """Look for the postal address and the way out in both parts of one variant."""
    lines = tuple(postal_address)
    for part, text in (("HTML", page.seen_words()), ("plain text", _literal(document))):
        if any(not _holds(text, line) for line in lines):
            yield error(
                "address-missing",
                f"the {part} part does not show the society's postal address",
                hint="put it back into the footer of the theme: {{ brand.postal_address }}",
            )
    for part, frozen in (("HTML", document.html), ("plain text", document.text)):
        if not any(slot.name == "unsubscribe_url" for slot in frozen.slots):
            yield error(
                "unsubscribe-missing",
                f"the {part} part has no unsubscribe link",
                hint="add {{ unsubscribe_url }} to the footer of the theme",
            )
    yield from _check_visible(page)


def check_one_click(headers: Iterable[Header]) -> Iterator[Finding]:
    """Look for the two headers of RFC 8058 in a message as it is sent."""
    found = {header.name.lower(): header.wire for header in headers}
    link = re.search(r"<https://[^<>\s]+>", found.get("list-unsubscribe", ""))
    post = found.get("list-unsubscribe-post", "")
    if not link or post != "List-Unsubscribe=One-Click":
        yield error(
            "one-click-missing",
            "mail programs cannot offer to unsubscribe with one click (RFC 8058)",
            hint="let base_url of [list] in newsletter.toml begin with https://",
        )


def _check_visible(page: Page) -> Iterator[Finding]:
    links = [
        link for link in page.of("a") if link.attributes.get("href", "").endswith(_UNSUBSCRIBE)
    ]
    if links and not any(_is_seen(page, link) for link in links):
        yield error(
            "unsubscribe-hidden",
            "nobody sees the unsubscribe link of the HTML part",
            hint="write words into it that a reader sees, such as Unsubscribe",
        )


_UNSUBSCRIBE = "/unsubscribe_url"
"""The end of the link that `check.page` puts into the slot."""


def _is_seen(page: Page, link: Element) -> bool:
    return any(
        element.own and element.light.is_seen and (element is link or link in element.around())
        for element in page.elements
    )


def _holds(text: str, line: str) -> bool:
    """Tell whether the words of `line` follow each other in `text`."""
    return " ".join(_WORD.findall(line.casefold())) in " ".join(_WORD.findall(text.casefold()))


def _literal(document: Document) -> str:
    return "\n".join(document.text.literals)
