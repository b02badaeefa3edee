"""Everything that the checks say of a plan and its rehearsal: what `check` and `send` go by."""

from newsletter.check.greetings import check_greetings
from newsletter.check.page import stand_in_values
from newsletter.check.place import Places
from newsletter.check.size import check_message_size, check_size
from newsletter.check.spam import check_score
from newsletter.check.spamc import score_message, spamc_command
from newsletter.dispatch.plan import Plan
from newsletter.dispatch.rehearsal import Rehearsal
from newsletter.errors import InputError, Location
from newsletter.finding import Finding
from newsletter.message.mime import MimeTemplate
from newsletter.workspace.images import check_images
from newsletter.workspace.prepare import Prepared
from newsletter.workspace.workspace import Workspace


def judge(
    workspace: Workspace,
    prepared: Prepared,
    rehearsal: Rehearsal,
    provider: str,
    *,
    asked: tuple[Finding, ...] = (),
) -> tuple[Finding, ...]:
    """Put all findings together, as the workspace wants to hear them.

    `asked` are those of asking for links online.
    """
    plan = prepared.plan
    documents = plan.compiled.documents.values()
    return workspace.settings.checks.apply(
        (
            *prepared.findings,
            *check_images(workspace, plan, provider),
            *asked,
            *rehearsal.findings,
            *check_greetings(documents, rehearsal.blank, Places(plan.issue)),
            *check_size(rehearsal.largest_html),
            *check_message_size(rehearsal.heaviest, rehearsal.most),
            *_check_spam(workspace, plan),
        )
    )


def _check_spam(workspace: Workspace, plan: Plan) -> tuple[Finding, ...]:
    """Let SpamAssassin judge one message of the first variant; nothing where it is not there."""
    policy = workspace.settings.checks
    command = spamc_command(*policy.spamd)
    if not command or "spam-score" in policy.off:
        return ()
    document = next(iter(plan.compiled.documents.values()))
    values = stand_in_values(document)
    recipient = plan.personaliser.recipient(0, plan.envelope.sender.address.wire, "", values)
    try:
        message = MimeTemplate(plan.envelope, document).encode(recipient)
    except InputError:
        return ()  # told by the rehearsal, with the members it is about
    verdict = score_message(message, command)
    at = Location(plan.issue.announcement.path)
    return tuple(check_score(verdict, policy.spam_score, at)) if verdict else ()
