from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr, unquote

from hypothesis import given, settings
from hypothesis import strategies as st
from message_samples import (
    DOCUMENT,
    ENVELOPE,
    FILES,
    documents,
    printable,
    recipient,
    recipients,
    texts,
)

from newsletter.address import EmailAddress, Mailbox
from newsletter.message.batch import Envelope, Recipient
from newsletter.message.encoding import broken_words, quoted_printable, soft_break
from newsletter.message.frozen import Choices, Context, Document, Frozen, Slot
from newsletter.message.headers import Message, message_for
from newsletter.message.mime import MimeTemplate, MimeTemplates


def parsed(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert isinstance(part, EmailMessage)
    assert not part.defects
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode("utf-8").replace("\r\n", "\n")


def mailbox(octets: bytes, header: str) -> tuple[str, str]:
    # The older of the two parsers: the newer one, in Python 3.11, puts a space between
    # two encoded words of a name, against RFC 2047 section 6.2.
    raw = message_from_bytes(octets, policy=compat32)[header]
    name, address = parseaddr(str(raw).replace("\r\n", "").replace("\n", ""))
    return str(make_header(decode_header(name))), address


def assert_says(octets: bytes, expected: Message) -> None:
    """Hold the bytes, read by the standard library, against the message."""
    message = parsed(octets)
    assert [name for name in message if name not in {"MIME-Version", "Content-Type"}] == [
        header.name for header in expected.headers
    ]
    for header in expected.headers:
        if header.name == "List-Id":  # the standard library does not know its grammar
            name, _, list_id = str(message["List-Id"]).rpartition(" ")
            assert f"{unquote(name)} {list_id}" == header.text
        elif header.name not in {"From", "To", "Reply-To"}:
            assert str(message[header.name]) == header.text
    assert mailbox(octets, "From") == (expected.sender.name, expected.sender.address.wire)
    assert mailbox(octets, "To") == (expected.recipient.name, expected.recipient.address.wire)
    assert body(message, "plain") == expected.text
    assert body(message, "html") == expected.html
    leaves = [part for part in message.walk() if not part.is_multipart()]
    shown = [each for each in expected.attachments if each.content_id]
    beside = [each for each in expected.attachments if not each.content_id]
    kinds = [each.kind.partition(";")[0] for each in (*shown, *beside)]
    assert [part.get_content_type() for part in leaves] == ["text/plain", "text/html", *kinds]
    for part, each in zip(leaves[2:], (*shown, *beside), strict=True):
        assert part.get_payload(decode=True) == each.content
        assert part.get_filename() == each.name
        assert (part["Content-ID"] or "") == (f"<{each.content_id}>" if each.content_id else "")
        assert part.get_content_disposition() == ("inline" if each.content_id else "attachment")


def assert_fits_the_wire(octets: bytes) -> None:
    assert octets.isascii()
    assert octets.endswith(b"--\r\n")
    assert octets.count(b"\n") == octets.count(b"\r\n") == octets.count(b"\r")
    head, _, bodies = octets.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, bodies.split(b"\r\n"))) <= 76
    for line in octets.split(b"\r\n"):
        assert not line.startswith(b".")
        assert not line.endswith((b" ", b"\t"))


@settings(max_examples=300)
@given(documents(), recipients())
def test_the_standard_library_reads_exactly_the_message(
    document: Document, member: Recipient
) -> None:
    octets = MimeTemplate(ENVELOPE, document).encode(member)

    assert_fits_the_wire(octets)
    assert_says(octets, message_for(ENVELOPE, document, member))


@given(printable, printable, printable)
def test_names_in_any_script_arrive(sender: str, office: str, society: str) -> None:
    envelope = replace(
        ENVELOPE,
        sender=Mailbox(ENVELOPE.sender.address, sender),
        reply_to=Mailbox(EmailAddress("office@society.example.org"), office),
        list_name=society,
    )
    member = recipient("Ada")
    expected = message_for(envelope, DOCUMENT, member)
    octets = MimeTemplate(envelope, DOCUMENT).encode(member)

    assert_fits_the_wire(octets)
    headers = {header.name: header.text for header in expected.headers}
    for header in ("From", "Reply-To"):
        name, address = mailbox(octets, header)
        assert (f"{name} <{address}>" if name else address) == headers[header]


@given(texts)
def test_every_piece_of_quoted_printable_decodes_to_itself(text: str) -> None:
    part = parsed(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
        b"\r\n\r\n" + quoted_printable(text).encode("ascii")
    )

    assert body(part, "plain") == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_template_is_encoded_for_many_members_and_mixes_none_of_them_up() -> None:
    template = MimeTemplate(ENVELOPE, DOCUMENT)

    for number in range(50):
        member = recipient(f"Member {number}", delivery=number, first_name=f"<{number}>")
        assert_says(template.encode(member), message_for(ENVELOPE, DOCUMENT, member))


def test_the_same_delivery_is_always_the_same_bytes() -> None:
    member = recipient("Ada", first_name="Ada")

    first = MimeTemplate(ENVELOPE, DOCUMENT).encode(member)

    assert MimeTemplate(ENVELOPE, DOCUMENT).encode(member) == first


def test_a_body_that_quotes_the_boundary_stays_one_body() -> None:
    line = "\n--=_nl-0123456789abcdef\n\n--=_nl-0123456789abcdef--\n"
    document = replace(DOCUMENT, text=Frozen((line, line), (Slot("a", Context.PLAIN),)))
    member = recipient(a=line)

    assert_says(
        MimeTemplate(ENVELOPE, document).encode(member), message_for(ENVELOPE, document, member)
    )


def test_templates_are_made_once_for_each_document() -> None:
    templates = MimeTemplates()
    other = replace(DOCUMENT)

    assert templates.of(ENVELOPE, DOCUMENT) is templates.of(ENVELOPE, DOCUMENT)
    assert templates.of(ENVELOPE, other) is not templates.of(ENVELOPE, DOCUMENT)


def test_templates_of_long_ago_are_forgotten() -> None:
    templates = MimeTemplates()
    envelopes: list[Envelope] = [replace(ENVELOPE) for _ in range(200)]
    for envelope in envelopes:
        templates.of(envelope, DOCUMENT)

    first = templates.of(envelopes[0], DOCUMENT)
    assert templates.of(envelopes[0], DOCUMENT) is first


def _structure(message: EmailMessage) -> object:
    if not message.is_multipart():
        return message.get_content_type()
    parts = [_structure(part) for part in message.iter_parts() if isinstance(part, EmailMessage)]
    return {message.get_content_subtype(): parts}


def test_pictures_belong_to_the_html_and_files_to_the_message() -> None:
    document = replace(DOCUMENT, attachments=FILES)
    message = parsed(MimeTemplate(ENVELOPE, document).encode(recipient("Ada")))

    related = {"related": ["text/html", "image/png", "image/jpeg"]}
    assert _structure(message) == {
        "mixed": [{"alternative": ["text/plain", related]}, "text/calendar"]
    }


def test_no_boundary_begins_another() -> None:
    document = replace(DOCUMENT, attachments=FILES)
    octets = MimeTemplate(ENVELOPE, document).encode(recipient("Ada"))
    boundaries = {part.get_boundary() or "" for part in parsed(octets).walk()} - {""}

    assert len(boundaries) == 3
    assert not any(
        one != other and one.startswith(other) for one in boundaries for other in boundaries
    )


def test_a_value_may_choose_among_frozen_texts() -> None:
    choices = Choices((("Asia/Tokyo", "01:00 <b>"), ("UTC", "16:00")))
    slot = Slot("time_zone", Context.HTML, "", choices)

    assert slot.fill({"time_zone": "Asia/Tokyo"}) == "01:00 &lt;b&gt;"
    assert slot.fill({"time_zone": "UTC"}) == "16:00"
    assert [slot.fill({"time_zone": each}) for each in ("", "Asia", "Zulu")] == ["", "", ""]
    assert slot.fill({}) == ""


words = st.from_regex(r"[!-<>-~]{1,160}", fullmatch=True)


@given(st.lists(words, min_size=1, max_size=5))
def test_words_broken_together_are_encoded_as_each_alone(texts: list[str]) -> None:
    together = broken_words(texts)
    assert together is None or together == [soft_break(quoted_printable(t)).encode() for t in texts]
