"""What members say about being mailed: acts, each with how and in answer to which words."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What somebody did; the record of acts is only ever added to."""

    OPT_IN = "opt in"
    OPT_OUT = "opt out"
    PAUSE = "pause"
    RESUME = "resume"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the ledger knows them."""

    address_key: str
    """The address as it is compared."""
    member_id: str = ""
    """The association's own id; empty where the list has none."""


def identify(address_key: str, member_id: str) -> Person:
    """Make a person of a row, whose id may be one that only stands in for a missing one."""
    return Person(address_key, member_id if is_own_id(member_id, address_key) else "")


def is_own_id(member_id: str, address_key: str | None) -> bool:
    """Tell whether the association gave this id; see `Member.id`."""
    return member_id != address_key and not member_id.startswith(STANDS_IN)


STANDS_IN = ("line ", "sign-up ", "proof", "#")
"""How ids begin that the list does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """How an act came about, as a court would ask."""

    source: str
    """By which means: `one-click`, `page`, `sign-up`, `command`."""
    words: str = ""
    """The text that they agreed to, or that offered them to leave."""
    at: dt.datetime
    """When; aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One act as it stands in the record."""

    at: str
    """ISO 8601, UTC."""
    act: Act
    topic: str | None
    """None for everything."""
    source: str
    words: str
