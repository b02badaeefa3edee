"""What is said of the clock and of the disk of this machine. Pure."""

import datetime as dt
from email.utils import parsedate_to_datetime

from newsletter.doctor.opinion import Opinion, better, good, unknown, wrong

_NOTICED = dt.timedelta(seconds=5)
_REFUSED = dt.timedelta(minutes=4)
"""Amazon refuses what is signed five minutes off; sign-ins by OpenID Connect break, too."""
_A_DELIVERY = 2048
"""Bytes that one listed member takes in the ledger at most, its log of writes included."""
_AT_LEAST = 200_000_000
"""Bytes that a system needs to breathe."""


def judge_clock(now: dt.datetime, told: dt.datetime | None, by: str) -> Opinion:
    """Compare the clock of this machine with one that somebody else keeps."""
    if told is None:
        return unknown("clock", f"{by} did not tell the time")
    skew = now - told
    words = f"the clock of this machine is {abs(skew.total_seconds()):.0f} seconds"
    words += f" {'ahead of' if skew > dt.timedelta() else 'behind'} that of {by}"
    advice = "let the system set its clock by the network: timedatectl set-ntp true"
    if abs(skew) > _REFUSED:
        return wrong("clock", words, advice)
    if abs(skew) > _NOTICED:
        return better("clock", words, advice)
    return good("clock", f"the clock agrees with that of {by}")


def read_date(header: str) -> dt.datetime | None:
    """Read a Date header; None where it is none."""
    try:
        found = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def judge_disk(free: int, listed: int, folder: str) -> Opinion:
    """Hold the free space where the ledger lies against what a dispatch to all needs."""
    need = listed * _A_DELIVERY + _AT_LEAST
    words = f"{_size(free)} free where the ledger lies ({folder})"
    if free < need:
        return wrong(
            "disk",
            f"{words}; a dispatch to {listed:,} members may need {_size(need)}",
            "make room: what the ledger cannot write is not sent",
        )
    if free < 5 * need:
        return better("disk", f"{words}: enough for a few dispatches", "make room soon")
    return good("disk", words)


def _size(octets: int) -> str:
    return f"{octets / 1_000_000_000:.1f} GB"
