"""The doctor of a workspace: everything that a dispatch rests on, looked at."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from newsletter.clock import Clock
from newsletter.doctor.dkim import SELECTORS, Signing, check_dkim
from newsletter.doctor.dmarc import check_dmarc
from newsletter.doctor.machine import judge_clock, judge_disk, read_date
from newsletter.doctor.names import Resolver
from newsletter.doctor.ntp import ask_time
from newsletter.doctor.opinion import Opinion, good, unknown, wrong
from newsletter.doctor.rounds import Look
from newsletter.doctor.spf import check_spf
from newsletter.doctor.unsubscribe import check_unsubscribe
from newsletter.errors import AccessRefused, InputError, InputErrors, LedgerError, ProviderError
from newsletter.ledger.condition import condition_of
from newsletter.ledger.database import open_ledger
from newsletter.ledger.members import known_list
from newsletter.providers.probe import Probeable
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.secrets import HOW_TO_MAKE_A_KEY, Secrets
from newsletter.workspace.settings import Settings
from newsletter.workspace.workspace import provider_of

_NEVER = "change when it is due, or take it out of [schedules]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at; its ledger is opened only for the looking."""

    settings: Settings
    secrets: Secrets
    clock: Clock
    provider: str
    """Through which mail would go."""


def looks_of(patient: Patient) -> tuple[Look, ...]:
    """List what to look at, in the order of telling."""
    settings = patient.settings
    domain = settings.sender.address.domain
    ask = Resolver(settings.doctor.name_server)
    signing = _signing(patient, domain)
    return (
        Look("spf", partial(check_spf, domain, patient.provider, ask)),
        Look("dkim", partial(check_dkim, signing, ask)),
        Look("dmarc", partial(check_dmarc, domain, signing.domain, ask)),
        Look(
            "unsubscribe",
            partial(check_unsubscribe, settings.base_url, patient.secrets.links_key),
        ),
        Look("provider", partial(_provider, patient)),
        Look("clock", partial(_clock, patient)),
        Look("disk", partial(_disk, patient)),
        Look("database", partial(_database, patient)),
        Look("secrets", partial(_secrets, patient)),
        Look("schedules", partial(_schedules, patient)),
    )


def _signing(patient: Patient, domain: str) -> Signing:
    settings = patient.settings
    table = settings.providers.get(patient.provider, {})
    own = table.get("dkim_selector", "")
    told = settings.doctor.selectors or ((str(own),) if own else ())
    return Signing(
        domain=settings.checks.dkim_domain or str(table.get("dkim_domain", "")) or domain,
        selectors=told or SELECTORS.get(patient.provider, ()),
        is_told=bool(told),
    )


def _provider(patient: Patient) -> Iterator[Opinion]:
    """Try the key, and compare the clocks where the provider tells its own."""
    settings = patient.settings
    try:
        provider = provider_of(settings, patient.secrets, patient.provider)
    except (InputError, InputErrors) as error:
        yield wrong("provider", str(error), f"look at [providers.{patient.provider}]")
        return
    try:
        if not isinstance(provider, Probeable):
            yield unknown("provider", f"{patient.provider} has no way to be tried", _TRY)
            return
        probed = provider.probe(settings.sender.address)
    except AccessRefused as error:
        yield wrong("provider", error.problem, error.hint or _TRY)
        return
    except ProviderError as error:
        yield unknown("provider", error.problem, error.hint)
        return
    finally:
        provider.close()
    yield good("provider", probed.words)
    told = read_date(probed.date)
    if told:
        yield judge_clock(patient.clock.now(), told, patient.provider)


_TRY = "send yourself a proof: newsletter proof FILE --to you@..."


def _clock(patient: Patient) -> Iterator[Opinion]:
    server = patient.settings.doctor.time_server
    told = ask_time(server)
    yield judge_clock(patient.clock.now(), told, server)


def _disk(patient: Patient) -> Iterator[Opinion]:
    where = patient.settings.ledger
    folder = where.parent if isinstance(where, Path) else patient.settings.root
    while not folder.exists():  # it is made when it is needed
        folder = folder.parent
    listed = 0
    if not isinstance(where, Path) or where.exists():
        ledger = open_ledger(where)
        try:
            known = known_list(ledger)
            listed = known.rows if known else 0
        finally:
            ledger.close()
    yield judge_disk(shutil.disk_usage(folder).free, listed, str(folder))


def _database(patient: Patient) -> Iterator[Opinion]:
    try:
        ledger = open_ledger(patient.settings.ledger)
    except LedgerError as error:
        yield wrong("database", error.problem, error.hint)
        return
    try:
        found = condition_of(ledger)
    finally:
        ledger.close()
    backup = "pg_dump" if found.is_server else "sqlite3 .newsletter/ledger.sqlite3 '.backup FILE'"
    for each in found.faults:
        yield wrong("database", f"{found.name}: {each}", "without it somebody may get it twice")
    if not found.faults:
        advice = f"back it up daily ({backup}): this program cannot see whether anybody does"
        yield good("database", f"{found.name} opens, and keeps what it says it keeps", advice)


def _secrets(patient: Patient) -> Iterator[Opinion]:
    """Say which are there, never what they are."""
    if patient.secrets.links_key is None:
        words = "NEWSLETTER_SECRET is not set: unsubscribe links cannot be signed"
        yield wrong("secrets", words, HOW_TO_MAKE_A_KEY)
        return
    names = ("NEWSLETTER_SECRET", *sorted(patient.secrets.providers))
    yield good("secrets", f"set: {', '.join(names)}")


def _schedules(patient: Patient) -> Iterator[Opinion]:
    try:
        schedules = schedules_of(patient.settings)
    except (InputError, InputErrors) as error:
        yield wrong("schedules", str(error), "look at [schedules]")
        return
    now = patient.clock.now()
    due = {each.name: each.recurrence.next(now, 1) for each in schedules}
    for name, found in due.items():
        if not found:
            yield wrong("schedules", f"the schedule {name!r} is never due again", _NEVER)
    if not schedules:
        yield good("schedules", "there are none")
    elif all(due.values()):
        first = min(found[0].moment for found in due.values())
        yield good("schedules", f"{len(due)}, the next due {first:%Y-%m-%d %H:%M} UTC")
