"""The schedules as a calendar that the calendars of the staff follow, by a link of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_urlsafe

from newsletter.ledger.calendarlinks import end_link, make_link, may_follow
from newsletter.ledger.roles import Right
from newsletter.schedule.feed import calendar_of
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.workspace.scheduled import schedules_of

_AHEAD = 12
"""Occurrences of each schedule, as `newsletter schedules` shows them."""


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Following(desk)
    return (
        button("/calendar/link", pages.make, Right.LOOK),
        button("/calendar/link/end", pages.end, Right.LOOK),
        page("/calendar/feed/{token}", pages.feed, None),
    )


@dataclass(frozen=True, slots=True)
class _Following:
    desk: Desk

    def make(self, asked: Asked) -> Answer:
        """Make the link of a visitor, and show it this once: it is kept as a hash alone."""
        token = token_urlsafe(32)
        make_link(self.desk.open().ledger, asked.who.colleague, token, self.desk.author(asked))
        return self.desk.page(
            asked,
            "calendar-link.html.j2",
            url=f"{self.desk.site.url}/calendar/feed/{token}.ics",
        )

    def end(self, asked: Asked) -> Answer:
        """Let the link of a visitor work no more."""
        end_link(self.desk.open().ledger, asked.who.colleague, self.desk.author(asked))
        return go_to("/calendar", "Your calendar link works no more.")

    def feed(self, asked: Asked) -> Answer:
        """Give the calendar to whoever has a link that works."""
        workspace, token = self.desk.open(), asked.places["token"].removesuffix(".ics")
        if not may_follow(workspace.ledger, token):
            text = "It was ended, or its owner works here no more. Make a new one at the desk."
            title = "This link leads nowhere"
            return self.desk.problem(asked, title, text, HTTPStatus.NOT_FOUND)
        settings, now = workspace.settings, self.desk.clock.now()
        due = {each: each.recurrence.next(now, _AHEAD) for each in schedules_of(settings)}
        body = calendar_of(due, society=settings.brand.name, host=settings.list_id, now=now)
        return Answer(kind="text/calendar; charset=utf-8", body=body)
