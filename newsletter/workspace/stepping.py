"""The steps before what a schedule sends: who is told, in one transaction with the step itself.

As with occurrences it makes no difference who looks, how often, and how many at once.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from newsletter.errors import LedgerError, LedgerLost, NewsletterError, TakenElsewhere
from newsletter.ledger.approvals import Needs, Question
from newsletter.ledger.colleagues import Colleague, colleagues_of
from newsletter.ledger.occurrences import know
from newsletter.ledger.roles import Right
from newsletter.ledger.steps import StepMark, Taking, let_go, missed_since, steps_taken
from newsletter.schedule.schedule import Schedule
from newsletter.schedule.steps import Planned, Step, step_turn
from newsletter.workspace.approving import agreement_of, approval_for, approvers_for
from newsletter.workspace.images import show_in_outbox
from newsletter.workspace.letters import Addressee, Letters
from newsletter.workspace.occasion import (
    Occasion,
    Ready,
    check_content,
    check_ready,
    find_occasion,
)
from newsletter.workspace.owners import owners_of
from newsletter.workspace.posting import (
    Post,
    addresses_of,
    open_post,
    post_step,
    send_letters,
    staff_of,
    to_all,
)
from newsletter.workspace.proof import draw_up_proof, stand_in
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.stepletters import caution, missed, reminder, verdict
from newsletter.workspace.workspace import Workspace

UNREADY, MISSED = "unready", "missed"
"""Steps that are taken only where something is wrong."""
_STILL_TOLD = dt.timedelta(days=7)
"""What was found missed before is not told by letter any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What came of one step."""

    schedule: str
    step: str = ""
    wall: dt.datetime | None = None
    """Of the occurrence that it comes before."""
    note: str = ""
    problem: NewsletterError | None = None


def look_at_steps(workspace: Workspace) -> Iterator[Stepped]:
    """Do the steps of all schedules whose time has come, and send the letters that are left.

    A schedule that fails does not keep the others from being looked at.

    Raises:
        InputErrors: a schedule is wrong.
        LedgerLost: the database went away.
    """
    for schedule in schedules_of(workspace.settings):
        try:
            yield from _look(workspace, schedule)
        except LedgerLost:
            raise
        except NewsletterError as problem:
            yield Stepped(schedule=schedule.name, problem=problem)
    for fault in send_letters(workspace):
        yield Stepped(schedule="letters", problem=fault)


def repeat_proof(workspace: Workspace, name: str, wall: str) -> Stepped:
    """Send the proof of an occurrence now, whether or not it was sent before.

    Raises:
        Refused: it cannot be assembled, or there is no such occurrence.
        InputErrors: a file is wrong.
    """
    occasion = find_occasion(workspace, name, wall)
    told = _prove(workspace, occasion, again=True)
    for problem in send_letters(workspace):
        raise problem
    return told


def _look(workspace: Workspace, schedule: Schedule) -> Iterator[Stepped]:
    now, ledger = workspace.clock.now(), workspace.ledger
    since = know(ledger, schedule.name, schedule.terms, now).since
    taken = steps_taken(ledger, schedule.name, now)
    turn = step_turn(schedule, now, since=since, settled=frozenset(taken))
    late = [
        StepMark(
            schedule=schedule.name, wall=each.of.wall, step=each.step.value, due=each.of.moment
        )
        for each in turn.late
    ]
    for mark in let_go(ledger, late, now):
        yield Stepped(
            schedule=schedule.name, step=mark.step, wall=mark.wall, note="its time passed"
        )
    for planned in turn.due:
        occasion = Occasion(schedule=schedule, due=planned.of)
        is_told = (planned.of.wall, UNREADY) in taken
        yield from _quietly(partial(_do, workspace, occasion, planned, is_told=is_told))
    walls = missed_since(ledger, schedule.name, now - _STILL_TOLD)
    new = [each for each in walls if (each, MISSED) not in taken]
    if new:
        yield from _quietly(partial(_tell_missed, workspace, schedule, new))


def _quietly(do: Callable[[], Stepped]) -> Iterator[Stepped]:
    """Do a step that somebody else may have done meanwhile."""
    try:
        yield do()
    except TakenElsewhere:
        return


def _do(workspace: Workspace, occasion: Occasion, planned: Planned, *, is_told: bool) -> Stepped:
    match planned.step:
        case Step.REMIND:
            return _remind(workspace, occasion)
        case Step.WARN:
            return _warn(workspace, occasion)
        case Step.PROOF:
            try:
                return _prove(workspace, occasion)
            except (LedgerError, TakenElsewhere):
                raise
            except NewsletterError as problem:
                if is_told:  # it is tried again and again
                    return _told(occasion, Step.PROOF.value)
                note = _warn_of(workspace, occasion, UNREADY, problem)
                return _told(occasion, Step.PROOF.value, note, problem)


def _remind(workspace: Workspace, occasion: Occasion) -> Stepped:
    """Remind the owners of what goes out; where none is known, those who write."""
    settings, letters = workspace.settings, Letters(workspace)
    owners = owners_of(workspace, occasion)
    writers = [each for each in colleagues_of(workspace.ledger) if Right.WRITE in each.rights]
    others = addresses_of([] if owners else writers, occasion.schedule)
    drawn = [
        letters.draw_up(reminder(settings, occasion, own), Addressee(address=address))
        for address, own in owners.items()
    ]
    known = {each.key for each in owners}
    text = reminder(settings, occasion)
    drawn += [
        letters.draw_up(text, Addressee(address=each)) for each in others if each.key not in known
    ]
    note = post_step(workspace, occasion, Step.REMIND.value, Post(letters=drawn))
    return _told(occasion, Step.REMIND.value, note)


def _warn(workspace: Workspace, occasion: Occasion) -> Stepped:
    step = Step.WARN.value
    try:
        check_ready(workspace, occasion)
    except LedgerError:
        raise
    except NewsletterError as problem:
        note = _warn_of(workspace, occasion, step, problem)
        return _told(occasion, step, note, problem)
    post_step(workspace, occasion, step, Post(ready=True))
    return _told(occasion, step, "it is ready")


def _warn_of(workspace: Workspace, occasion: Occasion, step: str, problem: NewsletterError) -> str:
    text = caution(workspace.settings, occasion, problem)
    people = staff_of(workspace, occasion.schedule)
    return post_step(workspace, occasion, step, to_all(workspace, text, people))


def _prove(workspace: Workspace, occasion: Occasion, *, again: bool = False) -> Stepped:
    ready = check_content(workspace, occasion)
    plan, provider = ready.prepared.plan, ready.wish.provider
    needs = workspace.settings.desk.needs
    approvers = approvers_for(workspace, 0)
    people = addresses_of(approvers, occasion.schedule)
    if people:
        carrier = workspace.provider(provider)
        try:
            show_in_outbox(carrier, plan)
        finally:
            carrier.close()
    chosen = stand_in(workspace, plan, None)
    proofs = [
        draw_up_proof(workspace, plan, chosen, address=each, provider=provider) for each in people
    ]
    post = Post(letters=proofs)
    if needs is not Needs.NONE and approvers:
        post = _asking(workspace, occasion, ready, approvers)
        post = replace(post, letters=proofs)
    note = post_step(workspace, occasion, Step.PROOF.value, post, again=again)
    return _told(occasion, Step.PROOF.value, note)


def _asking(
    workspace: Workspace, occasion: Occasion, ready: Ready, approvers: Sequence[Colleague]
) -> Post:
    """Ask for approval of exactly this, unless somebody has asked already."""
    plan = ready.prepared.plan
    mark = agreement_of(workspace, plan, ready.wish)
    if approval_for(workspace, mark) is not None:
        return Post()
    pairs = [
        ["name", occasion.schedule.file_at(occasion.due.wall).rpartition("/")[2]],
        ["schedule", occasion.schedule.name],
        ["wall", occasion.wall],
        *(["segment", each] for each in occasion.schedule.segments),
    ]
    question = Question(
        mark=mark,
        slug=plan.issue.slug,
        title=plan.issue.announcement.title,
        wanted={"pairs": pairs, "review": ""},
        recipients=plan.summary.recipients,
        approvers=[each.number for each in approvers],
    )
    letters, text = Letters(workspace), verdict(workspace.settings, occasion)
    asking = [(letters.draw_up(text, Addressee(address=each.address)), each) for each in approvers]
    return Post(question=question, asking=asking)


def _tell_missed(workspace: Workspace, schedule: Schedule, walls: Sequence[dt.datetime]) -> Stepped:
    """Tell of all of them in one letter."""
    try:
        wall = walls[-1].isoformat(timespec="minutes")
        check_ready(workspace, find_occasion(workspace, schedule.name, wall))
    except LedgerError:
        raise
    except NewsletterError as problem:
        why = f"The last time, this stood against it: {problem}."
    else:
        why = "The program did not run then, or something stood against it until it was too late."
    text = missed(workspace.settings, schedule.name, walls, why)
    post = to_all(workspace, text, staff_of(workspace, schedule))
    now = workspace.clock.now()
    marks = [StepMark(schedule=schedule.name, wall=w, step=MISSED, due=now) for w in walls]
    open_post(workspace, marks, Taking(now, post.note), post)
    return Stepped(schedule=schedule.name, step=MISSED, wall=walls[-1], note=post.note)


def _told(
    occasion: Occasion, step: str, note: str = "", problem: NewsletterError | None = None
) -> Stepped:
    return Stepped(
        schedule=occasion.schedule.name,
        step=step,
        wall=occasion.due.wall,
        note=note,
        problem=problem,
    )
