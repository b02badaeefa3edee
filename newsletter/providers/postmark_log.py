"""Searching Postmark's messages for those of a dispatch. Pure.

Postmark's pages: developer/api/messages-api, support/article/1125-custom-metadata-faq. A search
gives 10,000 messages at most, in pages of 500; what lies beyond stays unsure.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from newsletter.providers.answer import Answer, object_of
from newsletter.providers.protocol import Evidence, Inquiry
from newsletter.providers.tracing import SKEW, accepted, by_own_ids, objects_in

_PAGE, _MOST = 500, 10_000
_ITS_ZONE = ZoneInfo("America/New_York")
"""Its page: "Our API uses Eastern Time Zone"."""


def searches(inquiry: Inquiry, stream: str) -> Iterator[str]:
    """Give the paths of one page of the search after the other."""
    for offset in range(0, _MOST, _PAGE):
        query = {
            "count": _PAGE,
            "offset": offset,
            "messagestream": stream,
            "metadata_nl_dispatch": inquiry.dispatch,
            "fromdate": _written(inquiry.since - SKEW),
            "todate": _written(inquiry.until + SKEW),
        }
        yield f"/messages/outbound?{urlencode(query)}"


def is_last(answer: Answer) -> bool:
    """Tell whether no page comes after this one."""
    return len(list(objects_in(object_of(answer).get("Messages")))) < _PAGE


def evidence_in(answer: Answer, inquiry: Inquiry) -> Iterator[Evidence]:
    """Read which of the deliveries Postmark has."""
    for each in objects_in(object_of(answer).get("Messages")):
        delivery = by_own_ids(inquiry, each.get("Metadata"))
        if delivery is not None:
            yield accepted(delivery, each.get("MessageID", ""), each.get("Status", ""))


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(_ITS_ZONE):%Y-%m-%dT%H:%M:%S}"
