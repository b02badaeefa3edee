import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_samples import DOCUMENT, ENVELOPE, URL, printable, recipient, with_subject

from newsletter.address import EmailAddress, Mailbox
from newsletter.errors import InputError
from newsletter.message.frozen import Context, Slot
from newsletter.message.headers import message_for, sender_id
from newsletter.message.mime import MimeTemplate

ADA = recipient("Ada Lovelace", first_name="Ada")


def headers_of(**changes: object) -> dict[str, str]:
    message = message_for(replace(ENVELOPE, **changes), DOCUMENT, ADA)
    return {header.name: header.wire for header in message.headers}


def test_the_headers_stand_in_this_order_and_say_this() -> None:
    assert headers_of() == {
        "Date": "Sun, 01 Mar 2026 09:30:00 +0000",
        "From": '"Society of Trees" <news@society.example.org>',
        "Reply-To": '"The office" <office@society.example.org>',
        "To": '"Ada Lovelace" <ada@member.example.org>',
        "Subject": "Dear Ada, the meeting",
        "Message-ID": "<7.0123456789abcdef@society.example.org>",
        "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": '"Society of Trees" <news.society.example.org>',
        "Feedback-ID": f"spring-meeting:0123456789abcdef:newsletter:{sender_id(ENVELOPE)}",
        "Precedence": "bulk",
    }


def test_without_a_reply_to_there_is_no_such_header() -> None:
    assert "Reply-To" not in headers_of(reply_to=None)


def test_a_member_without_a_name_is_addressed_by_the_address_alone() -> None:
    message = message_for(ENVELOPE, DOCUMENT, recipient())

    assert ("To", "ada@member.example.org") in [(h.name, h.wire) for h in message.headers]


def test_the_message_id_of_a_delivery_never_changes() -> None:
    renamed = ADA._replace(name="Somebody Else", values={**ADA.values, "first_name": "X"})
    ids = {
        header.wire
        for member in (ADA, renamed)
        for header in message_for(ENVELOPE, DOCUMENT, member).headers
        if header.name == "Message-ID"
    }

    assert len(ids) == 1


def test_feedback_id_has_four_fields_none_of_them_about_the_member() -> None:
    fields = headers_of()["Feedback-ID"].split(":")
    others = message_for(ENVELOPE, DOCUMENT, recipient("Bob", delivery=8, address="b@x.org"))

    assert len(fields) == 4
    assert 5 <= len(fields[-1]) <= 15
    assert headers_of()["Feedback-ID"] in [header.wire for header in others.headers]


def test_the_sender_id_stays_when_the_list_id_does() -> None:
    assert sender_id(ENVELOPE) == sender_id(replace(ENVELOPE, issue="other", dispatch="f" * 16))
    assert sender_id(ENVELOPE) != sender_id(replace(ENVELOPE, list_id="other.example.org"))


CONTROLS = [*map(chr, [*range(0x20), *range(0x7F, 0xA0)]), "\u2028", "\u2029", "\r\n", "\ud800"]


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_a_control_character_never_gets_into_a_header(control: str) -> None:
    smuggled = f"Hello{control}Bcc: everybody@example.org"
    address = EmailAddress("a@example.org")
    attempts = [
        (ENVELOPE, DOCUMENT, ADA._replace(name=smuggled)),
        (ENVELOPE, DOCUMENT, recipient("Ada", first_name=smuggled)),
        (ENVELOPE, with_subject(smuggled), ADA),
        (ENVELOPE, DOCUMENT, recipient("Ada", unsubscribe_url=URL + control)),
        (replace(ENVELOPE, sender=Mailbox(address, smuggled)), DOCUMENT, ADA),
        (replace(ENVELOPE, reply_to=Mailbox(address, smuggled)), DOCUMENT, ADA),
        (replace(ENVELOPE, list_name=smuggled), DOCUMENT, ADA),
        (replace(ENVELOPE, list_id=f"a.b{control}"), DOCUMENT, ADA),
        (replace(ENVELOPE, issue=f"a{control}"), DOCUMENT, ADA),
        (replace(ENVELOPE, dispatch=f"a{control}"), DOCUMENT, ADA),
    ]

    for envelope, document, member in attempts:
        with pytest.raises(InputError) as caught:
            message_for(envelope, document, member)
        assert caught.value.hint
        with pytest.raises(InputError):
            MimeTemplate(envelope, document).encode(member)


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example.org/u/1",
        "mailto:leave@example.org",
        "https://",
        "https://a.example/>,<https://b.example/",
        "https://a.example/ b",
        "https://a.example/é",
        "https://a.example/" + "x" * 1000,
        "",
    ],
)
def test_a_link_that_is_not_one_plain_https_url_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="https URL"):
        message_for(ENVELOPE, DOCUMENT, recipient(unsubscribe_url=url))


@pytest.mark.parametrize("issue", ["", "../../etc", "Spring", "a b", "-x", "é", "a/b"])
def test_an_issue_that_is_no_slug_is_refused(issue: str) -> None:
    with pytest.raises(InputError, match="cannot name an issue"):
        headers_of(issue=issue)


def test_a_slot_without_value_or_fallback_is_a_key_error() -> None:
    document = with_subject("", "", slots=(Slot("city", Context.PLAIN),))

    with pytest.raises(KeyError, match="city"):
        message_for(ENVELOPE, document, ADA)


@given(st.lists(printable, max_size=30).map(" ".join))
def test_a_subject_is_folded_into_short_ascii_lines(subject: str) -> None:
    message = message_for(ENVELOPE, with_subject(subject), ADA)
    (line,) = [header.line for header in message.headers if header.name == "Subject"]

    assert line.isascii()
    for part in line.removesuffix("\r\n").split("\r\n"):
        assert len(part) <= 76
        assert part.strip()


def test_a_long_plain_subject_stays_readable_in_the_source_of_the_message() -> None:
    subject = "The annual meeting of the society moves to the old harbour hall in Baltimore " * 2
    message = message_for(ENVELOPE, with_subject(subject), ADA)
    (wire,) = [header.wire for header in message.headers if header.name == "Subject"]

    assert "=?" not in wire
    assert re.sub("\r\n", "", wire) == subject.strip()


def test_a_subject_that_looks_encoded_is_shown_as_it_was_written() -> None:
    message = message_for(ENVELOPE, with_subject("=?utf-8?q?hi?="), ADA)
    (wire,) = [header.wire for header in message.headers if header.name == "Subject"]

    assert wire == "=?utf-8?b?PT91dGYtOD9xP2hpPz0=?="
