"""Events as calendar files (RFC 5545), which a member adds by a tap. A door to icalendar.

The same event gives the same bytes: its UID comes from the issue and its title, so that a message
sent again updates the entry instead of doubling it, and its stamp is the announcement's day.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from newsletter.compose.when import When
from newsletter.message.frozen import Attachment

if TYPE_CHECKING:
    import icalendar

_KIND = "text/calendar; charset=utf-8; method=PUBLISH"
_LONGEST_NAME = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of an issue; texts are plain."""

    title: str
    when: When
    where: str = ""
    url: str = ""
    words: str = ""
    """What is said about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes the events."""

    issue: str
    """The slug."""
    host: str
    """Of the society, which makes UIDs unique."""
    name: str
    stamp: dt.date | None
    """The day of the announcement; that of the event where there is none."""


def invitations(events: Iterable[Event], publisher: Publisher) -> tuple[Attachment, ...]:
    """Write a calendar file for each event, under names that differ."""
    used: Counter[str] = Counter()
    written = []
    for event in events:
        name = _file_name(event.title)
        used[name] += 1
        if used[name] > 1:  # one of a series: the second of its name in this issue
            name = f"{name}-{used[name]}"
        content = _calendar(event, name, publisher)
        written.append(Attachment(name=f"{name}.ics", kind=_KIND, content=content))
    return tuple(written)


def _calendar(event: Event, name: str, publisher: Publisher) -> bytes:
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{publisher.name}//newsletter//EN")
    calendar.add("method", "PUBLISH")
    entry = icalendar.Event()
    entry.add("uid", _uid(name, publisher))
    stamp = publisher.stamp or event.when.first
    entry.add("dtstamp", dt.datetime.combine(stamp, dt.time(), dt.UTC))
    _add_times(entry, event.when)
    entry.add("summary", event.title)
    said = {"location": event.where, "description": event.words, "url": event.url}
    for field, text in said.items():
        if text:
            entry.add(field, text)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _add_times(entry: "icalendar.Event", when: When) -> None:
    """Write moments in UTC, which no calendar reads wrongly, and days without a time as days."""
    if when.start is not None:
        entry.add("dtstart", when.start.astimezone(dt.UTC))
        if when.end is not None:
            entry.add("dtend", when.end.astimezone(dt.UTC))
        return
    entry.add("dtstart", when.first)
    entry.add("dtend", when.last + dt.timedelta(days=1))  # the first day that is not part of it
    entry.add("transp", "TRANSPARENT")


def _uid(name: str, publisher: Publisher) -> str:
    words = f"{publisher.issue}\0{name}"
    return f"{blake2b(words.encode(), digest_size=12).hexdigest()}@{publisher.host}"


def _file_name(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-") or "event"
