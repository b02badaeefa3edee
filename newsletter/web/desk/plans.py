"""From an announcement to an opened dispatch: choosing, the plan, the number, the click."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_urlsafe

from newsletter.dispatch.plan import Plan, count_requests
from newsletter.errors import InputErrors, Refused
from newsletter.finding import Severity, blocks
from newsletter.ledger.approvals import Approval, Needs
from newsletter.ledger.changes import Changes, changes_since
from newsletter.ledger.dispatches import Dispatch, last_to_same
from newsletter.ledger.roles import Right
from newsletter.ledger.sessions import use_pass, was_used
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.sources import is_digest
from newsletter.web.desk.wanted import UNDO_MINUTES, from_form, from_query
from newsletter.workspace.approving import (
    agreement_of,
    approval_for,
    approvers_for,
    check_agreed,
)
from newsletter.workspace.folder import Folder
from newsletter.workspace.judging import Judged, judge_all
from newsletter.workspace.opening import Wish, audience_json, open_planned
from newsletter.workspace.prepare import Prepared, prepare
from newsletter.workspace.ration import check_ration
from newsletter.workspace.running import capabilities_of
from newsletter.workspace.secrets import HOW_TO_MAKE_A_KEY
from newsletter.workspace.unfinished import unfinished_of
from newsletter.workspace.workspace import Workspace


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Plans(desk)
    return (
        page("/dispatches/new", pages.choose),
        page("/dispatches/plan", pages.show),
        button("/dispatches/open", pages.open, Right.SEND),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A plan as its page shows it."""

    plan: Plan
    judged: Judged
    requests: int
    seconds: float | None
    """How long it takes at the pace; None where no limit says."""
    changes: Changes | None
    last: Dispatch | None
    approval: Approval | None

    @property
    def excluded(self) -> Sequence[tuple[str, int]]:
        """List the reasons, the most frequent first."""
        return sorted(self.plan.summary.excluded.items(), key=lambda pair: -pair[1])

    @property
    def variants(self) -> Sequence[tuple[str, int]]:
        """List the variants in words, where there are several."""
        found = self.plan.summary.by_variant
        told = [(self.plan.issue.describe(key), count) for key, count in found.items()]
        return told if len(told) > 1 else []

    @property
    def errors(self) -> int:
        """Count what blocks it."""
        return sum(each.severity is Severity.ERROR for each in self.judged.findings)


@dataclass(frozen=True, slots=True)
class _Plans:
    desk: Desk

    def choose(self, asked: Asked) -> Answer:
        """Ask what goes to whom."""
        workspace, wanted = self.desk.open(), from_query(asked)
        return self.desk.page(
            asked,
            "dispatch-new.html.j2",
            wanted=wanted,
            names=_names(workspace, wanted.name),
            segments=_segments(workspace),
            providers=_providers(workspace),
            provider=workspace.settings.provider,
            undo=UNDO_MINUTES,
            zone=workspace.settings.brand.time_zone or "UTC",
            has_workers=self.desk.queue is not None,
        )

    def show(self, asked: Asked) -> Answer:
        """Show the plan: every message is made, and nothing is sent."""
        workspace, wanted = self.desk.open(), from_query(asked)
        prepared = prepare(workspace, wanted.task(workspace))
        wish = wanted.wish(workspace)
        shown = self._shown(workspace, prepared, wish)
        settings = workspace.settings
        return self.desk.page(
            asked,
            "plan.html.j2",
            wanted=wanted,
            shown=shown,
            wish=wish,
            needs=settings.desk.needs.value,
            standing=shown.approval.standing(settings.desk.needs) if shown.approval else None,
            approvers=approvers_for(workspace, asked.who.colleague),
            has_key=workspace.secrets.links_key is not None,
            zone=settings.brand.time_zone or "UTC",
            once=token_urlsafe(16),
        )

    def open(self, asked: Asked) -> Answer:
        """Open the dispatch that was shown, and begin to send it."""
        workspace, wanted = self.desk.open(), from_form(asked)
        if workspace.secrets.links_key is None:
            raise Refused("NEWSLETTER_SECRET is not set; nothing was sent", hint=HOW_TO_MAKE_A_KEY)
        once, queue = asked.one("once"), self.desk.queue
        then = queue() if wanted.workers and queue else None
        wish = replace(wanted.wish(workspace, then), author=self.desk.author(asked))
        with self.desk.runs.opening:
            if was_used(workspace.ledger, once):
                said = "That was opened already; nothing is sent twice."
                return go_to("/dispatches", said, "plain")
            prepared = prepare(workspace, wanted.task(workspace))
            plan = prepared.plan
            unfinished = None if wanted.again else unfinished_of(workspace, plan, wish.provider)
            if unfinished:
                said = "This issue has a dispatch that is not finished: go on with it here."
                return go_to(f"/dispatches/{unfinished.id}", said, "warn")
            _check_number(asked.one("number"), plan.summary.recipients)
            wish = self._checked(workspace, prepared, wish, asked.one("code"))
            use_pass(workspace.ledger, once, self.desk.clock.now())
            dispatch = open_planned(workspace, plan, wish)
        if not dispatch.by_workers:
            self.desk.runs.begin(dispatch)
        return go_to(f"/dispatches/{dispatch.id}")

    # --- behind the pages ------------------------------------------------------------------------

    def _checked(self, workspace: Workspace, prepared: Prepared, wish: Wish, code: str) -> Wish:
        """Let everything be checked that could speak against it; fix what was looked at."""
        check_agreed(workspace, prepared.plan, wish)
        judged = judge_all(workspace, prepared, wish)
        if blocks(judged.findings):
            raise Refused("there are errors in it; nothing was sent", hint="look at the plan again")
        if judged.code != code:
            raise Refused(
                "the email, the audience or the sender changed since you looked at the plan;"
                " nothing was sent",
                hint="look at the plan again",
            )
        check_ration(workspace, wish.provider, prepared.plan.summary.recipients)
        return replace(wish, audience=judged.audience)

    def _shown(self, workspace: Workspace, prepared: Prepared, wish: Wish) -> Shown:
        plan, settings = prepared.plan, workspace.settings
        last = last_to_same(workspace.ledger, audience_json(plan))
        changes = None
        if last is not None:
            with workspace.ledger.read() as connection:
                changes = changes_since(connection, plan.choice, last.id)
        batch_size = capabilities_of(workspace, wish.provider).batch_size
        today = workspace.clock.now().date()
        return Shown(
            plan=plan,
            judged=judge_all(workspace, prepared, wish),
            requests=count_requests(plan.summary, batch_size),
            seconds=settings.pace.seconds_for(
                wish.provider, plan.summary.recipients, today, wish.spread
            ),
            changes=changes,
            last=last,
            approval=approval_for(workspace, agreement_of(workspace, plan, wish))
            if settings.desk.needs is not Needs.NONE
            else None,
        )


def _check_number(typed: str, recipients: int) -> None:
    said = typed.replace(",", "").replace(" ", "").replace("\u202f", "")
    if not recipients:
        raise Refused("nobody would get it; nothing was sent", hint="choose another segment")
    if said != str(recipients):
        raise Refused(
            f"{typed or 'nothing'} is not the number of recipients, which is {recipients:,};"
            " nothing was sent",
            hint="look at the plan again",
        )


def _segments(workspace: Workspace) -> Mapping[str, str]:
    try:
        return {name: each.title for name, each in workspace.segments().items()}
    except InputErrors:
        return {}  # the plan tells what is wrong with them


def _names(workspace: Workspace, chosen: str) -> Sequence[str]:
    """List what can be sent; of the digests, the issue that was chosen."""
    names = Folder(workspace.settings.root).names()
    return (chosen, *names) if is_digest(chosen) else names


def _providers(workspace: Workspace) -> Sequence[str]:
    return sorted({workspace.settings.provider, "outbox", *workspace.settings.providers})
