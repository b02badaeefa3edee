"""The schedules as a calendar (RFC 5545) that the staff can subscribe to. A door to icalendar.

Each step before an occurrence is an entry of its own. An entry keeps its UID when a holiday moves
it, so calendars move it, too.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from newsletter.schedule.recurrence import Occurrence
from newsletter.schedule.schedule import Schedule
from newsletter.schedule.steps import STEPS, steps_of

if TYPE_CHECKING:
    import icalendar


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
            words = f"{schedule.name}\0{each.wall.isoformat()}"
            calendar.add_component(
                _entry(
                    f"{_uid(words)}@{host}",
                    now,
                    each.moment,
                    (schedule.name, schedule.file_at(each.wall)),
                )
            )
            for step in steps_of(schedule, each):
                if step.moment <= now:
                    continue
                uid = f"{_uid(words + chr(0) + step.step)}@{host}"
                said = (f"{schedule.name}: {STEPS[step.step]}", schedule.file_at(each.wall))
                calendar.add_component(_entry(uid, now, step.moment, said))
    return bytes(calendar.to_ical())


def _uid(words: str) -> str:
    return blake2b(words.encode(), digest_size=12).hexdigest()


def _entry(
    uid: str, now: dt.datetime, moment: dt.datetime, said: tuple[str, str]
) -> "icalendar.Event":
    import icalendar

    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", now)
    entry.add("dtstart", moment)
    entry.add("summary", said[0])
    entry.add("description", said[1])
    entry.add("transp", "TRANSPARENT")
    return entry
