"""From a mailbox to the ledger: reading what came back, and drawing the consequences."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from newsletter.feedback.event import Event
from newsletter.feedback.imap import Mailbox, read_url
from newsletter.feedback.mailfiles import Letter, count_letters, read_letters
from newsletter.feedback.returned import Returned, Sort, read_returned
from newsletter.ledger.feedback import Taken, take_in
from newsletter.ledger.returning import trace
from newsletter.message.token import verify
from newsletter.workspace.workspace import Workspace

SOURCE = "bounces"
"""By which the ledger knows who told it."""
_AT_ONCE = 200
"""Messages whose events are written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A message for a person to look at."""

    name: str
    """How to find it in the mailbox."""
    subject: str
    sender: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a mailbox held."""

    messages: int
    sorts: Counter[str]
    """Messages by what they are."""
    kinds: Counter[str]
    """Events of ours by kind."""
    undecided: tuple[Undecided, ...]
    taken: Taken = field(default_factory=Taken)
    """What was new to the ledger; nothing where it was only looked."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Messages to read, and how many there are, where that is known."""

    letters: Iterable[Letter]
    count: int | None


@contextmanager
def open_source(workspace: Workspace, source: str, days: int) -> Iterator[Letters]:
    """Open a mailbox: an address `imaps://`, or the path of a Maildir, an mbox or a message.

    Of a mailbox on a server only messages of the last `days` days are read.

    Raises:
        InputError: it cannot be read.
        Refused: the server does not let us in.
    """
    if "://" not in source:
        path = Path(source)
        yield Letters(read_letters(path), count_letters(path))
        return
    server = Mailbox(read_url(source, workspace.secrets.imap_password))
    try:
        numbers = server.find((workspace.clock.now() - timedelta(days=days)).date())
        yield Letters(server.read(numbers), len(numbers))
    finally:
        server.close()


def harvest(workspace: Workspace, letters: Iterable[Letter], *, is_dry: bool) -> Harvest:
    """Read messages and take in what they tell; with `is_dry` only look.

    Raises:
        LedgerError: the ledger cannot be read or written.
    """
    sorts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    undecided: list[Undecided] = []
    waiting: list[Event] = []
    taken = Taken()
    for letter in letters:
        events, why, returned = _look(workspace, letter)
        sorts[(Sort.UNDECIDED if why else returned.sort).value] += 1
        kinds.update(event.kind.value for event in events)
        if why:
            undecided.append(
                Undecided(
                    name=letter.name, subject=returned.subject, sender=returned.sender, why=why
                )
            )
        waiting += () if is_dry else events
        if len(waiting) >= _AT_ONCE:
            taken, waiting = taken + _take(workspace, waiting), []
    return Harvest(
        messages=sum(sorts.values()),
        sorts=sorts,
        kinds=kinds,
        undecided=tuple(undecided),
        taken=taken + _take(workspace, waiting),
    )


def _look(workspace: Workspace, letter: Letter) -> tuple[tuple[Event, ...], str, Returned]:
    """Give the events of a message, and why it is undecided, if it is."""
    returned = read_returned(letter.message)
    found = trace(
        workspace.ledger, returned, lambda token: verify(workspace.secrets.links_keys, token)
    )
    why = returned.why
    if found.lost and not found.events:
        why = "it is about nobody whom we wrote to"
    return found.events, why, returned


def _take(workspace: Workspace, events: list[Event]) -> Taken:
    return take_in(
        workspace.ledger,
        events,
        source=SOURCE,
        policy=workspace.settings.feedback,
        now=workspace.clock.now(),
    )
