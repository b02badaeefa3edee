"""Reading what providers post: JSON of which nothing is certain.

An event that cannot be read is left out and counted, and spoils no other: a provider repeats a
refused request for a day, and would lose the good ones with the bad.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from newsletter.errors import InputError
from newsletter.feedback.event import Event

_LATEST = 4_102_444_800
"""The seconds of the year 2100: what is greater is in milliseconds."""
_DEEPEST = 100_000
"""Bytes of one text that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one request of a provider tells."""

    events: tuple[Event, ...] = ()
    foreign: int = 0
    """Events about messages that are not ours, or of kinds that tell us nothing."""
    unreadable: int = 0


class Found(NamedTuple):
    """A value on its way through a payload."""

    value: object

    def at(self, *path: str) -> "Found":
        """Go along names; where there is nothing, there is None."""
        value = self.value
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return Found(value)

    @property
    def text(self) -> str:
        """Give it as text; empty where it is none."""
        if isinstance(self.value, bool | float | int):
            return str(self.value)
        return self.value[:_DEEPEST] if isinstance(self.value, str) else ""

    @property
    def canonical(self) -> bytes:
        """Write it as JSON, equal values always alike."""
        return json.dumps(self.value, sort_keys=True).encode()

    @property
    def flag(self) -> bool:
        """Tell whether it is true."""
        return self.value is True or self.text.lower() == "true"

    @property
    def items(self) -> tuple["Found", ...]:
        """Give the members of a list; none where it is no list."""
        return tuple(map(Found, self.value)) if isinstance(self.value, list) else ()

    @property
    def moment(self) -> datetime:
        """Read a moment: seconds or milliseconds since 1970, or ISO 8601 with its zone.

        Raises:
            ValueError: it is none.
        """
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if is_number or self.text.isdigit():
            seconds = float(self.text)
            return datetime.fromtimestamp(seconds / (1000 if seconds > _LATEST else 1), UTC)
        found = datetime.fromisoformat(self.text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def header(self, name: str) -> str:
        """Find a header in a list of objects with `name` and `value`; empty where it is not."""
        named = (each for each in self.items if each.at("name").text.lower() == name)
        return next((each.at("value").text for each in named), "")


def load(body: bytes) -> Found:
    """Read a body as JSON.

    Raises:
        InputError: it is none.
    """
    try:
        return Found(json.loads(body))
    except (ValueError, RecursionError) as reason:
        raise InputError("the body is not JSON", hint="send it as the provider made it") from reason


def read_each(found: Iterable[Found], read: Callable[[Found], Event | None]) -> Reading:
    """Read events one by one; `read` gives None for what is not ours."""
    events: list[Event] = []
    foreign = unreadable = 0
    for each in found:
        try:
            event = read(each)
        except (ValueError, OverflowError, OSError):  # moments that no calendar has
            unreadable += 1
            continue
        if event is None:
            foreign += 1
        else:
            events.append(event)
    return Reading(events=tuple(events), foreign=foreign, unreadable=unreadable)
