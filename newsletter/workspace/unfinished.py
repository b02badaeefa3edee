"""The dispatch that the same command opened before and that was broken off."""

from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.issue.issue import Variant
from newsletter.ledger.dispatches import Dispatch, balance_of, documents_of, list_dispatches
from newsletter.ledger.schema import Course
from newsletter.workspace.opening import audience_json
from newsletter.workspace.prepare import compile_variants
from newsletter.workspace.workspace import Workspace


def unfinished_of(workspace: Workspace, plan: Plan, provider: str) -> Dispatch | None:
    """Find the dispatch of `plan` through `provider` that is not finished; None if there is none.

    Raises:
        Refused: there is one, and what it froze is not what would be sent now.
    """
    for dispatch in list_dispatches(workspace.ledger, slug=plan.issue.slug):
        is_same = dispatch.provider == provider and dispatch.audience == audience_json(plan)
        if not is_same or dispatch.course is Course.CANCELLED:
            continue
        if balance_of(workspace.ledger, dispatch).is_finished:
            continue
        keys = documents_of(workspace.ledger, dispatch)
        variants = [Variant(tuple(flag == "1" for flag in key.strip("-"))) for key in keys]
        now = compile_variants(workspace, plan.issue, variants).content_hash
        if now != dispatch.content_hash:
            raise Refused(
                f"dispatch {dispatch.id} of this issue is not finished, and the announcement, "
                "theme or brand was changed since it was opened",
                hint=f"finish it with its frozen content: newsletter dispatch resume {dispatch.id}",
            )
        return dispatch
    return None
