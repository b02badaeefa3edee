"""What was asked to be approved, and what was said to it: only ever added to."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from newsletter.errors import Refused
from newsletter.ledger.colleagues import Colleague
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import Entry, note
from newsletter.ledger.staff_tables import approvals, colleagues, verdicts


class Needs(StrEnum):
    """Whose agreement a dispatch needs."""

    NONE = "none"
    ANY = "any"
    """One of those who are asked."""
    ALL = "all"


class Standing(StrEnum):
    """How an approval stands."""

    OPEN = "waiting"
    AGREED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Said:
    """What an approver says."""

    agrees: bool
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one approver said."""

    colleague: int
    name: str
    agrees: bool
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One asking for approval."""

    number: int
    mark: str
    slug: str
    title: str
    wanted: Mapping[str, Any]
    recipients: int
    author: str
    author_id: int
    approvers: tuple[int, ...]
    note: str
    at: dt.datetime
    verdicts: tuple[Verdict, ...] = ()

    def standing(self, needs: Needs) -> Standing:
        """Tell how it stands; one refusal outweighs every agreement."""
        if any(not each.agrees for each in self.verdicts):
            return Standing.REFUSED
        agreed = {each.colleague for each in self.verdicts}
        is_enough = agreed >= set(self.approvers) if needs is Needs.ALL else bool(agreed)
        return Standing.AGREED if is_enough and agreed else Standing.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked to be approved."""

    mark: str
    slug: str
    title: str
    wanted: Mapping[str, object]
    recipients: int
    approvers: Sequence[int]
    note: str = ""
    author_id: int = 0


def ask_approval(ledger: Ledger, question: Question, by: Author) -> int:
    """Write down that somebody asks; give the number of the approval.

    Raises:
        Refused: nobody is there to be asked.
    """
    with ledger.write() as connection:
        return ask_within(connection, question, by)


def ask_within(connection: Connection, question: Question, by: Author) -> int:
    """Do the same within a transaction."""
    if not question.approvers:
        raise Refused(
            "nobody else may approve it", hint="give somebody the role of an approver first"
        )
    made = connection.execute(
        insert(approvals)
        .values(
            mark=question.mark,
            slug=question.slug,
            title=question.title,
            wanted=dict(question.wanted),
            recipients=question.recipients,
            author=by.name,
            author_id=question.author_id,
            approvers=list(question.approvers),
            note=question.note,
            at=by.at.isoformat(timespec="seconds"),
        )
        .returning(approvals.c.id)
    )
    number: int = made.scalar_one()
    about = f"approval {number}"
    entry = Entry(at=by.at, who=by.name, act="asked for", about=about, details=question.title)
    note(connection, entry)
    return number


def give_verdict(ledger: Ledger, approval: Approval, who: Colleague, said: Said) -> None:
    """Write down what somebody says to it; nobody can say something else later.

    Raises:
        Refused: they were not asked, said something already, or refuse without a reason.
    """
    if who.number not in approval.approvers:
        raise Refused("you were not asked to approve this", hint="ask its author to ask you")
    if not said.agrees and not said.reason.strip():
        raise Refused("a refusal needs a reason", hint="tell the author what to change")
    with ledger.write() as connection:
        known = connection.scalar(
            select(verdicts.c.at).where(
                verdicts.c.approval == approval.number, verdicts.c.colleague == who.number
            )
        )
        if known is not None:
            raise Refused("you have said already what you think of this version of it")
        connection.execute(
            insert(verdicts).values(
                approval=approval.number,
                colleague=who.number,
                agrees=said.agrees,
                reason=said.reason.strip(),
                at=said.at.isoformat(timespec="seconds"),
            )
        )
        act, about = "approved" if said.agrees else "refused", f"approval {approval.number}"
        details = ": ".join(filter(None, (approval.title, said.reason.strip())))
        note(connection, Entry(at=said.at, who=who.name, act=act, about=about, details=details))


def find_approval(ledger: Ledger, number: int) -> Approval | None:
    """Find an approval by its number."""
    found = _approvals(ledger, approvals.c.id == number)
    return found[0] if found else None


def approvals_of(ledger: Ledger, *, mark: str = "", slug: str = "") -> tuple[Approval, ...]:
    """List what was asked, of one mark or issue if wanted; the newest first."""
    if mark:
        return _approvals(ledger, approvals.c.mark == mark)
    return _approvals(ledger, approvals.c.slug == slug if slug else approvals.c.id > 0)


def _approvals(ledger: Ledger, only: ColumnElement[bool]) -> tuple[Approval, ...]:
    query = select(approvals).where(only).order_by(approvals.c.id.desc())
    said = (
        select(verdicts, colleagues.c.name)
        .join(colleagues, colleagues.c.id == verdicts.c.colleague)
        .order_by(verdicts.c.at)
    )
    with ledger.read() as connection:
        rows = connection.execute(query).all()
        numbers = [row.id for row in rows]
        spoken = connection.execute(said.where(verdicts.c.approval.in_(numbers))).all()
    return tuple(
        _approval(row, [each for each in spoken if each.approval == row.id]) for row in rows
    )


def _approval(row: Row[Any], spoken: Sequence[Row[Any]]) -> Approval:
    return Approval(
        number=row.id,
        mark=row.mark,
        slug=row.slug,
        title=row.title,
        wanted=row.wanted,
        recipients=row.recipients,
        author=row.author,
        author_id=row.author_id,
        approvers=tuple(row.approvers),
        note=row.note,
        at=dt.datetime.fromisoformat(row.at),
        verdicts=tuple(
            Verdict(
                colleague=each.colleague,
                name=each.name,
                agrees=each.agrees,
                reason=each.reason,
                at=dt.datetime.fromisoformat(each.at),
            )
            for each in spoken
        ),
    )
