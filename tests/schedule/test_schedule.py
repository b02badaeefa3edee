import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputErrors, render_error
from newsletter.schedule.cron import read_cron
from newsletter.schedule.lost import NotUnderstood
from newsletter.schedule.phrase import read_phrase
from newsletter.schedule.schedule import Schedule, read_schedules

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
FILE = 'file = "announcements/digest-%Y-%m.md"\n'


def read(text: str) -> tuple[Schedule, ...]:
    return read_schedules(tomllib.loads(text), "newsletter.toml", text)


def problems_of(text: str) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read(text)
    return render_error(caught.value).splitlines()


@pytest.mark.parametrize(
    ("phrase", "rule"),
    [
        ("first Tuesday of the month", "FREQ=MONTHLY;BYDAY=1TU"),
        ("on the 1st and 3rd Monday of every month", "FREQ=MONTHLY;BYDAY=1MO,3MO"),
        ("last working day of the month", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("the 15th of each month", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every second Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("every Tuesday and Thursday", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("Tuesdays", "FREQ=WEEKLY;BYDAY=TU"),
        ("weekly on Monday", "FREQ=WEEKLY;BYDAY=MO"),
        ("every day", "FREQ=DAILY"),
        ("every working day", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"),
        ("quarterly", "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=1"),
        ("quarterly on the first Tuesday", "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=1TU"),
        ("last Friday of the quarter", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1FR"),
        ("first Tuesday of March and September", "FREQ=MONTHLY;BYMONTH=3,9;BYDAY=1TU"),
    ],
)
def test_people_say_it_in_words(phrase: str, rule: str) -> None:
    assert read_phrase(phrase).rule == rule
    placed = read_phrase(f"{phrase} at 5:30 pm in Europe/Berlin")
    assert placed.rule == rule
    assert placed.times == (dt.time(17, 30),)
    assert placed.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("phrase", "at", "hint"),
    [
        ("first Tuseday of the month", 6, "did you mean 'tuesday'?"),
        ("first Tuesday of the mnth", 21, "did you mean 'month'?"),
        ("every blue moon", 6, "write it like"),
        ("Tuesday first", 0, "write it like"),
        ("first Tuesday of the month at 25:00", 30, "write it as 09:00"),
        ("7th Tuesday of the month", 0, "write it like"),
    ],
)
def test_what_is_not_understood_is_pointed_at(phrase: str, at: int, hint: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_phrase(phrase)
    assert caught.value.at == at
    assert hint in caught.value.hint


@given(st.text(max_size=60))
def test_any_text_is_a_phrase_or_refused(text: str) -> None:
    try:
        assert read_phrase(text).rule.startswith("FREQ=")
    except NotUnderstood as lost:
        assert 0 <= lost.at <= len(text)  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize(
    ("cron", "rules", "times"),
    [
        ("0 9 * * 2#1", ("FREQ=MONTHLY;BYDAY=1TU",), ["09:00"]),
        ("30 8,17 * * mon-fri", ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",), ["08:30", "17:30"]),
        ("0 9 L * *", ("FREQ=MONTHLY;BYMONTHDAY=-1",), ["09:00"]),
        ("0 9 * * 5L", ("FREQ=MONTHLY;BYDAY=-1FR",), ["09:00"]),
        ("0 9 1 */3 *", ("FREQ=MONTHLY;BYMONTHDAY=1;BYMONTH=1,4,7,10",), ["09:00"]),
        ("0 9 13 * 5", ("FREQ=MONTHLY;BYMONTHDAY=13", "FREQ=DAILY;BYDAY=FR"), ["09:00"]),
        ("0 9 * * 0,7", ("FREQ=DAILY;BYDAY=SU",), ["09:00"]),
        ("0 9 * * *", ("FREQ=DAILY",), ["09:00"]),
    ],
)
def test_cron_is_read_as_cron_reads_it(cron: str, rules: tuple[str, ...], times: list[str]) -> None:
    assert read_cron(cron) == (rules, tuple(map(dt.time.fromisoformat, times)))


@pytest.mark.parametrize(
    ("cron", "at"),
    [
        ("", 0),
        ("0 9 * *", 7),
        ("0 9 * * * *", 10),
        ("* 9 * * *", 0),
        ("0 24 * * *", 2),
        ("0 9,25 * * *", 4),
        ("0 9 0 * *", 4),
        ("0 9 * * 8", 8),
        ("0 9 * * mon,2#9", 12),
        ("0 9 * foo *", 6),
        ("0  9  *  1-13  *", 11),
    ],
)
def test_what_is_no_cron_line_is_pointed_at(cron: str, at: int) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_cron(cron)
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('when = "first Tuesday of the month at 09:00 in America/New_York"', 12),
        ('cron = "0 9 * * 2#1"', 12),
        ('rule = "FREQ=MONTHLY;BYDAY=1TU"\nat = 09:00:00', 12),
        ('dates = [2027-03-02, "2027-06-01"]\nat = "9 am"', 2),
    ],
)
def test_a_schedule_is_said_in_one_of_four_ways(text: str, count: int) -> None:
    (schedule,) = read(f"[schedules.monthly]\n{FILE}{text}\n")
    found = schedule.recurrence.next(NOW, 12)
    assert len(found) == count
    assert {each.wall.time() for each in found} == {dt.time(9)}
    assert schedule.file_at(found[0].wall) == f"announcements/digest-{found[0].wall:%Y-%m}.md"


def test_the_calendar_holds_for_all_schedules() -> None:
    (schedule,) = read(
        '[calendar]\nholidays = ["12-25"]\nblackout = [2026-12-28]\n'
        f'[schedules.fridays]\n{FILE}when = "every Friday"\nstarting = 2026-12-01\n'
    )
    found = schedule.recurrence.next(NOW, 5)
    assert f"{found[3].local:%Y-%m-%d}" == "2026-12-29"


def test_every_problem_is_told_at_once_with_its_line_and_what_to_do() -> None:
    told = problems_of(
        '[calendar]\nholidays = ["31-12"]\n\n'
        f'[schedules.one]\n{FILE}when = "frist Tuesday of the month"\n'
        '[schedules.two]\nrule = "FREQ=HOURLY"\n'
        f'[schedules.three]\n{FILE}cron = "0 9 * * *"\ndates = []\n'
        f'[schedules.four]\n{FILE}when = "every Friday in Europe/Berlim"\nrole = 1\n'
    )
    assert "newsletter.toml:2: calendar.holidays holds '31-12', which is no day" in told
    assert "newsletter.toml:6:9: schedules.one.when: 'frist' is not understood" in told
    assert "  hint: did you mean 'first'?" in told
    assert "newsletter.toml:7: schedules.two.file is missing" in told
    assert any(
        "newsletter.toml:8:9: schedules.two.rule: 'FREQ=HOURLY' is no" in line for line in told
    )
    assert any("[schedules.three]: has cron and dates to say when" in line for line in told)
    assert "newsletter.toml:15: schedules.four.when names no time zone: 'Europe/Berlim'" in told
    assert "newsletter.toml:16: unknown key 'role' in [schedules.four]" in told


@pytest.mark.parametrize(
    ("rule", "at"),
    [
        ("MONTHLY", 0),
        ("FREQ=DAILY;COUNT=3", 11),
        ("FREQ=DAILY;INTERVAL=0", 11),
        ("FREQ=DAILY;BYHOUR=9", 11),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 0),
        ("FREQ=WEEKLY;BYDAY=XX", 12),
        ("RRULE:FREQ=DAILY;UNTIL=soon", 17),
    ],
)
def test_a_rule_that_cannot_be_followed_is_pointed_at(rule: str, at: int) -> None:
    (told, hint) = problems_of(f'[schedules.one]\n{FILE}rule = "{rule}"\n')
    assert told.startswith(f"newsletter.toml:3:{9 + at}: schedules.one.rule: ")
    assert hint.startswith("  hint: ")
