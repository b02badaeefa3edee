"""Reading Brevo's events of a dispatch. Pure.

Brevo's page: reference/get-email-event-report. Every message that it took has an event
`requests`, and carries the number of the dispatch as a tag; an address has one message in it.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from newsletter.providers.answer import Answer, object_of
from newsletter.providers.protocol import Evidence, Inquiry
from newsletter.providers.tracing import accepted, by_address, objects_in

_PAGE, _MOST = 2500, 1_000_000
_A_DAY = timedelta(days=1)
"""It counts days in the time zone of the account, which nobody told us."""


def searches(inquiry: Inquiry) -> Iterator[str]:
    """Give the paths of one page of events after the other."""
    for offset in range(0, _MOST, _PAGE):
        query = {
            "limit": _PAGE,
            "offset": offset,
            "startDate": f"{inquiry.since - _A_DAY:%Y-%m-%d}",
            "endDate": f"{inquiry.until:%Y-%m-%d}",
            "event": "requests",
            "tags": json.dumps([inquiry.dispatch]),
        }
        yield f"/v3/smtp/statistics/events?{urlencode(query)}"


def is_last(answer: Answer) -> bool:
    """Tell whether no page comes after this one."""
    return len(list(objects_in(object_of(answer).get("events")))) < _PAGE


def evidence_in(answer: Answer, inquiry: Inquiry) -> Iterator[Evidence]:
    """Read which of the deliveries Brevo has."""
    wanted = by_address(inquiry)
    for each in objects_in(object_of(answer).get("events")):
        delivery = wanted.get(str(each.get("email", "")).lower())
        # The tag is looked at again: what is not surely of this dispatch is no evidence.
        is_its = inquiry.dispatch in str(each.get("tag", ""))
        if delivery is not None and is_its and each.get("event") == "requests":
            yield accepted(delivery, each.get("messageId", ""), each.get("event", ""))
