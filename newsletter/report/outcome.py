"""What became of one dispatch: numbers that name nobody, for a terminal, a script and a page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from newsletter.feedback.event import Kind
from newsletter.feedback.machine import Judgement, count_links, judge
from newsletter.feedback.policy import Policy
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Balance, Dispatch, balance_of
from newsletter.ledger.outcomes import (
    Cause,
    DomainCount,
    Leavers,
    accepted_by_minute,
    causes_of,
    delivered_at,
    delivered_by_minute,
    domains_of,
    leavers_of,
    touches_of,
)
from newsletter.ledger.stages import Tally, tally
from newsletter.report.timeline import Timeline, make_timeline

LEAVING_DAYS = 14
"""Whoever leaves later than that did so for another reason."""
FEWEST = 5
"""Recipients of a domain that is shown by its name: a smaller one may be one person's own."""
MOST_DOMAINS = 12


@dataclass(frozen=True, slots=True)
class Domain:
    """How the members at one domain fared."""

    name: str
    """Or how many small ones are summed up in it."""
    recipients: int
    failed: int


@dataclass(frozen=True, slots=True)
class Link:
    """How often one link was followed."""

    url: str
    clicks: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one dispatch."""

    dispatch: Dispatch
    balance: Balance
    tally: Tally
    timeline: Timeline
    causes: tuple[Cause, ...]
    domains: tuple[Domain, ...]
    leavers: Leavers
    opens: Judgement | None
    """None where the workspace does not ask for them."""
    clicks: Judgement | None
    links: tuple[Link, ...]
    made: datetime
    """When these numbers were true."""

    @property
    def is_told(self) -> bool:
        """Tell whether anything is known of what came after the provider."""
        return self.tally.accepted > 0

    @property
    def failed(self) -> int:
        """Count what the provider had and no member has."""
        of = self.tally
        return of.bounced_hard + of.bounced_soft + of.blocked + of.dropped

    @property
    def untold(self) -> int:
        """Count the accepted of which the provider said nothing, or nothing final."""
        return max(self.balance.accepted - self.tally.delivered - self.failed, 0)

    def as_json(self) -> dict[str, object]:
        """Give it as JSON values, without anything of a member."""
        of = self.dispatch
        return {
            "dispatch": of.id,
            "kind": of.kind,
            "issue": of.slug,
            "title": of.title,
            "provider": of.provider,
            "audience": of.audience,
            "opened": of.opened,
            "made": self.made.isoformat(timespec="seconds"),
            "balance": {**asdict(self.balance), "balances": self.balance.balances},
            "feedback": asdict(self.tally),
            "not_told": self.untold,
            "over_time": self.timeline.as_json(),
            "not_arrived": [asdict(cause) for cause in self.causes],
            "domains": [asdict(domain) for domain in self.domains],
            "left": {"days": LEAVING_DAYS, **asdict(self.leavers)},
            "opens": asdict(self.opens) if self.opens else None,
            "clicks": asdict(self.clicks) if self.clicks else None,
            "links": [{"url": link.url, **asdict(link.clicks)} for link in self.links],
        }


def outcome_of(ledger: Ledger, dispatch: Dispatch, policy: Policy, now: datetime) -> Outcome:
    """Read what became of a dispatch.

    Raises:
        LedgerError: it cannot be read.
    """
    opened = datetime.fromisoformat(dispatch.opened)
    with ledger.read() as connection:
        moments = delivered_at(connection, dispatch.id) if policy.opens or policy.clicks else {}
        opens = touches_of(connection, dispatch.id, Kind.OPENED) if policy.opens else {}
        clicks = touches_of(connection, dispatch.id, Kind.CLICKED) if policy.clicks else {}
        counted = count_links(clicks, moments)
        return Outcome(
            dispatch=dispatch,
            balance=balance_of(ledger, dispatch),
            tally=tally(connection, dispatch.id),
            timeline=make_timeline(
                accepted_by_minute(connection, dispatch.id),
                delivered_by_minute(connection, dispatch.id),
            ),
            causes=causes_of(connection, dispatch.id),
            domains=worst_first(domains_of(connection, dispatch.id)),
            leavers=leavers_of(connection, dispatch.id, opened, LEAVING_DAYS),
            opens=judge(opens, moments) if policy.opens else None,
            clicks=judge(clicks, moments) if policy.clicks else None,
            links=tuple(
                Link(url, counted[url])
                for url in sorted(counted, key=lambda url: (-counted[url].people, url))
            ),
            made=now,
        )


def worst_first(counts: Mapping[str, DomainCount]) -> tuple[Domain, ...]:
    """Choose the domains to show; small ones, and those beyond the most, are summed up."""
    large = {name: count for name, count in counts.items() if count.recipients >= FEWEST}
    ordered = sorted(large, key=lambda name: (-large[name].failed, -large[name].recipients, name))
    shown = ordered[:MOST_DOMAINS]
    rest = [count for name, count in counts.items() if name not in set(shown)]
    found = [Domain(name, large[name].recipients, large[name].failed) for name in shown]
    if rest:
        noun = "another domain" if len(rest) == 1 else f"{len(rest):,} other domains"
        found.append(Domain(noun, sum(c.recipients for c in rest), sum(c.failed for c in rest)))
    return tuple(found)
