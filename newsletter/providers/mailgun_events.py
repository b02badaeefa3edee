"""Reading Mailgun's events of a dispatch. Pure.

Mailgun's page: docs/mailgun/api-reference/send/mailgun/events. Every message that it took has an
event `accepted`, with the variables that we gave it; they are kept for at least 3 days.
"""

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from newsletter.providers.answer import Answer, object_of
from newsletter.providers.protocol import Evidence, Inquiry
from newsletter.providers.tracing import SKEW, accepted, by_own_ids, objects_in

_PAGE = 300


def first_page(inquiry: Inquiry, domain: str) -> str:
    """Give the path of the first page of events."""
    query = {
        "begin": f"{(inquiry.since - SKEW).timestamp():.0f}",
        "end": f"{(inquiry.until + SKEW).timestamp():.0f}",
        "ascending": "yes",
        "limit": _PAGE,
        "event": "accepted",
        "tags": inquiry.issue[:128],
    }
    return f"/v3/{domain}/events?{urlencode(query)}"


def next_page(answer: Answer) -> str:
    """Give the path of the page behind this one; empty behind the last."""
    found = object_of(answer)
    paging = found.get("paging")
    if not isinstance(paging, dict) or not list(objects_in(found.get("items"))):
        return ""
    # Only the path is taken: the key goes to no host but the one of the settings.
    parts = urlsplit(str(paging.get("next", "")))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def evidence_in(answer: Answer, inquiry: Inquiry) -> Iterator[Evidence]:
    """Read which of the deliveries Mailgun has."""
    for each in objects_in(object_of(answer).get("items")):
        delivery = by_own_ids(inquiry, each.get("user-variables"))
        if delivery is not None and each.get("event") == "accepted":
            yield accepted(delivery, each.get("id", ""), each.get("event", ""))
