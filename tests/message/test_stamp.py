"""The token of a moment: genuine, or nothing; and never a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.message.token import ForgedToken, read_stamp, sign, stamp, verify

KEY, OLD = b"k" * 32, b"o" * 32


@given(st.integers(0, 2**60))
def test_the_moment_comes_back(seconds: int) -> None:
    assert read_stamp([KEY, OLD], stamp(OLD, seconds)) == seconds


@given(st.integers(0, 2**60), st.integers(0, 39), st.sampled_from("ABCxyz019-_"))
def test_a_changed_stamp_is_forged(seconds: int, place: int, letter: str) -> None:
    token = stamp(KEY, seconds)
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(ForgedToken):
            read_stamp(KEY, changed)


@given(st.integers(0, 2**32 - 1))
def test_no_stamp_is_a_link_and_no_link_a_stamp(number: int) -> None:
    with pytest.raises(ForgedToken):
        verify(KEY, stamp(KEY, number))
    with pytest.raises(ForgedToken):
        read_stamp(KEY, sign(KEY, "0" * 16, number))


def test_a_moment_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match="after 1970"):
        stamp(KEY, -1)
