"""What a public page holds: sentences, and forms of plain HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.web.speech import Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several."""

    value: str
    label: str
    about: str = ""
    is_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A question with its answers: boxes to tick, one of several, or a list that folds out."""

    kind: str
    """`checkbox`, `radio` or `select`."""
    name: str
    question: str
    options: tuple[Option, ...]
    problem: str = ""

    def words(self, chosen: frozenset[str]) -> str:
        """Write down what was shown and what was chosen, for the record."""
        marks = (("[x]" if each.value in chosen else "[ ]", each) for each in self.options)
        lines = (f"{mark} {each.label} {each.about}".rstrip() for mark, each in marks)
        return "\n".join((self.question, *lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line to write in."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = ""
    value: str = ""
    hint: str = ""
    problem: str = ""
    is_required: bool = False
    is_trap: bool = False
    """People neither see nor reach it; programs that fill in everything do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Something that can be sent to us."""

    action: str
    """Seen from the root of the pages: the society may serve them below any path of its site."""
    button: str
    look: str = "strong"
    """Or `quiet`."""
    fields: tuple[Options | Line, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where else to go."""

    label: str
    path: str
    """Seen from the root of the pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A second thing that a page offers."""

    title: str
    text: str
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says and offers."""

    speech: Speech
    title: str
    lines: tuple[str, ...] = ()
    done: str = ""
    """What was just done, said first."""
    problem: str = ""
    """What is wrong with what was sent as a whole."""
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    aside: Aside | None = None
    contact: str = ""
    """An address to write to; empty for none."""
    status: HTTPStatus = HTTPStatus.OK
    wait: float = 0.0
    """Seconds after which to try again."""

    @property
    def around_contact(self) -> Iterator[str]:
        """Give the sentence around the address, in two pieces."""
        before, _, after = self.speech.words["write"].partition("{contact}")
        return iter((before, after))


def masked(address: str) -> str:
    """Show of an address what its owner knows it by, and nobody else can write to."""
    local, _, domain = address.rpartition("@")
    # Isolated (UAX 9): in a sentence written from right to left it stays in one piece.
    return f"\u2066{local[:1]}…@{domain}\u2069"
