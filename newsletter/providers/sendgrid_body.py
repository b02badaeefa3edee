"""The body of one SendGrid request: one document and the values of up to 1000 members. Pure.

The body is written as JSON straight away: the document, nearly all of it, is encoded once for all
requests of a dispatch, and what is left for each member is one join of a few short strings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.columns import Columns
from newsletter.message.encoding import unified
from newsletter.message.frozen import Context, Document, Slot
from newsletter.message.headers import message_id_end, subject_for, unsubscribe_headers_for
from newsletter.message.recipients import Recipients
from newsletter.providers.columns import json_column, json_texts, within_quotes
from newsletter.providers.sendgrid_document import TaggedDocument, sendgrid_names, tag_document

MOST_VALUE_BYTES = 10_000
"""In the substitutions of one recipient: SendGrid's page on mail/send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """What `mail/send` is given, and what of it breaks a limit of one recipient."""

    pieces: tuple[bytes, ...]
    """JSON, in ASCII; in pieces, because large blocks of memory cost more than the writing."""
    too_large: tuple[tuple[int, int], ...]
    """Deliveries whose values take more than SendGrid's limit, each with its bytes."""
    is_complete: bool
    """Whether subject, text and HTML all say something."""

    @property
    def size(self) -> int:
        """Count the octets."""
        return sum(map(len, self.pieces))


class BodyTemplate:
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ("_document", "_envelope", "_tagged")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Take what the members share; it is written once their links are known.

        Raises:
            InputError: a name or an id of `envelope`, or the subject, cannot stand in a header.
        """
        self._envelope, self._document = envelope, document
        self._tagged: dict[object, TaggedDocument] = {}
        self._tagged_for({}, frozenset())

    def body(self, batch: Batch) -> RequestBody:
        """Write the body that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        recipients = Recipients.of(batch.recipients)
        values = recipients.columns
        tagged = self._tagged_for(recipients.links, self._same(values, recipients.links))
        self._check_subjects(recipients, values)
        # Each row is a join of literals, which repeat, and of one value of each column.
        numbers = [*map(str, recipients.deliveries)]
        columns = [*self._opening(recipients, numbers), *_substitutions(tagged, recipients, values)]
        # Opaque numbers only in the arguments: SendGrid keeps them for ever and cannot redact
        # them.
        columns += [
            repeat(
                f',"custom_args":{{"nl_dispatch":{quoted(batch.envelope.dispatch)},"nl_delivery":"'
            ),
            numbers,
            repeat('"}}'),
        ]
        rows = map("".join, zip(*columns, strict=False))  # literals have no end
        pieces, longest = _in_pieces(rows)
        return RequestBody(
            pieces=(tagged.shared, *pieces, b"]}"),
            too_large=self._too_large(tagged, recipients) if longest > MOST_VALUE_BYTES else (),
            is_complete=tagged.is_complete,
        )

    def _tagged_for(self, links: Mapping[str, str], same: frozenset[Slot]) -> TaggedDocument:
        key = (*links.items(), same)
        known = self._tagged.get(key)
        if known is None:
            known = tag_document(self._envelope, self._document, links, same)
            self._tagged[key] = known
        return known

    def _same(self, values: Columns, links: Mapping[str, str]) -> frozenset[Slot]:
        """Find the slots whose values need no escaping: they share a tag with plain ones."""
        slots = (slot for part in (self._document.html, self._document.text) for slot in part.slots)
        return frozenset(
            slot
            for slot in slots
            if slot.context is not Context.PLAIN
            and slot.name not in links
            and values.escaped(slot) == values.raw(slot)
        )

    def _opening(self, recipients: Recipients, numbers: Sequence[str]) -> Iterator[Iterable[str]]:
        yield repeat('{"to":[{"email":"')
        yield json_texts(recipients.addresses)
        yield repeat('"')
        yield _named(recipients.names)
        # Headers stand whole for each member: substitutions are not documented to reach them.
        yield repeat('}],"headers":{"Message-ID":"<')
        yield numbers
        yield repeat(f'{within_quotes(message_id_end(self._envelope))}","List-Unsubscribe":"')
        yield from _leaving(recipients)
        yield repeat('"}')

    def _check_subjects(self, recipients: Recipients, values: Columns) -> None:
        """Refuse a line break that a value brings into the subject."""
        text = "".join("".join(values.raw(slot)) for slot in self._document.subject.slots)
        if not text.isprintable():  # which of them it is, and whether it matters
            for each in recipients:
                subject_for(self._document, each)

    def _too_large(
        self, tagged: TaggedDocument, recipients: Recipients
    ) -> tuple[tuple[int, int], ...]:
        sizes = [(each.delivery, _size(tagged, each)) for each in recipients]
        return tuple(each for each in sizes if each[1] > MOST_VALUE_BYTES)


def _size(tagged: TaggedDocument, recipient: Recipient) -> int:
    """Count the bytes of the substitutions of one recipient."""
    filled = [unified(slot.fill(recipient.values)) for _, slot in tagged.tags]
    values = sum(len(value.encode("utf-8", "surrogatepass")) for value in filled)
    return values + sum(len(tag) for tag, _ in tagged.tags)


def _in_pieces(rows: Iterator[str]) -> tuple[list[bytes], int]:
    """Write rows as an array of JSON less its brackets; tell how long the longest is.

    JSON takes no fewer bytes than the values themselves, so those need not be counted exactly
    unless it is large.
    """
    pieces, longest, before = [], 0, ""
    while some := [*islice(rows, _ROWS)]:
        pieces.append(f"{before}{','.join(some)}".encode("ascii"))
        longest, before = max(longest, *map(len, some)), ","
    return pieces, longest


_ROWS = 100


def _substitutions(
    tagged: TaggedDocument, recipients: Recipients, values: Columns
) -> Iterator[Iterable[str]]:
    columns = [(tag, json_column(values, slot)) for tag, slot in tagged.tags]
    if tagged.token is not None:
        columns.append((tagged.token, json_texts(recipients.tokens)))
    before = ',"substitutions":{'
    for tag, column in columns:
        yield repeat(f'{before}"{tag}":"')
        yield column
        before = '",'
    yield repeat('"}' if columns else f"{before}}}")


def _leaving(recipients: Recipients) -> Iterator[Iterable[str]]:
    """Write the values of List-Unsubscribe; of links in two parts, the tokens are the second."""
    begin = recipients.links.get("unsubscribe_url")
    if begin is None or not _TOKENS.fullmatch("".join(recipients.tokens)):
        yield json_texts(unsubscribe_headers_for(recipients.link("unsubscribe_url")))
        return
    for header in unsubscribe_headers_for([begin + each for each in recipients.tokens[:1]]):
        yield repeat(within_quotes(header[: len("<") + len(begin)]))
    yield recipients.tokens
    yield repeat(">")


_TOKENS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def _named(names: Sequence[str]) -> list[str]:
    return [name and f',"name":"{name}"' for name in json_texts(sendgrid_names(names))]
