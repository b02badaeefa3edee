"""A dispatch that went as real ones go: most arrived, some did not, a few left."""

import datetime as dt
import random
from pathlib import Path

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.segment import Selection
from newsletter.compose.compiled import CompiledIssue
from newsletter.feedback.event import Event, Kind, Reason
from newsletter.feedback.policy import Policy
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.consent import leave
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Dispatch
from newsletter.ledger.feedback import take_in
from newsletter.ledger.members import bring_in
from newsletter.ledger.opening import Opening, open_dispatch
from newsletter.ledger.selection import Choice
from newsletter.ledger.settling import settle
from newsletter.message.frozen import Document, Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Outcome

NOON = dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)
REF = "0123456789abcdef"
ALL = Policy(opens=True, clicks=True)
DOMAINS = ("gmail.com", "gmail.com", "outlook.com", "uni-heidelberg.de", "cam.ac.uk", "yahoo.com")
LINKS = ("https://meridian.example.org/programme", "https://meridian.example.org/register")
FAILURES = (
    (Kind.HARD, Reason.NO_SUCH_ADDRESS, 24),
    (Kind.SOFT, Reason.MAILBOX_FULL, 11),
    (Kind.BLOCKED, Reason.REPUTATION, 6),
    (Kind.SOFT, Reason.TECHNICAL, 3),
    (Kind.DROPPED, Reason.BOUNCED_BEFORE, 2),
)


def opened(
    ledger: Ledger, folder: Path, members: int, title: str = "Annual meeting 2027"
) -> Dispatch:
    path = folder / "members.csv"
    rows = [f"M{at},m{at}@{DOMAINS[at % len(DOMAINS)]}" for at in range(members)]
    rows += [f"X{at},only{at}@own-{at}.example.net" for at in range(7)]
    path.write_text("id,email\n" + "\n".join([*rows, "X9,broken", "X8,m0@gmail.com"]))
    bring_in(ledger, path, NOON)
    document = Document(
        subject=Frozen((title,)),
        preheader=Frozen(("",)),
        html=Frozen(("<p>Hi</p>",)),
        text=Frozen(("Hi",)),
    )
    opening = Opening(
        compiled=CompiledIssue(slug="meeting", title=title, documents={"-": document}),
        envelope={},
        ref=REF,
        provider="sendgrid",
        batch_size=100,
        audience={"segments": ["fellows", "students"]},
        now=NOON,
    )
    choice = Choice(slug="meeting", selection=Selection(included=()))
    return open_dispatch(ledger, opening, choice, expected=members + 7)


def handed_over(ledger: Ledger, dispatch: Dispatch, *, unsure: int = 0) -> None:
    """Have the provider accept all requests, two a minute; leave the last ones unsure."""
    requests = -(-dispatch.recipients // 100)
    for number in range(1, requests + 1):
        at = NOON + dt.timedelta(seconds=30 * number)
        claimed = claim(ledger, dispatch.id, number, Attempt(at))
        assert claimed is not None
        accepted = Outcome(DeliveryState.ACCEPTED)
        outcomes = [accepted] * len(claimed.deliveries)
        if number == requests and unsure:
            outcomes[-unsure:] = [Outcome(DeliveryState.UNSURE)] * unsure
        settle(ledger, claimed, outcomes)


def told(ledger: Ledger, dispatch: Dispatch, policy: Policy = ALL) -> None:
    """Have the provider tell what became of them."""
    chance = random.Random(7)  # noqa: S311 - a sample
    failures = [(kind, reason) for kind, reason, count in FAILURES for _ in range(count)]
    failing = dict(
        zip(chance.sample(range(dispatch.recipients - 10), len(failures)), failures, strict=True)
    )
    events = []
    for position in range(dispatch.recipients - 10):
        kind, reason = failing.get(position, (Kind.DELIVERED, Reason.NONE))
        sent = NOON + dt.timedelta(seconds=30 * (position // 100 + 1))
        at = sent + dt.timedelta(seconds=chance.expovariate(1 / 90))
        events.append(_event(position, kind, at, reason=reason, note="550 <...> no"))
        if kind is Kind.DELIVERED:
            events += _touches(position, at, chance)
    events.append(_event(3, Kind.COMPLAINED, NOON + dt.timedelta(hours=5)))
    take_in(ledger, events, source="sendgrid", policy=policy, now=NOON)
    for at in range(4):
        how = Circumstance(source="one-click", at=NOON + dt.timedelta(days=at))
        leave(ledger, Person(f"m{20 + at}@{DOMAINS[(20 + at) % len(DOMAINS)]}"), how)


def _touches(position: int, delivered: dt.datetime, chance: random.Random) -> list[Event]:
    found = []
    if chance.random() < 0.3:  # a filter follows every link at once
        at = delivered + dt.timedelta(seconds=2)
        found += [_event(position, Kind.CLICKED, at, link=link) for link in LINKS]
    if chance.random() < 0.2:
        at = delivered + dt.timedelta(minutes=chance.uniform(5, 600))
        agent = "Mozilla/5.0 (Macintosh) AppleWebKit/605 Safari/605"
        found.append(_event(position, Kind.OPENED, at, agent=agent))
        found.append(_event(position, Kind.CLICKED, at, agent=agent, link=chance.choice(LINKS)))
    return found


def _event(position: int, kind: Kind, at: dt.datetime, **more: str) -> Event:
    reason = Reason(more.pop("reason", ""))
    return Event(dispatch=REF, delivery=position, kind=kind, at=at, reason=reason, **more)
