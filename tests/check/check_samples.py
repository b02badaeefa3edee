"""Samples of the tests of checks: a page, an issue and an envelope in a line."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from newsletter.address import Mailbox, parse_address
from newsletter.announcement.announcement import Announcement
from newsletter.check.page import Page, parse_page
from newsletter.check.place import Places
from newsletter.finding import Finding
from newsletter.issue.issue import Issue
from newsletter.message.batch import Envelope
from newsletter.message.frozen import Context, Document, Frozen, Slot

TODAY = dt.date(2026, 11, 23)
UNSUBSCRIBE = Slot("unsubscribe_url", Context.LINK)


def issue_of(body: str = "", *, subject: str = "News of the society", **values: Any) -> Issue:
    written: dict[str, Any] = {"path": "news.md", "slug": "news", "title": "News", **values}
    announcement = Announcement(body=body, body_line=5, **written)
    return Issue(announcement=announcement, subject=subject, slots=())


def page_of(body: str, *, css: str = "", attributes: str = 'lang="en" dir="ltr"') -> Page:
    head = f"<title>News</title><style>{css}</style>"
    return parse_page(f"<!DOCTYPE html><html {attributes}><head>{head}</head><body>{body}</body>")


def places_of(body: str = "", **values: Any) -> Places:
    return Places(issue_of(body, **values))


def document_of(html: str, text: str = "Leave: ", *, subject: str = "News") -> Document:
    """Freeze `html` with the unsubscribe link at its `@@`, and one at the end of `text`."""
    before, _, after = html.partition("@@")
    return Document(
        subject=Frozen((subject,)),
        preheader=Frozen(("",)),
        html=Frozen((before, after), (UNSUBSCRIBE,)),
        text=Frozen((text, ""), (Slot("unsubscribe_url", Context.PLAIN),)),
    )


def envelope_of(
    sender: str = "news@society.org",
    *,
    name: str = "The Society",
    reply_to: str = "",
    **values: Any,
) -> Envelope:
    given: dict[str, Any] = {
        "date": dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
        "dispatch": "0123456789abcdef",
        "issue": "news",
        "list_id": "news.society.org",
        "list_name": "News",
        **values,
    }
    return Envelope(
        sender=Mailbox(parse_address(sender), name),
        reply_to=Mailbox(parse_address(reply_to)) if reply_to else None,
        **given,
    )


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def lines(findings: Iterable[Finding]) -> list[tuple[str, int | None]]:
    return [(each.code, each.at.line if each.at else None) for each in findings]
