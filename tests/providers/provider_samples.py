"""Batches for the tests of providers, with values that any careless joining would trip over."""

from datetime import UTC, datetime

from newsletter.address import EmailAddress, Mailbox
from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Context, Document, Frozen, Slot

ENVELOPE = Envelope(
    sender=Mailbox(EmailAddress("news@society.example.org"), "Société des Arbres"),
    reply_to=Mailbox(EmailAddress("office@society.example.org"), "The office"),
    date=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    dispatch="0123456789abcdef",
    issue="spring-meeting",
    list_id="news.society.example.org",
    list_name="Société des Arbres",
)
_NAME = "first_name"
DOCUMENT = Document(
    subject=Frozen(("Dear ", ": 100 % of it"), (Slot(_NAME, Context.PLAIN, "colleague"),)),
    preheader=Frozen(("Come, ", "!"), (Slot(_NAME, Context.PLAIN, "colleague"),)),
    html=Frozen(
        (
            "<!DOCTYPE html>\n<p>Dear ",
            ' &amp; all, a -s1h- and %name%.</p>\n<a href="https://x.example/?q=',
            '">search</a> <a href="',
            '">leave</a>\n' + "<p>A long line of the body.</p>" * 60,
        ),
        (
            Slot(_NAME, Context.HTML, "colleague"),
            Slot(_NAME, Context.URL, "colleague"),
            Slot("unsubscribe_url", Context.LINK),
        ),
    ),
    text=Frozen(
        (
            "Dear ",
            ",\n\n.hidden line\n..\n{{ a }} -s2p-\nhttps://x.example/?q=",
            "\n\nleave: ",
            "\n",
        ),
        (
            Slot(_NAME, Context.PLAIN, "colleague"),
            Slot(_NAME, Context.URL, "colleague"),
            Slot("unsubscribe_url", Context.LINK),
        ),
    ),
)
NAMES = [
    "Ada Lovelace",
    "",
    "O'Neil, Jr.",
    "<b>Bobby</b>",
    "José Müller",
    "Nguyễn Thị Minh Khai",
    "שלום כהן",
    "محمد",
    "山田 太郎",
    '"Quoted" \\Back',
    "=?utf-8?q?x?=",
    "-s1h-",
    "{{ first_name }}",
    "A & B; C",
    "👩🏽‍🔬 Rosalind",
    "x" * 200,
    ".dot",
    "%recipient%",
    "$&\\1",
]


def recipient(delivery: int, name: str = "", **values: str) -> Recipient:
    """Make the recipient of a delivery; the first name is all of `name`."""
    address = f"member{delivery}@member.example.org"
    return Recipient(
        delivery=delivery,
        address=EmailAddress(address),
        name=name,
        values={
            "first_name": name,
            "email": address,
            "unsubscribe_url": f"https://news.society.example.org/u/token{delivery}?a=1&b=2",
        }
        | values,
    )


def batch(*recipients: Recipient, request: int = 3, document: Document = DOCUMENT) -> Batch:
    """Make a batch; of one recipient for every awkward name if none are given."""
    members = recipients or tuple(recipient(at, name) for at, name in enumerate(NAMES))
    return Batch(envelope=ENVELOPE, request=request, document=document, recipients=members)
