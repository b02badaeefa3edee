"""A link by which somebody's own calendar follows the schedules, until they end it."""

import re
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest
from desk_samples import Caller, desk_of

from newsletter.address import parse_address
from newsletter.ledger.calendarlinks import make_link
from newsletter.ledger.colleagues import add_colleague, take_off
from newsletter.ledger.decisions import Author
from newsletter.ledger.roles import Role
from newsletter.web.desk.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path / "society") as opened:
        settings = opened.root / "newsletter.toml"
        settings.write_text(
            settings.read_text()
            + '[schedules.monthly]\nfile = "announcements/travel-awards.md"\n'
            + 'when = "first Tuesday of the month"\n'
        )
        yield opened


def make(caller: Caller) -> str:
    """Make a link as its owner does; give its path."""
    shown = caller.post("/calendar/link")
    assert shown.status == 200
    (path,) = re.findall(r'value="http://[^/"]+(/calendar/feed/[^"]+\.ics)"', shown.body)
    return path


def test_a_calendar_without_a_sign_in_follows_by_the_link(desk: Desk) -> None:
    path = make(Caller(desk))
    answer = Caller(desk).get(path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    names = {
        str(each["summary"]) for each in icalendar.Calendar.from_ical(answer.body).walk("VEVENT")
    }
    assert {"monthly", "monthly: proof to the approvers"} <= names


def test_a_new_link_ends_the_last_one_and_the_button_ends_it_for_good(desk: Desk) -> None:
    owner, calendar = Caller(desk), Caller(desk)
    first = make(owner)
    second = make(owner)
    assert first != second
    assert calendar.get(first).status == 404
    assert calendar.get(second).status == 200
    assert "You have one" in owner.get("/calendar").body
    assert owner.post("/calendar/link/end").status == 303
    assert calendar.get(second).status == 404
    assert "You have one" not in owner.get("/calendar").body


@pytest.mark.parametrize("token", ["x", "0" * 43, "..%2f..%2fnewsletter.toml", "%00", "é" * 60])
def test_what_is_guessed_leads_nowhere(desk: Desk, token: str) -> None:
    make(Caller(desk))
    assert Caller(desk).get(f"/calendar/feed/{token}.ics").status == 404


def test_a_link_ends_with_the_work_of_its_owner(desk: Desk) -> None:
    ledger, by = desk.open().ledger, Author("the test", desk.clock.now())
    alone = make(Caller(desk))
    add_colleague(ledger, parse_address("boss@example.org"), "Boss", [Role.ADMIN], by)
    who = add_colleague(ledger, parse_address("ann@example.org"), "Ann", [Role.AUTHOR], by)
    # From now on people sign in, and a link of nobody in particular is none.
    assert Caller(desk).get(alone).status == 404
    make_link(ledger, who.number, "a-token-of-hers", by)
    assert Caller(desk).get("/calendar/feed/a-token-of-hers.ics").status == 200
    take_off(ledger, who, by)
    assert Caller(desk).get("/calendar/feed/a-token-of-hers.ics").status == 404


def test_the_ledger_keeps_no_link_that_works(desk: Desk) -> None:
    token = make(Caller(desk)).rpartition("/")[2].removesuffix(".ics")
    where = desk.open().settings.ledger
    assert isinstance(where, Path)
    for path in where.parent.glob(f"{where.name}*"):
        assert token.encode() not in path.read_bytes()
