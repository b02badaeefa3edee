"""What a kind colleague would say of a list before it is taken over; nothing is changed by it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from newsletter.audience.chunk import Chunk
from newsletter.audience.heading import flag_of
from newsletter.audience.spelling import likely_domain

_ROLES = frozenset(
    {"info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster"}
    | {"hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp"}
    | {"office", "admin", "administrator", "contact", "hello", "mail", "secretary", "secretariat"}
    | {"enquiries", "inquiries", "help", "team", "reception", "noreply", "no-reply", "buero"}
    | {"sekretariat", "kontakt", "accueil", "accounts", "accounting", "billing", "hr", "jobs"}
)
"""RFC 2142 sections 3 to 6, and what offices call their common mailboxes."""

_KEPT = 200


class Kind(StrEnum):
    """What may be noted of a row."""

    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    SHARED = "shared address"
    SEVERAL = "several addresses"
    TYPO = "likely typo"
    ROLE = "role address"
    DECEASED = "deceased"
    DO_NOT_EMAIL = "do not email"
    LAPSED = "lapsed"
    UNCLEAR = "unclear flag"
    INVISIBLE = "invisible characters"


_FLAGS = {"deceased": Kind.DECEASED, "do_not_email": Kind.DO_NOT_EMAIL, "lapsed": Kind.LAPSED}
_WORDS = {
    Kind.DECEASED: "has died; no email will go there",
    Kind.DO_NOT_EMAIL: "wants no email, and gets none",
    Kind.LAPSED: "has a membership that ran out; is mailed unless a segment leaves them out",
    Kind.INVISIBLE: "held characters that cannot be seen; they were taken out",
}


@dataclass(frozen=True, slots=True)
class Note:
    """What is noted of one row."""

    line: int
    kind: Kind
    words: str
    """They say what is meant without the value of a cell, but for what is no address."""


class Doctor:
    """Looks at a list as it passes by, and keeps the counts and the first of each kind."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: Counter[Kind] = Counter()
        self._notes: dict[Kind, list[Note]] = {}

    @property
    def counts(self) -> Mapping[Kind, int]:
        """Tell how many rows have each kind of note, in the order of the kinds."""
        return {kind: self._counts[kind] for kind in Kind if self._counts[kind]}

    def notes(self) -> tuple[Note, ...]:
        """Give the first of each kind, by line."""
        found = (note for notes in self._notes.values() for note in notes)
        return tuple(sorted(found, key=lambda note: note.line))

    def add(self, note: Note) -> None:
        """Count one note."""
        self._counts[note.kind] += 1
        kept = self._notes.setdefault(note.kind, [])
        if len(kept) < _KEPT:
            kept.append(note)

    def look(self, chunk: Chunk) -> None:
        """Note what the rows of `chunk` show by themselves."""
        for line, fault in zip(chunk.lines, chunk.faults, strict=True):
            if fault:
                self.add(Note(line, Kind.MALFORMED, fault))
        for line in chunk.mended:
            self.add(Note(line, Kind.INVISIBLE, _WORDS[Kind.INVISIBLE]))
        for note in (*_of_addresses(chunk), *_of_flags(chunk)):
            self.add(note)


def _of_addresses(chunk: Chunk) -> Iterator[Note]:
    for line, key in zip(chunk.lines, chunk.keys, strict=True):
        if key is None:
            continue
        local, _, domain = key.rpartition("@")
        if local in _ROLES:
            yield Note(line, Kind.ROLE, f"{local}@ is read by an office, not by one person")
        meant = likely_domain(domain)
        if meant:
            yield Note(line, Kind.TYPO, f"{domain}: did the member mean {meant}?")


def _of_flags(chunk: Chunk) -> Iterator[Note]:
    for flag, at in chunk.heading.flags:
        for line, value in zip(chunk.lines, chunk.columns[at], strict=True):
            said = flag_of(value) if value else False
            if said is None:
                words = f"{flag} is neither yes nor no here; it is taken for no"
                yield Note(line, Kind.UNCLEAR, words)
            elif said:
                yield Note(line, _FLAGS[flag], _WORDS[_FLAGS[flag]])
