"""The board of `newsletter dispatch watch`, at every width of a terminal."""

import datetime as dt
from dataclasses import replace

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.cli.board import NARROWEST, draw, line
from newsletter.compose.wrap import width_of
from newsletter.ledger.course import Hold
from newsletter.ledger.dispatches import Balance, Dispatch
from newsletter.ledger.stages import Tally
from newsletter.ledger.traffic import Traffic, Trouble
from newsletter.message.state import DeliveryState
from newsletter.report.progress import Mark, Progress, Trail

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
BUSY = Progress(
    dispatch=Dispatch(
        id=7,
        ref="0123456789abcdef",
        slug="travel-awards",
        title="Travel awards",
        kind="issue",
        copy=0,
        content_hash="",
        envelope={},
        provider="sendgrid",
        audience={},
        topic="",
        is_notice=False,
        opened=NOON.isoformat(),
        listed=103_000,
        recipients=100_000,
    ),
    balance=Balance(
        listed=103_000,
        excluded=3_000,
        accepted=60_200,
        rejected=12,
        unsure=1_000,
        pending=38_788,
        under_way=4_000,
        reasons={},
    ),
    traffic=Traffic(
        in_flight=4,
        carried=4_000,
        overdue=1,
        waiting=35,
        oldest=NOON.isoformat(),
        latest=NOON.isoformat(),
        troubles=(Trouble(DeliveryState.PENDING, "429: later", 4_000),),
    ),
    tally=Tally(accepted=40_200, delivered=40_112, bounced_hard=12),
    hold=None,
    now=NOON + dt.timedelta(seconds=3),
    trail=Trail((Mark(0, 43_000), Mark(50, 58_000), Mark(60, 61_212))),
)


def plain(progress: Progress, columns: int = 80) -> list[str]:
    return [click.unstyle(each) for each in draw(progress, columns)]


@given(
    st.integers(1, 200),
    st.text(max_size=120),
    st.integers(0, 10_000_000),
    st.one_of(st.none(), st.floats(0, 1e7)),
)
def test_no_line_is_wider_than_the_terminal_whatever_it_says(
    columns: int, note: str, count: int, seconds: float | None
) -> None:
    traffic = replace(BUSY.traffic, troubles=(Trouble(DeliveryState.UNSURE, note, count),))
    balance = replace(BUSY.balance, pending=count)
    hold = Hold(note, seconds)
    shown = draw(replace(BUSY, traffic=traffic, balance=balance, hold=hold), columns)
    room = max(NARROWEST, columns)
    assert all(width_of(click.unstyle(each)) <= room for each in shown)
    assert all(letter.isprintable() for each in shown for letter in click.unstyle(each))


def test_at_80_columns_everything_stands_in_two_columns() -> None:
    text = "\n".join(plain(BUSY))
    assert "dispatch 7 · travel-awards · sendgrid" in text
    assert "accepted       60,200  60.2%    rate           321  a second, last 10 s" in text
    assert "in flight        4  requests, oldest 3 s" in text
    assert "2 min 8 s left" in text
    assert "told since: delivered 40,112   bounced 12" in text
    assert "    4,000 pending  429: later" in text
    assert "1 request overdue: their program may have died" in text


def test_in_a_narrow_window_the_columns_stand_below_each_other() -> None:
    shown = plain(BUSY, 50)
    assert "accepted       60,200  60.2%" in [each.strip() for each in shown]
    assert any(each.startswith("in flight        4  requests, oldest") for each in shown)


def test_what_is_not_finished_is_never_at_100_percent() -> None:
    balance = replace(BUSY.balance, listed=1_003_000, accepted=998_987, pending=1)
    assert " 99 %" in plain(replace(BUSY, balance=balance))[2]


def test_a_sum_that_is_wrong_is_told_aloud() -> None:
    wrong = replace(BUSY, balance=replace(BUSY.balance, listed=1))
    assert any("it does not balance" in each for each in plain(wrong, 200))


def test_colours_mark_only_what_somebody_should_look_at() -> None:
    fine = replace(BUSY, balance=replace(BUSY.balance, rejected=0, unsure=0))
    coloured = [each for each in draw(fine, 80)[4:10] if "\x1b" in each]
    assert coloured == []
    assert len([each for each in draw(BUSY, 80)[4:10] if "\x1b" in each]) == 2


@pytest.mark.parametrize("trail", [Trail(), BUSY.trail])
def test_one_line_says_the_same_to_a_file(trail: Trail) -> None:
    told = line(replace(BUSY, trail=trail))
    assert told.startswith("12:00:03Z  sending  61%  60,200 accepted  12 rejected")
    assert ("321/s" in told) is bool(trail.marks)
    assert "\n" not in told
