"""The schedules as a calendar (RFC 5545) that the staff can subscribe to. A door to icalendar.

An occurrence keeps its UID when a holiday moves it, so calendars move it, too.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule


def calendar_of(
    due: Mapping[Schedule, Sequence[Occurrence]], *, society: str, host: str, now: dt.datetime
) -> bytes:
    """Write what is `due` as one calendar; `host` makes the UIDs unique, `now` is its stamp."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{society}//newsletter//EN")
    calendar.add("x-wr-calname", f"{society}: dispatches")
    for schedule, occurrences in due.items():
        for each in occurrences:
            entry = icalendar.Event()
            words = f"{schedule.name}\0{each.wall.isoformat()}"
            uid = blake2b(words.encode(), digest_size=12).hexdigest()
            entry.add("uid", f"{uid}@{host}")
            entry.add("dtstamp", now)
            entry.add("dtstart", each.moment)
            entry.add("summary", schedule.name)
            entry.add("description", schedule.file_at(each.wall))
            entry.add("transp", "TRANSPARENT")
            calendar.add_component(entry)
    return bytes(calendar.to_ical())
