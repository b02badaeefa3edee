import re
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Refused, SettingsError
from newsletter.message.token import ForgedToken, sign, verify

KEY = b"k" * 32
keys = st.binary(min_size=16, max_size=64)
dispatches = st.text("0123456789abcdef", min_size=16, max_size=16)
deliveries = st.integers(0, 2**32 - 1)
URL_SAFE = string.ascii_letters + string.digits + "-_"


@given(keys, dispatches, deliveries)
def test_a_token_tells_its_dispatch_and_delivery(key: bytes, dispatch: str, delivery: int) -> None:
    assert verify(key, sign(key, dispatch, delivery)) == (dispatch, delivery)


@given(dispatches, deliveries, st.integers(0, 39), st.sampled_from(URL_SAFE + "=. é\n"))
def test_a_token_with_any_one_character_changed_is_refused(
    dispatch: str, delivery: int, place: int, other: str
) -> None:
    token = sign(KEY, dispatch, delivery)
    forged = token[:place] + other + token[place + 1 :]
    if forged != token:
        with pytest.raises(ForgedToken):
            verify(KEY, forged)


@given(st.text() | st.text(URL_SAFE, min_size=40, max_size=40))
def test_any_text_nobody_signed_is_refused(text: str) -> None:
    with pytest.raises(ForgedToken):
        verify(KEY, text)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t + "\n"])
def test_a_token_cut_off_or_lengthened_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(ForgedToken):
        verify(KEY, change(sign(KEY, "0" * 16, 7)))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(ForgedToken):
        verify(b"x" * 32, sign(KEY, "0" * 16, 7))


def test_a_token_of_an_old_key_works_while_the_old_key_is_kept() -> None:
    token = sign(b"old-old-old-old-", "0123456789abcdef", 7)

    assert verify([KEY, b"old-old-old-old-"], token) == ("0123456789abcdef", 7)


def test_no_key_opens_nothing() -> None:
    with pytest.raises(ForgedToken):
        verify([], sign(KEY, "0" * 16, 7))


@given(dispatches, deliveries)
def test_a_token_fits_a_url_as_it_is(dispatch: str, delivery: int) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{40}", sign(KEY, dispatch, delivery))


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 65])
def test_a_key_that_protects_nothing_is_refused_without_being_shown(key: bytes) -> None:
    with pytest.raises(SettingsError) as caught:
        sign(key, "0" * 16, 7)

    assert "16 to 64" in caught.value.hint


@pytest.mark.parametrize(
    ("dispatch", "delivery"),
    [("0" * 15, 1), ("0" * 17, 1), ("A" * 16, 1), ("g" * 16, 1), ("0" * 16, -1), ("0" * 16, 2**32)],
)
def test_numbers_that_do_not_fit_are_refused(dispatch: str, delivery: int) -> None:
    with pytest.raises(ValueError, match="is"):
        sign(KEY, dispatch, delivery)


def test_a_forged_token_is_an_error_for_people_that_does_not_repeat_the_token() -> None:
    with pytest.raises(Refused) as caught:
        verify(KEY, "A" * 40)

    assert "A" * 40 not in str(caught.value)
    assert caught.value.hint
