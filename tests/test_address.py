import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from newsletter.address import parse_address
from newsletter.errors import InputError


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("Jane.Doe@Example.ORG", "Jane.Doe@example.org"),
        ("o'neil+news@mail.example.com", "o'neil+news@mail.example.com"),
        ("anna@bücher.example.org", "anna@xn--bcher-kva.example.org"),
    ],
)
def test_an_address_is_kept_as_a_mail_server_wants_it(text: str, wire: str) -> None:
    assert parse_address(text).wire == wire


@pytest.mark.parametrize(
    "text",
    [
        "", "jane", "jane@", "@example.org", "jane@example", "jane doe@example.org",
        "jane@ex ample.org", "a..b@example.org", ".a@example.org", "jane@localhost",
        "jane@printer.local", "jane@example.org\n", "jane@example.org\r\nBcc: x@example.org",
        "Jane <jane@example.org>", "a" * 65 + "@example.org", "jane@-x.org", "josé@example.org",
    ],
)  # fmt: skip
def test_what_no_mail_server_would_take_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_address(text)


def test_two_spellings_of_one_mailbox_share_their_key() -> None:
    assert parse_address("Jane@Example.org").key == parse_address("jane@example.ORG").key


@given(
    st.from_regex(r"[A-Za-z0-9.!#+'_-]{1,12}@[A-Za-z0-9.-]{1,12}\.[A-Za-z]{1,5}", fullmatch=True)
)
def test_the_fast_reading_takes_nothing_that_the_strict_library_refuses(text: str) -> None:
    try:
        ours = parse_address(text).wire
    except InputError:
        return
    try:
        validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as reason:
        raise AssertionError(ours) from reason
