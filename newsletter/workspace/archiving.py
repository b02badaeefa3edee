"""The archive of a workspace: which issues stand in it, and building it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from newsletter.archive.folder import write_site
from newsletter.archive.issue import Announced, PastIssue
from newsletter.archive.site import Plan, build_site
from newsletter.dispatch import envelope
from newsletter.dispatch.lock import in_turn
from newsletter.errors import NewsletterError, Refused
from newsletter.ledger.dispatches import Dispatch, documents_of, list_dispatches
from newsletter.ledger.items import FrozenItem, items_of
from newsletter.ledger.past import leaves_now, past_dispatches
from newsletter.log import What, tell
from newsletter.message.frozen import Document
from newsletter.workspace.workspace import Workspace

_PATIENCE = 120.0
"""Seconds that a build waits for another one of the same workspace."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An issue that was sent and does not stand in the archive."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of building the archive."""

    folder: Path
    issues: int
    files: int
    left_out: tuple[LeftOut, ...]


def build(
    workspace: Workspace,
    *,
    into: Path | None = None,
    has_outbox: bool = False,
    begins: Dispatch | None = None,
) -> Built:
    """Build the archive anew, after whoever else builds it just now.

    Args:
        workspace: whose.
        into: another folder than that of the settings.
        has_outbox: issues that went to the outbox only stand in it, too.
        begins: a dispatch that is about to leave, so that its first reader finds the page.

    Raises:
        Refused: the settings name no address for it, or the folder cannot be written.
        TakenElsewhere: another build does not come to its end.
        LedgerError: the ledger cannot be read.
    """
    try:
        # What is read before another build ends must not take the place of what that one read.
        with in_turn(workspace.lock_folder, "archive", patience=_PATIENCE):
            return _build(workspace, into, has_outbox=has_outbox, begins=begins)
    except OSError as reason:
        raise Refused(
            f"{workspace.lock_folder} cannot be written: {reason.strerror or reason}",
            hint="let it belong to the user of this program",
        ) from reason


def _build(
    workspace: Workspace, into: Path | None, *, has_outbox: bool, begins: Dispatch | None
) -> Built:
    settings = workspace.settings
    if not settings.archive.url:
        raise Refused(
            "the archive has no address",
            hint='write url = "https://..." into [archive] of newsletter.toml',
        )
    found = list(_sorted_out(workspace, has_outbox=has_outbox, begins=begins))
    issues = [each for each in found if isinstance(each, PastIssue)]
    plan = Plan(
        url=settings.archive.url,
        title=settings.archive.title or settings.brand.name,
        brand=settings.brand,
    )
    files = build_site(plan, issues)
    folder = into or settings.root / settings.archive.folder
    write_site(files, folder)
    left_out = tuple(each for each in found if isinstance(each, LeftOut))
    tell(What.ARCHIVED, issues=len(issues))
    return Built(folder=folder, issues=len(issues), files=len(files), left_out=left_out)


@contextmanager
def kept_up(
    workspace: Workspace, dispatch: Dispatch, say: Callable[[str], object]
) -> Iterator[None]:
    """Let the archive show `dispatch` from its first message on, and as it ended.

    Where the archive cannot be built, `say` is told so, and the dispatch goes its way.
    """
    if not is_kept_up(workspace) or not _is_for_readers(dispatch):
        yield
        return
    if leaves_now(workspace.ledger, dispatch):
        try_to_build(workspace, dispatch, say)
    try:
        yield
    finally:
        try_to_build(workspace, None, say)


def is_kept_up(workspace: Workspace) -> bool:
    """Tell whether there is an archive that is built without anybody asking for it."""
    archive = workspace.settings.archive
    return bool(archive.url) and archive.is_automatic


def _is_for_readers(dispatch: Dispatch) -> bool:
    return dispatch.kind == "issue" and dispatch.provider != "outbox"


def try_to_build(
    workspace: Workspace, begins: Dispatch | None, say: Callable[[str], object]
) -> bool:
    """Build it as `build` does; where that fails, tell why and go on."""
    try:
        build(workspace, begins=begins)
    except NewsletterError as error:
        say(f"the archive could not be built: {error}")
    except Exception as fault:  # noqa: BLE001 - whatever it is, the dispatch did not fail by it
        say(f"the archive could not be built ({type(fault).__name__})")
    else:
        return True
    return False


def shown_now(workspace: Workspace, begins: Dispatch | None = None) -> frozenset[int]:
    """Number the dispatches whose issues stand in an archive that is built now.

    What they sent is frozen, so with the same ones it is the same archive.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    known = _known(workspace, begins)
    return frozenset(each.id for each in known if not _reason(workspace, each, has_outbox=False))


def _sorted_out(
    workspace: Workspace, *, has_outbox: bool, begins: Dispatch | None
) -> Iterator[PastIssue | LeftOut]:
    """Sort each issue that was sent into the archive, or out of it."""
    known = _known(workspace, begins)
    by_issue = groupby(sorted(known, key=attrgetter("slug", "id")), key=attrgetter("slug"))
    for slug, group in by_issue:
        dispatches = list(group)
        reasons = {each.id: _reason(workspace, each, has_outbox=has_outbox) for each in dispatches}
        shown = [each for each in dispatches if not reasons[each.id]]
        if not shown:
            yield LeftOut(slug, reasons[dispatches[-1].id])
            continue
        yield _past(workspace, shown) or LeftOut(slug, "nobody got the text that is for everybody")


def _known(workspace: Workspace, begins: Dispatch | None) -> tuple[Dispatch, ...]:
    """List what left, and what leaves now.

    What workers have before them leaves now, whoever asks: else one that builds after another
    would take the page away again that the first reader is to find.
    """
    past = past_dispatches(workspace.ledger)
    coming = {
        each.id: each
        for each in list_dispatches(workspace.ledger)
        if each.by_workers and _is_for_readers(each) and leaves_now(workspace.ledger, each)
    }
    coming |= {begins.id: begins} if begins and _is_for_readers(begins) else {}
    known = {each.id for each in past}
    return (*past, *(each for number, each in coming.items() if number not in known))


def _reason(workspace: Workspace, dispatch: Dispatch, *, has_outbox: bool) -> str:
    """Say why a dispatch does not bring its issue into the archive; empty where it does."""
    stored = envelope.from_json(dispatch.envelope)
    if dispatch.provider == "outbox" and not has_outbox:
        return "it went to the outbox only"
    if stored.public_variant == "":
        return "its author keeps it out (archive: no), or all of its text is for some segments"
    if dispatch.audience.get("segments") and not workspace.settings.archive.has_restricted:
        return "it was sent to some segments only"
    if stored.send_at and stored.send_at > workspace.clock.now():
        return "its provider holds it back until it is due"
    return ""


def _past(workspace: Workspace, dispatches: Sequence[Dispatch]) -> PastIssue | None:
    """Show the last that was sent; None where none had a text for everybody."""
    first = dispatches[0]
    for each in reversed(dispatches):
        documents = documents_of(workspace.ledger, each)
        key = _public_key(each, documents)
        document = documents.get(key)
        if document is None:
            continue
        is_changed = each.content_hash != first.content_hash
        announced = _announced_in(workspace, each, key)
        earlier = (_announced_by(workspace, one) for one in dispatches if is_changed)
        return PastIssue(
            slug=each.slug,
            document=document,
            sent=datetime.fromisoformat(first.opened),
            changed=datetime.fromisoformat(each.opened) if is_changed else None,
            announced=tuple(announced.values()),
            dropped=tuple(_gone(earlier, announced)),
        )
    return None


def _public_key(dispatch: Dispatch, documents: Mapping[str, Document]) -> str:
    """Name the variant with nothing that is for some segments only, as far as anybody knows."""
    said = envelope.from_json(dispatch.envelope).public_variant
    if said is not None:
        return said
    return next((key for key in documents if not key.strip("-0")), "")


def _announced_by(workspace: Workspace, dispatch: Dispatch) -> dict[str, Announced]:
    key = _public_key(dispatch, documents_of(workspace.ledger, dispatch))
    return _announced_in(workspace, dispatch, key)


def _announced_in(workspace: Workspace, dispatch: Dispatch, key: str) -> dict[str, Announced]:
    """Give what is in the variant `key` of a dispatch, by the slug of the announcement."""
    return {
        item.item.announcement: _announced(item)
        for item in items_of(workspace.ledger, dispatch.content_hash)
        if item.item.is_in(key)  # else it is for segments only
    }


def _gone(
    earlier: Iterable[Mapping[str, Announced]], now: Mapping[str, Announced]
) -> Iterator[Announced]:
    """Give that to which emails with an earlier text lead, and for which this text has no page."""
    shown = {slug for slug, each in now.items() if each.full}
    found = {slug: each for one in earlier for slug, each in one.items() if each.full}
    return (each for slug, each in found.items() if slug not in shown)


def _announced(frozen: FrozenItem) -> Announced:
    item = frozen.item
    return Announced(
        slug=item.announcement,
        title=item.title,
        section=item.section,
        tags=item.tags,
        full=frozen.full,
    )
