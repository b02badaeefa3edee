"""Messages for the wire: everything that members share is encoded once.

A 50 KB message takes the standard library 6 ms to encode. Nearly all of it is the same for every
member, so a `MimeTemplate` encodes the literal pieces of the document once and, for each member,
only the values; the message is then one join of bytes. Quoted-printable makes that possible: a
soft line break lets every value begin on a line of its own without adding anything to the text.
"""

from base64 import encodebytes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from newsletter.message.batch import Envelope, Recipient
from newsletter.message.encoding import broken_words, quoted_printable, soft_break
from newsletter.message.frozen import Attachment, Document, Frozen, Slot
from newsletter.message.headers import list_headers, opening_headers, own_lines
from newsletter.message.recipients import Recipients
from newsletter.message.templates import Templates


class MimeTemplate:
    """One document of one dispatch, encoded but for what differs between its members."""

    __slots__ = ("_document", "_envelope", "_order", "_pieces", "_slots")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Encode all that the messages share.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        boundary = f"=_nl-{envelope.dispatch}"  # `=_` never occurs in quoted-printable text
        opening = "".join(header.line for header in opening_headers(envelope))
        closing = "".join(header.line for header in list_headers(envelope))
        shown = tuple(each for each in document.attachments if each.content_id)
        beside = tuple(each for each in document.attachments if not each.content_id)
        assembly = _Assembly()
        assembly.literal(f"{closing}MIME-Version: 1.0\r\n{_opened('mixed', boundary, beside)}")
        # First whatever is plainest: a reader shows the last alternative that it understands.
        assembly.literal(
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
            f"--{boundary}\r\n{_text_head('plain')}"
        )
        assembly.frozen(document.text)
        assembly.literal(f"\r\n--{boundary}\r\n{_opened('related', boundary, shown)}")
        assembly.literal(_text_head("html"))
        assembly.frozen(document.html)
        assembly.literal(f"\r\n{_closed('related', boundary, shown)}--{boundary}--\r\n")
        assembly.literal(_closed("mixed", boundary, beside))
        self._envelope = envelope
        self._document = document
        self._slots = tuple(dict.fromkeys(assembly.slots))
        position = {slot: at for at, slot in enumerate(self._slots)}
        self._order = tuple(position[slot] for slot in assembly.slots)
        self._pieces = (opening.encode("ascii"), b"", *assembly.pieces())

    def encode(self, recipient: Recipient) -> bytes:
        """Write the complete message of `recipient`: CRLF line ends, no line that begins by a dot.

        Raises:
            InputError: a name, the subject or the link cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        (pieces,) = self.messages((recipient,))
        return b"".join(pieces)

    def messages(self, recipients: Sequence[Recipient]) -> Iterator[list[bytes]]:
        """Write messages in pieces: nearly all of them are shared with every other message.

        What can go wrong does so at once, before the first of them is given.

        Raises:
            InputError: a name, the subject or the link cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        members = Recipients.of(recipients)
        heads = own_lines(self._envelope, self._document, members)
        values = members.columns
        escaped = [values.escaped(slot) for slot in self._slots]
        # A column that needs no escaping is the same one wherever it stands.
        apart = {id(each): each for each in escaped}
        encoded = {key: _encoded_column(each) for key, each in apart.items()}
        return self._joined(heads, [encoded[id(escaped[at])] for at in self._order])

    def _joined(
        self, heads: Sequence[str], columns: Sequence[list[bytes]]
    ) -> Iterator[list[bytes]]:
        for head, *own in zip(heads, *columns, strict=True):
            pieces = list(self._pieces)
            pieces[1] = head.encode("ascii")
            pieces[3::2] = own
            yield pieces


@dataclass(slots=True)
class _Assembly:
    """Collects literals and slots, so that each slot stands between two literals."""

    literals: list[str] = field(default_factory=lambda: [""])
    slots: list[Slot] = field(default_factory=list)

    def literal(self, text: str) -> None:
        self.literals[-1] += text

    def frozen(self, frozen: Frozen) -> None:
        self.literals[-1] += _literal(frozen, 0)
        for at, slot in enumerate(frozen.slots, start=1):
            self.slots.append(slot)
            self.literals.append(_literal(frozen, at))

    def pieces(self) -> list[bytes]:
        """Give the literals with an empty place between each two."""
        pieces = [b""] * (2 * len(self.literals) - 1)
        pieces[::2] = [literal.encode("ascii") for literal in self.literals]
        return pieces


def _text_head(subtype: str) -> str:
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )


def _opened(kind: str, boundary: str, files: Sequence[Attachment]) -> str:
    """Begin a multipart around the next part (RFC 2046, 2387), if there are files to go with it."""
    if not files:
        return ""
    outer = _outer(kind, boundary)
    root = '; type="text/html"' if kind == "related" else ""
    return f'Content-Type: multipart/{kind}{root};\r\n boundary="{outer}"\r\n\r\n--{outer}\r\n'


def _closed(kind: str, boundary: str, files: Sequence[Attachment]) -> str:
    if not files:
        return ""
    outer = _outer(kind, boundary)
    written = "".join(f"--{outer}\r\n{_file(each)}\r\n" for each in files)
    return f"{written}--{outer}--\r\n"


def _outer(kind: str, boundary: str) -> str:
    # RFC 2046 section 5.1.1: a line that begins with a boundary counts as one, so none may begin
    # another.
    return boundary.replace("_nl-", f"_{kind}-", 1)


def _file(attachment: Attachment) -> str:
    shown = attachment.content_id
    lines = encodebytes(attachment.content).decode("ascii").replace("\n", "\r\n")
    return (
        f'Content-Type: {attachment.kind};\r\n name="{attachment.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        + (f"Content-ID: <{shown}>\r\n" if shown else "")
        + f"Content-Disposition: {'inline' if shown else 'attachment'};\r\n"
        f' filename="{attachment.name}"\r\n\r\n{lines}'
    )


def _literal(frozen: Frozen, at: int) -> str:
    """Encode one literal; where a slot follows it, the slot begins on a line of its own."""
    encoded = quoted_printable(frozen.literals[at])
    return soft_break(encoded) if at < len(frozen.slots) else encoded


def _encoded(text: str) -> bytes:
    return soft_break(quoted_printable(text)).encode("ascii")


def _encoded_column(texts: list[str]) -> list[bytes]:
    broken = broken_words(texts)  # links, which nobody shares, are only to be broken into lines
    if broken is not None:
        return broken
    written = {each: _encoded(each) for each in set(texts)}
    return [written[each] for each in texts]


class MimeTemplates(Templates[MimeTemplate]):
    """The templates of messages in use."""

    __slots__ = ()

    def __init__(self) -> None:
        """Start without any."""
        super().__init__(MimeTemplate)
