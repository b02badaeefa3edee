"""Asking SendGrid's Email Logs for the messages of a dispatch. Pure.

SendGrid's page: docs/sendgrid/api-reference/email-logs/filter-all-messages. One answer holds 1000
messages at most, and there is no second page; so a span of time that gives as many is halved.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from newsletter.providers.answer import Answer, object_of
from newsletter.providers.protocol import Evidence, Inquiry
from newsletter.providers.tracing import accepted, by_address, objects_in

_MOST = 1000
_SHORTEST = timedelta(seconds=1)
"""The log's own grain."""


class Span(NamedTuple):
    """A span of time in the log."""

    since: datetime
    until: datetime

    def query(self, dispatch: str) -> bytes:
        """Ask for the messages of `dispatch` that were handed over in it."""
        conditions = (
            f'sg_message_id_created_at >= TIMESTAMP "{_written(self.since)}"',
            f'sg_message_id_created_at <= TIMESTAMP "{_written(self.until)}"',
            f"categories IN ('{dispatch}')",
        )
        return json.dumps({"query": " AND ".join(conditions), "limit": _MOST}).encode("ascii")

    def halves(self, answer: Answer) -> tuple["Span", ...]:
        """Give both halves where `answer` may not hold all of it; none where it does."""
        length = self.until - self.since
        is_full = len(list(objects_in(object_of(answer).get("messages")))) >= _MOST
        if not is_full or length <= _SHORTEST:
            return ()
        middle = self.since + length / 2
        return Span(self.since, middle), Span(middle, self.until)


def evidence_in(answer: Answer, inquiry: Inquiry) -> Iterator[Evidence]:
    """Read which of the deliveries SendGrid has; whatever became of them, it took them."""
    wanted = by_address(inquiry)
    for each in objects_in(object_of(answer).get("messages")):
        delivery = wanted.get(str(each.get("to_email", "")).lower())
        if delivery is not None:
            yield accepted(delivery, each.get("sg_message_id", ""), each.get("status", ""))


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
