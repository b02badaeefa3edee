"""Everything that could speak against a dispatch, before it is opened: at the desk, by command."""

from collections.abc import Callable
from dataclasses import dataclass

from newsletter.dispatch.approval import approval_of
from newsletter.dispatch.rehearsal import rehearse
from newsletter.finding import Finding
from newsletter.workspace.opening import Wish
from newsletter.workspace.prepare import Prepared, about_zones
from newsletter.workspace.verdict import judge
from newsletter.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of all checks."""

    findings: tuple[Finding, ...]
    code: str
    """By which exactly this can be sent and nothing else."""
    audience: str
    """The mark of its recipients."""
    messages: int
    """How many can be made."""
    largest_html: int
    """Bytes of the largest HTML part."""


def judge_all(
    workspace: Workspace,
    prepared: Prepared,
    wish: Wish,
    progress: Callable[[int], None] = lambda _messages: None,
) -> Judged:
    """Make every message, and check all that can be checked; `progress` hears of messages."""
    carrier, plan = workspace.provider(wish.provider), prepared.plan
    try:
        rehearsal = rehearse(workspace.ledger, plan, carrier, progress=progress)
    finally:
        carrier.close()
    home = workspace.settings.brand.time_zone or "UTC"
    otherwise = f"get it when it is that hour in {home}"
    of_zones = () if wish.at_local is None else about_zones(workspace, plan.choice, otherwise)
    return Judged(
        findings=(*judge(workspace, prepared, rehearsal, wish.provider), *of_zones),
        code=approval_of(plan, wish.provider, rehearsal.audience),
        audience=rehearsal.audience,
        messages=rehearsal.messages,
        largest_html=rehearsal.largest_html,
    )
