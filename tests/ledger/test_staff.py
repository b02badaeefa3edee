"""Who works at the desk, what they agreed to, and the log that only grows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from newsletter.address import parse_address
from newsletter.errors import LedgerError, Refused
from newsletter.ledger.approvals import (
    Needs,
    Question,
    Said,
    Standing,
    approvals_of,
    ask_approval,
    find_approval,
    give_verdict,
)
from newsletter.ledger.colleagues import (
    Colleague,
    add_colleague,
    colleagues_of,
    count_colleagues,
    find_colleague,
    give_roles,
    set_password,
    take_off,
)
from newsletter.ledger.database import Ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import all_entries, entries
from newsletter.ledger.roles import Right, Role
from newsletter.ledger.sessions import (
    IDLE,
    LONGEST,
    begin_session,
    end_session,
    sessions_of,
    signed_in,
    use_pass,
)
from newsletter.ledger.staff_tables import approvals, log, verdicts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY = Author("root", NOW)


def person(ledger: Ledger, name: str, *roles: Role) -> Colleague:
    address = parse_address(f"{name}@example.org")
    return add_colleague(ledger, address, name.title(), roles or list(Role), BY)


def test_roles_add_up_and_an_admin_neither_sends_nor_approves(ledger: Ledger) -> None:
    both = person(ledger, "ann", Role.AUTHOR, Role.SENDER)
    assert both.rights == {Right.LOOK, Right.WRITE, Right.SEND}
    assert person(ledger, "bo", Role.ADMIN).rights == {Right.LOOK, Right.MANAGE}


def test_an_address_belongs_to_one_person_however_it_is_written(ledger: Ledger) -> None:
    person(ledger, "ann")
    with pytest.raises(Refused, match="Ann has this address"):
        add_colleague(ledger, parse_address("ANN@Example.org"), "Other", [Role.AUTHOR], BY)


def test_who_is_taken_off_is_out_at_once_and_comes_back_without_a_password(
    ledger: Ledger,
) -> None:
    person(ledger, "bo")
    ann = person(ledger, "ann")
    set_password(ledger, ann, "hash", BY)
    begin_session(ledger, ann, "cookie", browser="", now=NOW)
    take_off(ledger, ann, BY)
    assert signed_in(ledger, "cookie", NOW) is None
    assert find_colleague(ledger, number=ann.number) is None
    again = person(ledger, "ann", Role.AUTHOR)
    assert (again.number, again.password, again.roles) == (ann.number, "", (Role.AUTHOR,))


def test_somebody_always_stays_who_may_manage(ledger: Ledger) -> None:
    ann, bo = person(ledger, "ann", Role.ADMIN), person(ledger, "bo", Role.AUTHOR)
    for change in (
        lambda: give_roles(ledger, ann, [Role.AUTHOR], BY),
        lambda: take_off(ledger, ann, BY),
    ):
        with pytest.raises(Refused, match="nobody would be left"):
            change()
    assert [each.name for each in colleagues_of(ledger)] == ["Ann", "Bo"]
    take_off(ledger, bo, BY)
    take_off(ledger, ann, BY)
    assert count_colleagues(ledger) == 0


def test_a_session_ends_by_idleness_by_age_and_by_hand(ledger: Ledger) -> None:
    ann = person(ledger, "ann")
    begin_session(ledger, ann, "one", browser="Firefox", now=NOW)
    assert signed_in(ledger, "one", NOW + IDLE) == ann
    assert signed_in(ledger, "one", NOW + IDLE + IDLE) == ann  # seen in between
    assert signed_in(ledger, "one", NOW + 4 * IDLE) is None
    begin_session(ledger, ann, "two", browser="", now=NOW)
    moment = NOW
    while moment < NOW + LONGEST - timedelta(hours=12):
        moment += timedelta(hours=12)
        found = signed_in(ledger, "two", moment)
        assert (found is None) == (moment >= NOW + LONGEST)
    assert signed_in(ledger, "two", NOW + LONGEST) is None
    begin_session(ledger, ann, "three", browser="", now=NOW)
    end_session(ledger, "three")
    assert signed_in(ledger, "three", NOW) is None


def test_the_database_holds_no_cookie(ledger: Ledger) -> None:
    begin_session(ledger, person(ledger, "ann"), "a secret cookie", browser="", now=NOW)
    assert [each.mark for each in sessions_of(ledger, NOW)] != ["a secret cookie"]
    assert signed_in(ledger, sessions_of(ledger, NOW)[0].mark, NOW) is None


def test_a_pass_works_once(ledger: Ledger) -> None:
    assert use_pass(ledger, "token", NOW)
    assert not use_pass(ledger, "token", NOW)


# --- approval ------------------------------------------------------------------------------------


def question(*approvers: Colleague) -> Question:
    return Question(
        mark="m",
        slug="spring",
        title="Spring",
        wanted={"file": "spring.md"},
        recipients=3,
        approvers=[each.number for each in approvers],
    )


@pytest.mark.parametrize(
    ("needs", "said", "stands"),
    [
        (Needs.ANY, [], Standing.OPEN),
        (Needs.ANY, [True], Standing.AGREED),
        (Needs.ALL, [True], Standing.OPEN),
        (Needs.ALL, [True, True], Standing.AGREED),
        (Needs.ANY, [True, False], Standing.REFUSED),
        (Needs.ALL, [False], Standing.REFUSED),
    ],
)
def test_one_agrees_or_all_and_one_refusal_outweighs_them(
    ledger: Ledger, needs: Needs, said: list[bool], stands: Standing
) -> None:
    two = [person(ledger, "ann"), person(ledger, "bo")]
    number = ask_approval(ledger, question(*two), BY)
    for who, agrees in zip(two, said, strict=False):
        approval = find_approval(ledger, number)
        assert approval is not None
        give_verdict(ledger, approval, who, Said(agrees, "" if agrees else "no", NOW))
    (approval,) = approvals_of(ledger, mark="m")
    assert approval.standing(needs) is stands


def test_only_who_is_asked_says_something_once_and_refuses_with_a_reason(ledger: Ledger) -> None:
    ann, bo = person(ledger, "ann"), person(ledger, "bo")
    approval = find_approval(ledger, ask_approval(ledger, question(ann), BY))
    assert approval is not None
    with pytest.raises(Refused, match="not asked"):
        give_verdict(ledger, approval, bo, Said(agrees=True, reason="", at=NOW))
    with pytest.raises(Refused, match="needs a reason"):
        give_verdict(ledger, approval, ann, Said(agrees=False, reason=" ", at=NOW))
    give_verdict(ledger, approval, ann, Said(agrees=True, reason="", at=NOW))
    with pytest.raises(Refused, match="already"):
        give_verdict(ledger, approval, ann, Said(agrees=False, reason="no", at=NOW))
    with pytest.raises(Refused, match="nobody else"):
        ask_approval(ledger, question(), BY)


def test_all_of_it_stands_in_the_log(ledger: Ledger) -> None:
    ann = person(ledger, "ann", Role.APPROVER, Role.ADMIN)
    approval = find_approval(ledger, ask_approval(ledger, question(ann), BY))
    assert approval is not None
    give_verdict(ledger, approval, ann, Said(agrees=False, reason="too long", at=NOW))
    found = [(each.who, each.act, each.about, each.details) for each in all_entries(ledger)]
    assert found == [
        ("root", "added", "ann@example.org", "approver, admin"),
        ("root", "asked for", "approval 1", "Spring"),
        ("Ann", "refused", "approval 1", "Spring: too long"),
    ]
    assert [each.act for each in entries(ledger, most=2)] == ["refused", "asked for"]
    assert [each.act for each in entries(ledger, before=2)] == ["added"]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.execute(delete(log)),
        lambda c: c.execute(update(log).values(who="nobody")),
        lambda c: c.execute(delete(approvals)),
        lambda c: c.execute(update(approvals).values(mark="other")),
        lambda c: c.execute(delete(verdicts)),
        lambda c: c.execute(update(verdicts).values(agrees=True)),
    ],
)
def test_the_database_lets_nobody_change_what_was_done(
    ledger: Ledger, change: Callable[..., object]
) -> None:
    ann = person(ledger, "ann")
    approval = find_approval(ledger, ask_approval(ledger, question(ann), BY))
    assert approval is not None
    give_verdict(ledger, approval, ann, Said(agrees=False, reason="no", at=NOW))
    with pytest.raises(LedgerError, match="only ever added"), ledger.write() as connection:
        change(connection)
