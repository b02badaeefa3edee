"""What filters hold against an email; SpamAssassin itself where it is installed."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from absent import do_without
from check_samples import codes, issue_of
from ports import free_port

from newsletter.check.spam import check_score, check_subject_habits
from newsletter.check.spamc import Verdict, read_report, score_message, spamc_command
from newsletter.clock import SystemClock
from newsletter.errors import Location

AT = Location("news.md")
GOOD = (
    b"From: The Society <news@society.org>\r\nTo: Ann <ann@society.org>\r\nSubject: Minutes\r\n"
    b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@society.org>\r\n\r\n"
    b"Dear Ann, the minutes of the meeting are on our page.\r\n"
)
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
"""What every SpamAssassin takes for spam, so that it can be tried."""


@pytest.mark.parametrize(
    "subject",
    [
        *("Re: your membership", "FW: Annual Meeting", "Act now: dues are due", "Win $$$ today"),
        *("Are you coming??", "F R E E entry", "You have won an award", "News 🎉🎉🎉"),
    ],
)
def test_habits_of_spam_are_found_in_a_subject(subject: str) -> None:
    assert set(codes(check_subject_habits(issue_of(subject=subject)))) == {"subject-spammy"}


@pytest.mark.parametrize(
    "subject",
    [
        *(
            "Registration is open",
            "Research: what we found",
            "Are you coming?",
            "Free entry for members",
        ),
        *("Award winners of 2026", "The U S A chapter", "Dues: $40 from May", "News 🎉"),
        "Regarding: refunds",
    ],
)
def test_the_subjects_of_societies_are_left_alone(subject: str) -> None:
    assert codes(check_subject_habits(issue_of(subject=subject))) == []


def test_a_score_is_held_against_the_limit_and_names_the_worst_rules() -> None:
    verdict = Verdict(6.5, (("MPART_ALT_DIFF", 2.2), ("MISSING_DATE", 1.4)))
    assert codes(check_score(verdict, 7, AT)) == []
    (found,) = check_score(verdict, 5, AT)
    assert "6.5 points" in found.message
    assert "MPART_ALT_DIFF 2.2, MISSING_DATE 1.4" in found.message


@pytest.mark.parametrize("report", [b"", b"0/0\n", b"no such thing", b"\xff\xfe/5.0\n"])
def test_what_is_no_answer_is_none(report: bytes) -> None:
    assert read_report(report) is None


def test_a_command_that_fails_or_is_not_there_gives_no_answer(tmp_path: Path) -> None:
    assert score_message(GOOD, [str(tmp_path / "spamc")]) is None
    assert score_message(GOOD, ["false"]) is None


@pytest.fixture(scope="module")
def daemon() -> Iterator[tuple[str, str]]:
    """SpamAssassin's daemon on a free port, without any look into the network."""
    spamd = shutil.which("spamd") or "/usr/sbin/spamd"
    if not Path(spamd).exists() or not spamc_command():
        do_without("SpamAssassin is not installed")
    port = free_port()
    options = ("-L", "-x", "-i", "127.0.0.1", "-p", str(port), "-m", "1", "--min-children=1")
    running = subprocess.Popen([spamd, *options, "--syslog=null"])
    clock = SystemClock()
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        clock.sleep(0.1)
    yield "127.0.0.1", str(port)
    running.terminate()
    running.wait()


def test_spamassassin_is_asked_and_tells_good_from_bad(daemon: tuple[str, str]) -> None:
    command = spamc_command(*daemon)
    good = score_message(GOOD, command)
    assert good is not None
    assert good.score < 5
    bad = score_message(GOOD + GTUBE, command)
    assert bad is not None
    assert bad.score > 500
    assert bad.rules[0][0] == "GTUBE"


def test_a_daemon_that_is_not_there_gives_no_answer(daemon: tuple[str, str]) -> None:
    host, _port = daemon
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert score_message(GOOD, spamc_command(host, str(free.getsockname()[1]))) is None
