"""From announcement to issue: its slots and segment-only blocks, checked against the list."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.fields import control_character
from newsletter.errors import AnnouncementError, InputError, InputErrors, Location
from newsletter.finding import Finding, warning
from newsletter.issue.blocks import Blocks, find_blocks
from newsletter.issue.issue import Issue, OnlyBlock, SlotUse
from newsletter.issue.item import Item
from newsletter.issue.literal import NOTHING, find_literals
from newsletter.issue.slots import Place, find_slots
from newsletter.suggest import did_you_mean

BUILT_IN_SLOTS = ("email", "unsubscribe_url", "preferences_url")
"""Slots that every member fills, whatever columns the list has."""

TITLE_MISSING = "title-missing"


@dataclass(frozen=True, slots=True)
class _Known:
    """The names that slots and segments may have."""

    attributes: tuple[str, ...]
    segments: tuple[str, ...]
    topics: tuple[str, ...]


def assemble(
    announcement: Announcement,
    *,
    subject: str | None,
    attributes: Collection[str],
    segments: Collection[str],
    topics: Collection[str] = (),
) -> Issue:
    """Understand the slots and the segment-only blocks of `announcement`.

    `subject` is the one given with the command, which also stands in for a missing title;
    `attributes` are the columns of the list, `segments` the names of the saved segments, and
    `topics` those of the society's topics, of which the first stands in for none.

    Raises:
        InputErrors: every slot and every block that is wrong or names something unknown.
    """
    known = _Known(
        tuple(dict.fromkeys((*attributes, *BUILT_IN_SLOTS))), tuple(segments), tuple(topics)
    )
    given = (subject or "").replace("\t", " ").strip()
    titled = _entitle(announcement, given) if given else announcement
    in_force = given or titled.subject or titled.title
    # A plain-text body is all escapes: nothing in it is code.
    literals = NOTHING if titled.origins else find_literals(titled.body)
    blocks = find_blocks(titled.body, titled.body_place, literals)
    parts = (
        find_slots(in_force, _subject_place(titled, given)),
        find_slots(titled.preheader, _value_place(titled, "preheader")),
        find_slots(titled.title, _value_place(titled, "title")),
        find_slots(titled.body, titled.body_place, literals),
    )
    slots = tuple(use for part in parts for use in part.uses)
    problems = [
        *_wrong_subject(given),
        *(problem for part in parts for problem in part.problems),
        *_unknown_slots(slots, known),
        *unknown_targets(titled, known.segments),
        *_unknown_topic(titled, known),
        *blocks.problems,
        *_unknown_in_blocks(titled, blocks, known),
    ]
    if problems:
        raise InputErrors(_in_order(problems))
    issue = Issue(
        announcement=titled,
        subject=in_force,
        slots=slots,
        blocks=blocks.found,
        topic=titled.topic or next(iter(known.topics), ""),
        findings=titled.findings,
        items=tuple(_items(titled, blocks.found)),
    )
    return replace(issue, findings=(*issue.findings, *_empty_for_some(issue)))


def _items(announcement: Announcement, blocks: tuple[OnlyBlock, ...]) -> Iterator[Item]:
    """List what is carried: those that were taken in, else the announcement itself."""
    for taken in announcement.taken:
        around = (at for at, block in enumerate(blocks) if block.first < taken.line < block.last)
        yield Item(
            announcement=taken.slug,
            title=taken.title,
            announcement_hash=taken.mark,
            section=taken.section,
            tags=taken.tags,
            flag=next(around, None),
        )
    if not announcement.taken:
        yield Item(
            announcement=announcement.slug,
            title=announcement.title,
            announcement_hash=announcement.mark,
            section=announcement.section,
            tags=announcement.tags,
        )


def _entitle(announcement: Announcement, subject: str) -> Announcement:
    """Let the subject given with the command stand in for a title that the author did not give."""
    if not announcement.title_is_derived:
        return announcement
    findings = tuple(each for each in announcement.findings if each.code != TITLE_MISSING)
    return replace(announcement, title=subject, title_is_derived=False, findings=findings)


def _subject_place(announcement: Announcement, given: str) -> Place:
    if given:
        return lambda _line, _column: Location("--subject")
    return _value_place(announcement, "subject" if announcement.subject else "title")


def _value_place(announcement: Announcement, key: str) -> Place:
    """Place a column of the value of `key` in the file."""
    start = announcement.place(key)
    if start.column is None:
        return lambda _line, _column: start
    first = start.column
    return lambda _line, column: replace(start, column=first + column - 1)


def _wrong_subject(given: str) -> Iterator[AnnouncementError]:
    strange = control_character(given)
    if strange:
        yield AnnouncementError(
            f"the subject holds {strange}", at=Location("--subject"), hint="write it in one line"
        )


def _unknown_slots(slots: tuple[SlotUse, ...], known: _Known) -> Iterator[AnnouncementError]:
    for use in slots:
        if use.name not in known.attributes:
            yield _unknown(f"unknown slot {use.name!r}", use.name, known.attributes, use.at)


def unknown_targets(
    announcement: Announcement, segments: Collection[str]
) -> Iterator[AnnouncementError]:
    """Find the segments an announcement is for that are none of the saved `segments`."""
    at = announcement.place("segments")
    for name in announcement.segments:
        if name not in segments:
            yield _unknown(f"unknown segment {name!r}", name, tuple(segments), at)


def _unknown_topic(announcement: Announcement, known: _Known) -> Iterator[AnnouncementError]:
    name, at = announcement.topic, announcement.place("topic")
    if name and name not in known.topics:
        yield _unknown(f"unknown topic {name!r}", name, known.topics, at)


def _unknown_in_blocks(
    announcement: Announcement, blocks: Blocks, known: _Known
) -> Iterator[AnnouncementError]:
    lines = announcement.body.split("\n")
    for block in blocks.found:
        for name in block.segments:
            if name not in known.segments:
                column = lines[block.first - 1].find(name) + 1
                at = announcement.body_place(block.first, column)
                yield _unknown(f"unknown segment {name!r}", name, known.segments, at)


def _unknown(problem: str, name: str, known: tuple[str, ...], at: Location) -> AnnouncementError:
    listed = f"known are {', '.join(sorted(known))}" if known else "none is defined"
    return AnnouncementError(
        f"{problem}; {listed}", at=at, hint=did_you_mean(name, known) or "use one of the known"
    )


def _empty_for_some(issue: Issue) -> Iterator[Finding]:
    """Warn where members outside all blocks would get an email without text."""
    if issue.blocks and not issue.body_of(issue.public).strip():
        yield warning(
            "text-only-for-segments",
            "members of none of the segments in the blocks get no text at all",
            at=issue.announcement.body_place(issue.blocks[0].first),
            hint="write something for everybody, or send it to these segments only",
        )


def _in_order(problems: list[AnnouncementError]) -> list[InputError]:
    """Sort by place, each problem once: the title may also be the subject."""
    once = {(str(each.at), each.problem): each for each in problems}
    return sorted(once.values(), key=_line_and_column)


def _line_and_column(problem: InputError) -> tuple[int, int]:
    at = problem.at
    return (at.line or 0, at.column or 0) if at else (0, 0)
