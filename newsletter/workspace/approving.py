"""Approval: what exactly people agree to, and whether they did."""

from newsletter.audience.segment import reached
from newsletter.dispatch.approval import mark_of
from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.ledger.approvals import Approval, Needs, Standing, approvals_of
from newsletter.ledger.colleagues import Colleague, colleagues_of
from newsletter.ledger.roles import Right
from newsletter.workspace.opening import Wish
from newsletter.workspace.workspace import Workspace

VERDICT = "desk-approval"
"""The kind of the letters that ask for a word."""


def agreement_of(workspace: Workspace, plan: Plan, wish: Wish) -> str:
    """Give the mark of content, audience rule, sender and time: any edit makes another one."""
    selection, choice = plan.choice.selection, plan.choice
    included = [each.name for each in selection.included]
    excluded = [each.name for each in selection.excluded]
    blocks = [[each.name for each in block] for block in choice.blocks]
    known = workspace.segments()
    names = (*included, *excluded, *(name for block in blocks for name in block))
    rules = sorted(f"{each.name}: {each.text}" for each in reached(known, names))
    ground = (choice.ground.topic, choice.ground.is_notice, choice.again)
    rule = repr((included, excluded, blocks, rules, ground, choice.slug))
    moments = [each.isoformat() if each else "" for each in (wish.not_after, wish.at_local)]
    return mark_of(plan, rule, repr((*moments, wish.spread)))


def approval_for(workspace: Workspace, mark: str) -> Approval | None:
    """Find the newest asking for approval of exactly this; None where nobody asked."""
    return next(iter(approvals_of(workspace.ledger, mark=mark)), None)


def check_agreed(workspace: Workspace, plan: Plan, wish: Wish) -> None:
    """Let nothing out that needs somebody's agreement and has it not.

    Raises:
        Refused: nobody was asked, they did not agree (yet), or it was changed since.
    """
    needs = workspace.settings.desk.needs
    if needs is Needs.NONE:
        return
    found = approval_for(workspace, agreement_of(workspace, plan, wish))
    if found is None:
        older = approvals_of(workspace.ledger, slug=plan.issue.slug)
        if older:
            raise Refused(
                "content, audience, sender or time was changed since approval was asked for;"
                " nothing was sent",
                hint="ask for approval of what it is now, at the desk",
            )
        raise Refused(
            "this needs approval, and nobody was asked; nothing was sent",
            hint="ask for it at the desk: newsletter desk",
        )
    if found.standing(needs) is Standing.REFUSED:
        said = next(each for each in found.verdicts if not each.agrees)
        raise Refused(f"{said.name} refused it: {said.reason}; nothing was sent", hint="change it")
    if found.standing(needs) is Standing.OPEN:
        raise Refused(
            f"approval {found.number} is not given yet; nothing was sent",
            hint="wait for the approvers, or ask them",
        )


def approvers_for(workspace: Workspace, author: int) -> tuple[Colleague, ...]:
    """List who may be asked by the author of this number."""
    may_be_own = workspace.settings.desk.may_be_own
    return tuple(
        each
        for each in colleagues_of(workspace.ledger)
        if Right.APPROVE in each.rights and (may_be_own or each.number != author)
    )
