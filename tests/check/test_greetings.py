"""Greetings that would read `Dear ,`."""

from dataclasses import dataclass

import pytest
from check_samples import codes, places_of

from newsletter.check.greetings import check_greetings
from newsletter.message.frozen import Context, Document, Frozen, Slot

NOTHING = Frozen(("",))


@dataclass(frozen=True)
class Lacking:
    count: int

    def __str__(self) -> str:
        return "lines 3, 4, 9, … of the list"


def greetings(before: str, after: str, count: int = 7) -> list[str]:
    frozen = Frozen((before, after), (Slot("first_name", Context.HTML, ""),))
    document = Document(subject=NOTHING, preheader=NOTHING, html=frozen, text=NOTHING)
    found = list(check_greetings([document], {"first_name": Lacking(count)}, places_of()))
    assert all("lines 3, 4, 9" in each.message for each in found)
    return codes(found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>Dear ", ",</p>"),
        ("<p>Dear <strong>", "</strong>,</p>"),
        ("<p>Hello ", "!</p>"),
        ("<p>Dear Dr. ", ":</p>"),
        ("<p>Liebe ", ",</p>"),
        ("<p>Bonjour ", "</p>"),
    ],
)
def test_a_greeting_that_stays_without_a_name_is_an_error(before: str, after: str) -> None:
    assert greetings(before, after) == ["greeting-empty"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>Your number is ", ".</p>"),
        ("<p>Dear ", " Smith,</p>"),
        ("<p>Dear all,\n", ", you are</p>"),
        ("<p>my dearest", "</p>"),
    ],
)
def test_a_slot_elsewhere_may_be_empty(before: str, after: str) -> None:
    assert greetings(before, after) == []
