"""Opens and clicks: which of them were people. A heuristic; docs/report.md says how it judges.

Mail filters open every link before the member sees the message, and Apple's and Google's proxies
load every picture: counted as people, they make reports that flatter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SOON = timedelta(seconds=10)
"""After the delivery: nobody reads that fast."""
BURST = timedelta(seconds=10)
"""Within which a filter goes through the links."""
MANY_LINKS = 3

_MACHINES = re.compile(
    r"bot\b|crawl|spider|scan|proofpoint|barracuda|mimecast|fireeye|symantec|sophos|trendmicro|"
    r"google-safety|safelinks|urldefense|headless|phantom|curl/|wget/|python-|go-http|java/|"
    r"okhttp|libwww|axios|node-fetch|httpclient|preview|monitor",
    re.IGNORECASE,
)
_BARE = frozenset({"Mozilla/5.0", "mozilla"})
"""Apple's Mail Privacy Protection says no more than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One open or click of one delivery."""

    at: datetime
    agent: str
    link: str
    """Empty for an open."""
    is_machine: bool
    """The provider itself says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How many were by people, and how many by machines."""

    people: int = 0
    machines: int = 0


def by_people(touches: Sequence[Touch], delivered: datetime | None) -> tuple[Touch, ...]:
    """Keep the opens, or the clicks, of one delivery that a person seems to have made.

    It depends on the set of them alone, not on the order in which they were told.
    """
    bursts = _bursts(touches)
    return tuple(
        touch
        for touch in touches
        if not (
            touch.is_machine
            or touch.agent in _BARE
            or _MACHINES.search(touch.agent)
            or touch.at in bursts
            or (delivered is not None and touch.at - delivered < SOON)
        )
    )


def judge(
    deliveries: Mapping[int, Sequence[Touch]], delivered: Mapping[int, datetime]
) -> Judgement:
    """Count the deliveries that a person opened, or clicked in, and those only machines did."""
    people = sum(
        bool(by_people(touches, delivered.get(position)))
        for position, touches in deliveries.items()
    )
    return Judgement(people=people, machines=len(deliveries) - people)


def count_links(
    deliveries: Mapping[int, Sequence[Touch]], delivered: Mapping[int, datetime]
) -> dict[str, Judgement]:
    """Count for each link the deliveries in which a person clicked on it, and the others."""
    people: dict[str, int] = {}
    everybody: dict[str, int] = {}
    for position, touches in deliveries.items():
        theirs = {touch.link for touch in by_people(touches, delivered.get(position))}
        for link in {touch.link for touch in touches}:
            everybody[link] = everybody.get(link, 0) + 1
            people[link] = people.get(link, 0) + (link in theirs)
    return {
        link: Judgement(people=people[link], machines=count - people[link])
        for link, count in everybody.items()
    }


def _bursts(touches: Iterable[Touch]) -> frozenset[datetime]:
    """Find the moments at which many links were followed at once."""
    clicks = sorted((touch.at, touch.link) for touch in touches if touch.link)
    found: set[datetime] = set()
    for first, _link in clicks:
        near = [(at, link) for at, link in clicks if first <= at <= first + BURST]
        if len({link for _at, link in near}) >= MANY_LINKS:
            found.update(at for at, _link in near)
    return frozenset(found)
