"""The letters of a step: opened in the transaction that takes the step, and sent afterwards.

Whoever dies in between leaves letters that are pending in the ledger; the next look sends them.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newsletter.address import EmailAddress
from newsletter.dispatch.deliver import deliver
from newsletter.errors import HeldBack, LedgerLost, NewsletterError, TakenElsewhere
from newsletter.ledger.approvals import Question, ask_within
from newsletter.ledger.colleagues import Colleague, colleagues_of
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Dispatch, find_dispatch
from newsletter.ledger.opening import open_proof_in
from newsletter.ledger.roles import Right
from newsletter.ledger.schema import Course
from newsletter.ledger.steps import StepMark, Taking, keep_letter, letters_left, take_step
from newsletter.schedule.schedule import Schedule
from newsletter.workspace.letters import Addressee, Drawn, Letters, Text, personaliser_of_letter
from newsletter.workspace.occasion import Occasion
from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up
from newsletter.workspace.workspace import Workspace

NOBODY = "nobody to tell"
_STILL_SENT = dt.timedelta(days=3)
"""A letter that could not be sent for so long is not sent any more."""
_STAFF = frozenset({Right.APPROVE, Right.SEND, Right.MANAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Letters that go out with a step."""

    letters: Sequence[Drawn] = ()
    question: Question | None = None
    """What people are asked to approve in them."""
    asking: Sequence[tuple[Drawn, Colleague]] = ()
    """The letters that ask."""
    ready: bool = False
    """Nobody has to be told: all is well."""

    @property
    def note(self) -> str:
        """Write down how many get letters; it names nobody."""
        if self.ready:
            return "it is ready"
        count = len({each.who.recipient.address.key for each in self.letters})
        told = f"{count} told" if count else NOBODY
        return f"{told}, {len(self.asking)} asked to approve" if self.asking else told


def post_step(
    workspace: Workspace, occasion: Occasion, step: str, post: Post, *, again: bool = False
) -> str:
    """Take a step and open its letters, all of it or nothing; give what came of it.

    Raises:
        TakenElsewhere: somebody else took it.
    """
    mark = StepMark(
        schedule=occasion.schedule.name,
        wall=occasion.due.wall,
        step=step,
        due=occasion.due.moment,
    )
    open_post(workspace, [mark], Taking(workspace.clock.now(), post.note, again), post)
    return post.note


def open_post(workspace: Workspace, marks: Sequence[StepMark], taking: Taking, post: Post) -> None:
    """Take several steps and open their letters, all of it or nothing.

    Raises:
        TakenElsewhere: somebody else took one of them.
    """
    with workspace.ledger.write() as connection:
        for mark in marks:
            take_step(connection, mark, taking)
        drawn = list(post.letters)
        if post.question:
            author = Author(f"schedule {marks[0].schedule}", taking.now)
            number = ask_within(connection, post.question, author)
            drawn += [_about(letter, number, who) for letter, who in post.asking]
        for each in drawn:
            dispatch = open_proof_in(connection, each.opening, each.kind, each.who)
            keep_letter(connection, marks[0], dispatch.id)


def _about(drawn: Drawn, approval: int, who: Colleague) -> Drawn:
    """Let a letter lead to an approval."""
    values = {"approval": str(approval), "colleague": str(who.number)}
    recipient = drawn.who.recipient._replace(values=values)
    return drawn._replace(who=drawn.who._replace(recipient=recipient))


def to_all(workspace: Workspace, text: Text, people: Sequence[EmailAddress]) -> Post:
    """Write one letter to each of those people."""
    letters = Letters(workspace)
    return Post(letters=[letters.draw_up(text, Addressee(address=each)) for each in people])


def staff_of(workspace: Workspace, schedule: Schedule) -> Sequence[EmailAddress]:
    """Give the addresses of those who can do something about a dispatch, each once."""
    people = [each for each in colleagues_of(workspace.ledger) if _STAFF & each.rights]
    return addresses_of(people, schedule)


def addresses_of(people: Sequence[Colleague], schedule: Schedule) -> Sequence[EmailAddress]:
    """Give the addresses of those people and of the schedule, each once."""
    found = {each.address.key: each.address for each in people}
    found |= {each.key: each for each in schedule.tell}
    return list(found.values())


def send_letters(workspace: Workspace) -> Iterator[NewsletterError]:
    """Send the letters of steps that nobody has sent yet; give what went wrong.

    Raises:
        LedgerLost: the database went away.
    """
    for number in letters_left(workspace.ledger, workspace.clock.now() - _STILL_SENT):
        dispatch = find_dispatch(workspace.ledger, number)
        if dispatch is None or dispatch.course is not Course.RUNNING:
            continue
        try:
            _send(workspace, dispatch)
        except (LedgerLost, TakenElsewhere) as error:
            if isinstance(error, LedgerLost):
                raise
        except NewsletterError as problem:
            yield problem


def _send(workspace: Workspace, dispatch: Dispatch) -> None:
    brake = brake_of(workspace)
    with sole_run_of(workspace, dispatch):
        take_up(workspace, dispatch)
        # What may not leave now waits for the next look, and keeps nobody else waiting.
        run = replace(run_of(workspace, dispatch, brake, Listener()), patience=0.0)
        if dispatch.audience.get("letter"):
            run = replace(run, personaliser=personaliser_of_letter(workspace, dispatch.ref))
        deliver(run)
    if brake.reason and not isinstance(brake.reason, HeldBack):
        raise brake.reason
