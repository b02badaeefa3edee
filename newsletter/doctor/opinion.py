"""What the doctor says of one thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing stands."""

    GOOD = "good"
    ADVICE = "advice"
    """It works, and could be better."""
    WRONG = "wrong"
    """It will not work, or mail will be refused for it."""
    UNKNOWN = "could not ask"
    """Nobody answered: nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One sentence on one thing, and what to do."""

    subject: str
    """Such as `spf`, for scripts."""
    verdict: Verdict
    words: str
    advice: str = ""


def good(subject: str, words: str, advice: str = "") -> Opinion:
    """Say that something is as it should be."""
    return Opinion(subject=subject, verdict=Verdict.GOOD, words=words, advice=advice)


def better(subject: str, words: str, advice: str) -> Opinion:
    """Say that something works, and could be better."""
    return Opinion(subject=subject, verdict=Verdict.ADVICE, words=words, advice=advice)


def wrong(subject: str, words: str, advice: str) -> Opinion:
    """Say that something is wrong."""
    return Opinion(subject=subject, verdict=Verdict.WRONG, words=words, advice=advice)


def unknown(subject: str, words: str, advice: str = "") -> Opinion:
    """Say that nobody could be asked."""
    hint = advice or "ask again later, from a machine that is online"
    return Opinion(subject=subject, verdict=Verdict.UNKNOWN, words=words, advice=hint)


def is_well(opinions: Iterable[Opinion]) -> bool:
    """Tell whether nothing is wrong, as far as could be asked."""
    return all(each.verdict is not Verdict.WRONG for each in opinions)


def without_doubts(opinions: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """Leave out that nobody could be asked, where somebody else could."""
    told = tuple(opinions)
    known = {each.subject for each in told if each.verdict is not Verdict.UNKNOWN}
    return tuple(
        each for each in told if each.verdict is not Verdict.UNKNOWN or each.subject not in known
    )
