"""What the doctor says of clock and disk, of time servers, and how long it waits."""

import datetime as dt
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter.clock import SystemClock
from newsletter.doctor.machine import judge_clock, judge_disk, read_date
from newsletter.doctor.ntp import ask_time
from newsletter.doctor.opinion import Opinion, Verdict, good
from newsletter.doctor.rounds import Look, go_round
from newsletter.errors import LedgerError

NOW = dt.datetime(2027, 3, 2, 14, tzinfo=dt.UTC)


@contextmanager
def time_server(answer: bytes | None) -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))

        def serve() -> None:
            _, who = line.recvfrom(512)
            if answer is not None:
                line.sendto(answer, who)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{line.getsockname()[1]}"
        thread.join()


def packet(at: dt.datetime, stratum: int = 2) -> bytes:
    seconds = int(at.timestamp()) + 2_208_988_800
    return bytes([0x24, stratum]) + bytes(38) + struct.pack("!II", seconds, 0)


def test_a_time_server_tells_the_time() -> None:
    with time_server(packet(NOW)) as server:
        assert ask_time(server, 5) == NOW


@pytest.mark.parametrize("answer", [None, b"", b"short", packet(NOW, stratum=0), bytes(48)])
def test_a_time_server_that_says_nothing_useful_is_no_wrong_clock(answer: bytes | None) -> None:
    with time_server(answer) as server:
        told = ask_time(server, 0.3)
    assert told is None
    assert judge_clock(NOW, told, server).verdict is Verdict.UNKNOWN


def test_a_time_server_that_is_not_there_is_no_wrong_clock() -> None:
    assert ask_time("nobody.invalid", 0.3) is None
    assert ask_time("127.0.0.1:1", 0.3) is None


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.GOOD),
        (-5, Verdict.GOOD),
        (6, Verdict.ADVICE),
        (-240, Verdict.ADVICE),
        (241, Verdict.WRONG),
        (-86_400, Verdict.WRONG),
    ],
)
def test_a_clock_that_is_off_is_told(seconds: int, verdict: Verdict) -> None:
    told = judge_clock(NOW + dt.timedelta(seconds=seconds), NOW, "there")
    assert told.verdict is verdict
    assert ("behind" in told.words) == (seconds < -5)


@pytest.mark.parametrize("header", ["", "yesterday", "Tue, 02 Mar 2027 14:00:00 -0000"])
def test_a_date_that_cannot_be_read_is_none(header: str) -> None:
    assert read_date(header) is None


def test_a_date_header_is_read() -> None:
    assert read_date("Tue, 02 Mar 2027 14:00:00 GMT") == NOW


@pytest.mark.parametrize(
    ("free", "listed", "verdict"),
    [
        (100_000_000, 0, Verdict.WRONG),
        (300_000_000, 0, Verdict.ADVICE),
        (2_000_000_000, 100, Verdict.GOOD),
        (2_000_000_000, 1_000_000, Verdict.WRONG),
    ],
)
def test_room_is_held_against_the_need(free: int, listed: int, verdict: Verdict) -> None:
    assert judge_disk(free, listed, "/var").verdict is verdict


# --- the round -----------------------------------------------------------------------------------


def told(*looks: Look, patience: float = 5.0) -> dict[str, Opinion]:
    return {look.subject: said[0] for look, said in go_round(looks, SystemClock(), patience)}


def test_who_takes_too_long_does_not_hold_up_the_others() -> None:
    waits = threading.Event()

    def hang() -> list[Opinion]:
        waits.wait(30)
        return [good("slow", "at last")]

    found = told(Look("slow", hang), Look("quick", lambda: [good("quick", "yes")]), patience=0.3)
    waits.set()
    assert found["quick"].verdict is Verdict.GOOD
    assert found["slow"].verdict is Verdict.UNKNOWN
    assert list(found) == ["quick", "slow"]


def test_who_breaks_does_not_take_the_others_along() -> None:
    def lost() -> list[Opinion]:
        raise LedgerError("the ledger failed")

    def broken() -> list[Opinion]:
        raise KeyError("ann@example.org")

    found = told(Look("lost", lost), Look("broken", broken), Look("well", lambda: [good("w", "")]))
    assert found["lost"].words == "the ledger failed"
    assert found["broken"].verdict is Verdict.UNKNOWN
    assert "ann" not in found["broken"].words
    assert found["well"].verdict is Verdict.GOOD
