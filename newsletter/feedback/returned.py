"""Messages that came back: delivery reports (RFC 3464), complaints (RFC 5965), and free-form ones.

Pure: a message in, what it says out. Whose delivery it is, the ledger finds by the clues.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from newsletter.feedback.clues import Clues, clues_in, text_of
from newsletter.feedback.diagnosis import OTHER, Diagnosis, diagnose
from newsletter.feedback.event import Kind, Reason, plain_note
from newsletter.feedback.freeform import failures

_ACTIONS = {"failed": Kind.SOFT, "delayed": Kind.DEFERRED, "delivered": Kind.DELIVERED}
"""RFC 3464 section 2.3.3; `relayed` and `expanded` say nothing of the end."""
_OF_MACHINES = re.compile(r"mailer-daemon|postmaster|mail delivery", re.IGNORECASE)
_OF_BOUNCES = re.compile(
    r"undeliver|not delivered|could not be delivered|delivery (status|failure|failed|has failed)|"
    r"returned (mail|to sender)|failure notice|unzustellbar|non remis|no entregado",
    re.IGNORECASE,
)
_ANSWERS = ("auto-replied", "auto-notified")
"""RFC 3834: out of the office, on holiday."""
_LONGEST_WORDS = 8_000


class Sort(StrEnum):
    """What a message is."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNDECIDED = "undecided"
    """It came back, and nobody can tell why or whose it is."""
    OTHER = "no bounce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a message says of one address."""

    kind: Kind
    reason: Reason
    note: str
    at: datetime
    addresses: tuple[str, ...]
    """As they are compared, the one that failed first; the one we wrote to may be among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """One message that was read."""

    sort: Sort
    reports: tuple[Report, ...] = ()
    clues: Clues = field(default_factory=Clues)
    subject: str = ""
    sender: str = ""
    why: str = ""
    """Why it is undecided."""


def read_returned(message: Message) -> Returned:
    """Tell what a message of the mailbox is and what it says."""
    subject, sender = (" ".join(str(message.get(name, "")).split()) for name in ("Subject", "From"))
    clues = clues_in(message)
    at = _moment(message)
    sort, reports = _read(message, at or datetime(1970, 1, 1, tzinfo=UTC), clues.written_to)
    why = ""
    if sort in (Sort.BOUNCE, Sort.COMPLAINT) and at is None:
        sort, why = Sort.UNDECIDED, "it has no date"
    elif sort is Sort.UNDECIDED:
        why = "it does not say clearly who failed and why"
    return Returned(
        sort=sort,
        reports=reports if sort in (Sort.BOUNCE, Sort.COMPLAINT) else (),
        clues=clues,
        subject=subject[:200],
        sender=sender[:200],
        why=why,
    )


def _read(
    message: Message, at: datetime, written_to: Sequence[str]
) -> tuple[Sort, tuple[Report, ...]]:
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, at, written_to)
        if part.get_content_type() == "message/delivery-status":
            reports = tuple(_delivery_reports(part, at))
            return (Sort.BOUNCE, reports) if reports else (Sort.UNDECIDED, ())
    if str(message.get("Auto-Submitted", "")).lower().startswith(_ANSWERS):
        return Sort.OTHER, ()
    reports = tuple(_free_form(message, at))
    if reports:
        return Sort.BOUNCE, reports
    return (Sort.UNDECIDED if _looks_returned(message) else Sort.OTHER), ()


def _complaint(
    part: Message, at: datetime, written_to: Sequence[str]
) -> tuple[Sort, tuple[Report, ...]]:
    """Read a report of RFC 5965; `not-spam` takes one back, and the others are no complaints."""
    fields = _blocks(part)
    kind = next((str(each["Feedback-Type"]).strip().lower() for each in fields), "")
    if kind not in ("abuse", "fraud", "opt-out"):
        return Sort.OTHER, ()
    named = [str(each.get("Original-Rcpt-To", "")) for each in fields]
    report = Report(
        kind=Kind.COMPLAINED,
        reason=Reason.NONE,
        note="",
        at=at,
        addresses=tuple(dict.fromkeys((*_keys(named), *written_to))),
    )
    return Sort.COMPLAINT, (report,)


def _delivery_reports(part: Message, at: datetime) -> Iterator[Report]:
    """Read the fields of each recipient (RFC 3464 section 2.3)."""
    for fields in _blocks(part):
        kind = _ACTIONS.get(str(fields.get("Action", "")).strip().lower())
        final = _address(fields.get("Final-Recipient"))
        if kind is None or not final:
            continue
        said = " ".join(str(fields.get("Diagnostic-Code", "")).split())
        status = str(fields.get("Status", ""))
        found = Diagnosis(kind, Reason.NONE)
        if kind is Kind.SOFT:
            found = diagnose(status, said)
        elif kind is Kind.DEFERRED:
            found = Diagnosis(kind, diagnose(status, said).reason)
        yield Report(
            kind=found.kind,
            reason=found.reason,
            note=plain_note(said.partition(";")[2] or said or status),
            at=_date(fields.get("Last-Attempt-Date")) or at,
            addresses=tuple(
                dict.fromkeys(filter(None, (final, _address(fields.get("Original-Recipient")))))
            ),
        )


def _free_form(message: Message, at: datetime) -> Iterator[Report]:
    temporary, permanent = failures(message)
    words = text_of(message)[:_LONGEST_WORDS]
    for address in permanent:
        found = diagnose("", words)
        yield Report(
            kind=found.kind,
            reason=found.reason,
            note=plain_note(_telling_line(words, address)),
            at=at,
            addresses=(address,),
        )
    for address in temporary:
        yield Report(
            kind=Kind.DEFERRED,
            reason=diagnose("", words, OTHER).reason,
            note=plain_note(_telling_line(words, address)),
            at=at,
            addresses=(address,),
        )


def _telling_line(words: str, address: str) -> str:
    """Find what was said about an address: the lines behind it."""
    lines = [line.strip() for line in words.splitlines()]
    near = [at for at, line in enumerate(lines) if address in line.lower()]
    return " ".join(lines[near[0] : near[0] + 4]) if near else ""


def _looks_returned(message: Message) -> bool:
    return (
        message.get_content_type() == "multipart/report"
        or str(message.get("Return-Path", "")).strip() == "<>"
        or _OF_MACHINES.search(str(message.get("From", ""))) is not None
        or _OF_BOUNCES.search(str(message.get("Subject", ""))) is not None
    )


def _blocks(part: Message) -> list[Message]:
    """Give the groups of fields of a report; a broken one has none."""
    held = part.get_payload()
    return [each for each in held if isinstance(each, Message)] if isinstance(held, list) else []


def _address(field: object) -> str:
    """Read `rfc822; ann@example.org`."""
    if field is None:
        return ""
    return next(iter(_keys([str(field).partition(";")[2] or str(field)])), "")


def _keys(texts: Sequence[str]) -> list[str]:
    found = getaddresses([text.strip() for text in texts])
    return [address.lower() for _name, address in found if "@" in address]


def _moment(message: Message) -> datetime | None:
    """Tell when it came back, as it says itself: the same whenever it is read."""
    received = str(message.get("Received", "")).rpartition(";")[2]
    return _date(message.get("Date")) or _date(received)


def _date(text: object) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(text).strip())
    except (ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
