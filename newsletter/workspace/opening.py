"""Opening a dispatch of a plan: its name, its envelope and its terms."""

import datetime as dt
import secrets
from dataclasses import dataclass, replace

from newsletter.dispatch.envelope import to_json
from newsletter.dispatch.localhour import LocalHour, zone_of
from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch
from newsletter.ledger.journal import Entry, also_noting
from newsletter.ledger.opening import Before, Opening, Then, alone, both, open_dispatch, unguarded
from newsletter.ledger.terms import Hours, Terms
from newsletter.ledger.zones import count_values
from newsletter.log import What, tell
from newsletter.message.batch import Envelope
from newsletter.providers.protocol import Provider, Recallable
from newsletter.workspace.images import show_in_outbox
from newsletter.workspace.prepare import renamed, zone_column_of
from newsletter.workspace.undo import hold_at_provider
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """When a person wants a dispatch to be sent."""

    provider: str
    not_after: dt.datetime | None = None
    undo_window: float | None = None
    """Seconds in which it can be taken back as a whole."""
    spread: float | None = None
    """Seconds over which it is spread."""
    at_local: dt.datetime | None = None
    """A moment on each member's own clock, without a zone."""
    by_workers: Then | None = None
    """Wakes workers for the dispatch of this number, within the transaction that opens it; None
    where it is sent from here."""
    before: Before = unguarded
    """Looks at the beginning of that transaction whether it may be opened at all."""
    also: Then = alone
    """Does in that transaction what else belongs to it; what it refuses is not opened."""
    audience: str = ""
    """The mark of the recipients whom somebody approved, if somebody did."""
    author: Author | None = None
    """Who opens it, for the log; None where it is no person."""


def open_planned(workspace: Workspace, plan: Plan, wish: Wish) -> Dispatch:
    """Open a dispatch of `plan` as `wish` says.

    Raises:
        Refused: the audience changed, or the wish contradicts itself.
        ProviderError: the provider gave no place to hold it.
    """
    ref = secrets.token_hex(8)
    provider, now = workspace.provider(wish.provider), workspace.clock.now()
    try:
        show_in_outbox(provider, plan)
        envelope = renamed(plan, workspace, ref).envelope
        terms, envelope = _terms(workspace, plan, _Setting(provider, wish, now), envelope)
        batch_size = workspace.settings.pace.most_a_request(
            wish.provider, provider.capabilities.batch_size, now.date()
        )
    finally:
        provider.close()
    opening = Opening(
        compiled=plan.compiled,
        envelope=to_json(envelope),
        ref=ref,
        provider=wish.provider,
        batch_size=batch_size,
        audience=audience_json(plan),
        now=now,
        terms=terms,
        before=wish.before,
        then=_then(wish, plan),
    )
    opened = open_dispatch(
        workspace.ledger,
        opening,
        plan.choice,
        expected=plan.summary.recipients,
        audience=wish.audience,
    )
    tell(
        What.OPENED,
        dispatch=opened.id,
        issue=opened.slug,
        provider=opened.provider,
        listed=opened.listed,
        recipients=opened.recipients,
    )
    return opened


def _then(wish: Wish, plan: Plan) -> Then:
    """Do what belongs to the opening, and write it into the log."""
    then, author = both(wish.also, wish.by_workers or alone), wish.author
    if author is None:
        return then
    details = f"{plan.issue.announcement.title}: {plan.summary.recipients:,} recipients"
    entry = Entry(at=author.at, who=author.name, act="opened", details=details)
    return also_noting(then, lambda number: replace(entry, about=f"dispatch {number}"))


def audience_json(plan: Plan) -> dict[str, object]:
    """Name the segments that a dispatch is opened for, to find it again."""
    selection = plan.choice.selection
    return {
        "segments": [segment.name for segment in selection.included],
        "exclude": [segment.name for segment in selection.excluded],
    }


@dataclass(frozen=True, slots=True)
class _Setting:
    provider: Provider
    wish: Wish
    now: dt.datetime


def _terms(
    workspace: Workspace, plan: Plan, setting: _Setting, envelope: Envelope
) -> tuple[Terms, Envelope]:
    wish, now = setting.wish, setting.now
    terms = Terms(
        not_after=wish.not_after,
        spread=wish.spread,
        by_workers=wish.by_workers is not None,
    )
    if wish.at_local is not None:
        terms = replace(terms, hours=_hours(workspace, plan, wish.at_local))
    if wish.undo_window is not None:
        until = now + dt.timedelta(seconds=wish.undo_window)
        held = None
        # A provider holds a dispatch until one moment, so one that has many is held here.
        if wish.at_local is None and wish.spread is None:
            held = hold_at_provider(setting.provider, until)
        if held is None:
            terms = replace(terms, release=until)
        else:
            send_at, reservation = held
            envelope = replace(envelope, send_at=send_at, reservation=reservation)
            _check_hold(setting.provider, send_at - now)
    _check_end(terms, envelope, now)
    return terms, envelope


def _check_hold(provider: Provider, hold: dt.timedelta) -> None:
    if isinstance(provider, Recallable) and hold > provider.longest_hold:
        hours = provider.longest_hold.total_seconds() / 3600
        raise Refused(
            f"{provider.name} holds nothing for longer than {hours:g} hours",
            hint="choose a shorter --undo-window",
        )


def _check_end(terms: Terms, envelope: Envelope, now: dt.datetime) -> None:
    """Refuse what could never be sent: it would end before it begins."""
    if terms.not_after is None:
        return
    starts = [now, terms.release, envelope.send_at]
    starts += [dt.datetime.fromtimestamp(terms.hours.otherwise, dt.UTC)] if terms.hours else []
    if terms.not_after <= max(each for each in starts if each is not None):
        raise Refused(
            f"it may not leave after {terms.not_after:%Y-%m-%d %H:%M %Z}, and cannot before",
            hint="choose a later --not-after",
        )


def _hours(workspace: Workspace, plan: Plan, wall: dt.datetime) -> Hours:
    column = zone_column_of(workspace)
    if not column:
        raise Refused(
            "the list has no column of time zones, so nobody's own clock is known",
            hint="let time_zone_column of [members] name one, or leave out --at-local",
        )
    hour = LocalHour(wall, workspace.settings.brand.time_zone or "UTC")
    with workspace.ledger.read() as connection:
        zones = count_values(connection, plan.choice, column)
    known = [name for name in zones if zone_of(name) is not None]
    return Hours(column, hour.due(known), hour.at_default())
