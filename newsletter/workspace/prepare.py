"""From a file and the options of a command to a plan: the way that every command goes."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from newsletter.check.everything import Material, check_everything
from newsletter.check.page import stand_in_values
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.localtime import unknown_zones
from newsletter.compose.pictures import ImagePlaces
from newsletter.dispatch.links import Links
from newsletter.dispatch.personalise import Personaliser
from newsletter.dispatch.plan import Plan, audience
from newsletter.errors import InputError
from newsletter.finding import Finding
from newsletter.issue.archived import issue_address
from newsletter.issue.assemble import BUILT_IN_SLOTS
from newsletter.issue.issue import Issue, Variant
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import Choice
from newsletter.ledger.standing import Ground
from newsletter.ledger.summary import AudienceSummary
from newsletter.ledger.zones import count_values
from newsletter.message.batch import Envelope
from newsletter.message.headers import Header, message_for
from newsletter.workspace.archivesettings import ArchiveSettings
from newsletter.workspace.digestbounds import check_variants
from newsletter.workspace.digestsource import issue_time, source_of
from newsletter.workspace.understand import Task, theme_of, understand
from newsletter.workspace.workspace import Workspace

PREVIEW_REF = "0" * 16
"""Names the dispatch in messages that are only looked at."""
_PREVIEW_KEY = b"links of a preview lead nowhere."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan with everything the checks say of it."""

    plan: Plan
    findings: tuple[Finding, ...]


def prepare(
    workspace: Workspace,
    task: Task,
    *,
    summarise: Callable[[Ledger, Choice], AudienceSummary] = audience,
) -> Prepared:
    """Read, assemble, select and compile.

    `summarise` may remember what it found for as long as it is still true.

    Raises:
        InputErrors: every problem of list, segments, announcement and theme, together.
    """
    issue, selection, segments = understand(workspace, task)
    choice = Choice(
        slug=issue.slug,
        again=task.again,
        selection=selection,
        blocks=tuple(tuple(segments[name] for name in block.segments) for block in issue.blocks),
        untold=tuple(block.untold for block in issue.blocks),
        told=issue.told,
        is_nothing_without=issue.is_nothing_without_blocks,
        slots=_attributes_of(issue, zone_column_of(workspace)),
        ground=Ground(
            topic=issue.topic,
            is_notice=issue.announcement.is_notice,
            today=workspace.clock.now().date(),
        ),
    )
    summary = summarise(workspace.ledger, choice)
    check_variants(issue, summary)
    issue = _with_page(issue, choice, workspace.settings.archive)
    variants = (*variants_of(issue, summary), *([issue.public] if issue.browser_url else []))
    compiled = compile_variants(workspace, issue, variants)
    wanted = workspace.settings.feedback
    envelope = replace(
        envelope_of(workspace, issue.slug, PREVIEW_REF),
        tracks_opens=wanted.opens,
        tracks_clicks=wanted.clicks,
        public_variant=issue.public.key if _is_public(issue) else "",
    )
    plan = Plan(
        issue=issue,
        compiled=compiled,
        choice=choice,
        summary=summary,
        envelope=envelope,
        personaliser=personaliser_of(workspace, PREVIEW_REF),
    )
    findings = (
        *check_everything(_material(workspace, plan, task)),
        *_about_zones(workspace, compiled, choice),
    )
    return Prepared(plan=plan, findings=workspace.settings.checks.apply(findings))


def _is_public(issue: Issue) -> bool:
    """Tell whether it has something to read for everybody, and its author wants that."""
    return issue.announcement.is_archived and bool(issue.body_of(issue.public).strip())


def _with_page(issue: Issue, choice: Choice, archive: ArchiveSettings) -> Issue:
    """Name the page of `issue` in the archive, where it gets one."""
    is_for_all = not choice.selection.included or archive.has_restricted
    if not (archive.url and is_for_all and _is_public(issue)):
        return issue
    return replace(issue, browser_url=issue_address(archive.url, issue.slug))


def _material(workspace: Workspace, plan: Plan, task: Task) -> Material:
    settings = workspace.settings
    return Material(
        issue=plan.issue,
        compiled=plan.compiled,
        envelope=plan.envelope,
        headers=_sample_headers(plan),
        policy=settings.checks,
        postal_address=settings.brand.postal_address,
        base_url=settings.base_url,
        image_sizes=plan.compiled.image_bytes,
        now=_sent_at(workspace, task),
    )


def _sent_at(workspace: Workspace, task: Task) -> dt.datetime:
    """Tell when it will be sent: a digest as of a moment goes out then."""
    source = source_of(task.file)
    if task.sent_at is None and source and source.when:
        return issue_time(workspace, source).at
    return task.sent_at or workspace.clock.now()


def _sample_headers(plan: Plan) -> tuple[Header, ...]:
    """Make the headers as any member gets them; none where that fails, which is told elsewhere."""
    document = next(iter(plan.compiled.documents.values()))
    values = stand_in_values(document)
    recipient = plan.personaliser.recipient(0, plan.envelope.sender.address.wire, "", values)
    try:
        return message_for(plan.envelope, document, recipient).headers
    except InputError:
        return ()


def variants_of(issue: Issue, summary: AudienceSummary) -> tuple[Variant, ...]:
    """List the variants that somebody gets; the one with everything shown where nobody does."""
    keys = sorted(summary.by_variant)
    if not keys:
        return (Variant((True,) * len(issue.blocks)),)
    return tuple(Variant(tuple(flag == "1" for flag in key.strip("-"))) for key in keys)


def compile_variants(
    workspace: Workspace,
    issue: Issue,
    variants: Iterable[Variant],
) -> CompiledIssue:
    """Compile `issue` with its theme and the society's brand.

    Raises:
        InputErrors: the theme or the announcement is wrong.
    """
    settings = workspace.settings
    images = ImagePlaces(
        base_url=settings.image_url, root=settings.root, is_embedded=settings.embeds_images
    )

    def compiled(each: Issue, variants: Iterable[Variant]) -> CompiledIssue:
        return compile_issue(
            each,
            theme=theme_of(workspace, each.announcement),
            brand=settings.brand,
            images=images,
            variants=variants,
            zone_column=zone_column_of(workspace),
        )

    full = {each.slug: compiled(each, (each.public,)) for each in issue.wholes}
    return replace(
        compiled(issue, variants),
        full={slug: each.documents[next(iter(each.documents))] for slug, each in full.items()},
    )


def zone_column_of(workspace: Workspace) -> str:
    """Name the column of the list that holds time zones; empty where it has no such column."""
    name = workspace.settings.time_zone_column
    return name if name in workspace.members().columns else ""


def _about_zones(
    workspace: Workspace, compiled: CompiledIssue, choice: Choice
) -> tuple[Finding, ...]:
    return about_zones(workspace, choice) if compiled.has_local_times else ()


def about_zones(workspace: Workspace, choice: Choice, *otherwise: str) -> tuple[Finding, ...]:
    """Tell of recipients of `choice` whose time zone is not known, and what becomes of them."""
    column = zone_column_of(workspace)
    with workspace.ledger.read() as connection:
        return unknown_zones(column, count_values(connection, choice, column), *otherwise)


def envelope_of(workspace: Workspace, issue: str, ref: str) -> Envelope:
    """Make the envelope of messages of `issue` that are written now, in the dispatch `ref`."""
    settings = workspace.settings
    return Envelope(
        sender=settings.sender,
        reply_to=settings.reply_to,
        date=workspace.clock.now().replace(microsecond=0),
        dispatch=ref,
        issue=issue,
        list_id=settings.list_id,
        list_name=settings.brand.name,
    )


def links_of(workspace: Workspace) -> Links:
    """Make what makes links; without the society's key they lead nowhere."""
    key = workspace.secrets.links_key or _PREVIEW_KEY
    return Links(workspace.settings.base_url, key)


def personaliser_of(workspace: Workspace, ref: str) -> Personaliser:
    """Make what gives the deliveries of the dispatch `ref` their links and values."""
    return Personaliser(ref, links_of(workspace))


def renamed(plan: Plan, workspace: Workspace, ref: str) -> Plan:
    """Give the dispatch of `plan` its real name."""
    return replace(
        plan,
        envelope=replace(plan.envelope, dispatch=ref),
        personaliser=personaliser_of(workspace, ref),
    )


def _attributes_of(issue: Issue, zone_column: str) -> tuple[str, ...]:
    names = dict.fromkeys(slot.name for slot in issue.slots)
    # An event may be shown on the clock of each member.
    has_event = re.search(r"(?m)^ {0,3}:{3,}[ \t]*event\b", issue.announcement.body)
    names |= {zone_column: None} if zone_column and has_event else {}
    return tuple(name for name in names if name not in BUILT_IN_SLOTS)
