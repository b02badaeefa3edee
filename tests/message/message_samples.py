"""Envelopes, documents and recipients for the tests of messages, plain and drawn at random."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from newsletter.address import EmailAddress, Mailbox
from newsletter.message.batch import Envelope, Recipient
from newsletter.message.frozen import Attachment, Context, Document, Frozen, Slot

ENVELOPE = Envelope(
    sender=Mailbox(EmailAddress("news@society.example.org"), "Society of Trees"),
    reply_to=Mailbox(EmailAddress("office@society.example.org"), "The office"),
    date=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    dispatch="0123456789abcdef",
    issue="spring-meeting",
    list_id="news.society.example.org",
    list_name="Society of Trees",
)
URL = "https://news.society.example.org/u/AQEjRWeJq83vAAAAB3k2lmT5xZ8pQ0wYtR1sU3vW"
DOCUMENT = Document(
    subject=Frozen(("Dear ", ", the meeting"), (Slot("first_name", Context.PLAIN, "colleague"),)),
    preheader=Frozen(("",)),
    html=Frozen(
        ("<p>Dear ", '</p>\n<a href="', '">leave</a>'),
        (Slot("first_name", Context.HTML, "colleague"), Slot("unsubscribe_url", Context.LINK)),
    ),
    text=Frozen(
        ("Dear ", ",\n\nleave: ", "\n"),
        (Slot("first_name", Context.PLAIN, "colleague"), Slot("unsubscribe_url", Context.LINK)),
    ),
)


FILES = (
    Attachment(name="meeting.ics", kind="text/calendar; charset=utf-8", content=b"BEGIN:VCALENDAR"),
    Attachment(
        name="oak.png", kind="image/png", content=bytes(range(256)) * 3, content_id="oak.png@e.org"
    ),
    Attachment(name="elm.jpg", kind="image/jpeg", content=b"", content_id="elm.jpg@e.org"),
)
"""Files that go with a message: one beside the text, two shown within it."""


def recipient(
    name: str = "", *, delivery: int = 7, address: str = "ada@member.example.org", **values: str
) -> Recipient:
    """Make a recipient who has a link to unsubscribe."""
    return Recipient(
        delivery=delivery,
        address=EmailAddress(address),
        name=name,
        values={"unsubscribe_url": URL, "email": address, **values},
    )


def with_subject(*literals: str, slots: tuple[Slot, ...] = ()) -> Document:
    """Make the sample document with another subject."""
    return replace(DOCUMENT, subject=Frozen(literals, slots))


_AWKWARD = st.sampled_from(
    [
        "=",
        "=3D",
        ".",
        "..",
        "\n.",
        ".\n",
        " ",
        "  \n",
        "\t\n",
        "\r",
        "\r\n",
        "\n",
        "é",
        "👩🏽‍🔬",
        "שלום",
        "مرحبا",
        "<b>",
        "&amp;",
        '"',
        "'",
        "\u2028",
        "\x00",
        "--=_nl-0123456789abcdef--",
        "x" * 80,
        "-s1h-",
        "{{ a }}",
        "From ",
        "=\r\n",
        "=?utf-8?q?x?=",
    ]
)
texts = st.lists(_AWKWARD | st.text(max_size=30), max_size=8).map("".join) | st.text(
    ".= aé\n", min_size=60, max_size=200
)
"""Bodies and values made of whatever mail is known to trip over."""
printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)
"""What may stand in a header."""
_names = st.sampled_from(["a", "b", "unsubscribe_url"])
_slots = st.builds(Slot, _names, st.sampled_from(Context), texts)


@st.composite
def frozens(draw: st.DrawFn) -> Frozen:
    """Draw a body: awkward literals around awkward slots."""
    slots = draw(st.lists(_slots, max_size=5))
    literals = draw(st.lists(texts, min_size=len(slots) + 1, max_size=len(slots) + 1))
    return Frozen(tuple(literals), tuple(slots))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a document."""
    subject = Slot("subject", Context.PLAIN, "fallback")
    return Document(
        subject=Frozen((draw(printable), draw(printable)), (subject,)),
        preheader=Frozen(("",)),
        html=draw(frozens()),
        text=draw(frozens()),
        attachments=tuple(draw(st.lists(st.sampled_from(FILES), max_size=3, unique=True))),
    )


@st.composite
def recipients(draw: st.DrawFn) -> Recipient:
    """Draw a recipient whose values are as awkward as can be."""
    values = {"a": draw(texts), "b": draw(texts), "subject": draw(printable)}
    return recipient(draw(printable), delivery=draw(st.integers(0, 2**32 - 1)), **values)
