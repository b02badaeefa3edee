"""What there is to say of the announcements of a digest, each with its own file and line."""

import datetime as dt
from collections.abc import Iterator

from newsletter.check.contribution import check_contribution
from newsletter.check.occasions import check_occasions
from newsletter.check.policy import Policy
from newsletter.finding import Finding, error, warning
from newsletter.issue.issue import Issue
from newsletter.issue.selecting import Left, Placed, Reason, Selected


def findings_on(selected: Selected, at: dt.datetime, policy: Policy) -> tuple[Finding, ...]:
    """Look at every announcement that is in the issue, or cannot be."""
    found = [one for each in selected.placed for one in _on_placed(each, at, policy)]
    found += [one for each in selected.left for one in _on_left(each, at)]
    return tuple(dict.fromkeys(found))


def _on_placed(placed: Placed, at: dt.datetime, policy: Policy) -> Iterator[Finding]:
    written = placed.entrant.announcement
    yield from written.findings
    bare = Issue(announcement=written, subject=written.subject or written.title, slots=())
    yield from check_occasions(bare, at.date())
    yield from check_contribution(written, policy, at.date())


def _on_left(left: Left, at: dt.datetime) -> Iterator[Finding]:
    written = left.entrant.announcement
    deadline, owner = written.pooled.deadline, written.pooled.owner
    match left.reason:
        case Reason.UNDATED:
            hint = "write one there, move it to another section, or hold it"
            yield error("pull-undated", left.note, at=written.place("title"), hint=hint)
        case Reason.UNPLACED:
            problem = f"no section of the digest takes {written.section!r}"
            hint = "write another section: or let a section take all `others`"
            yield warning("pool-unplaced", problem, at=written.place("section"), hint=hint)
        case Reason.DRAFT if deadline and deadline < at.date():
            who = f"{owner.name} has" if owner else "its owner has"
            problem = f"it is still a draft, and {who} had until {deadline}"
            hint = "ask for it, or give it a later deadline:"
            yield warning("draft-late", problem, at=written.place("deadline"), hint=hint)
        case _:
            pass
