"""An audience in numbers, before anything of it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import CTE, Connection, case, func, select

from newsletter.audience.exclusion import Exclusion
from newsletter.ledger.rules import rule_clause
from newsletter.ledger.schema import members
from newsletter.ledger.selection import Choice, selected
from newsletter.ledger.standing import any_of, objections


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSummary:
    """An audience in numbers: `listed == recipients + sum(excluded.values())`."""

    listed: int
    recipients: int
    excluded: Mapping[str, int]
    """By reason; suppressions by theirs, such as `suppressed: unsubscribed`."""
    by_segment: Mapping[str, int]
    """Recipients in each chosen segment; a member of two counts in both."""
    by_variant: Mapping[str, int]
    """Recipients by `Variant.key`."""
    passed: int = 0
    """Recipients of a notice who opted out of all else."""


def summarise(connection: Connection, choice: Choice) -> AudienceSummary:
    """Count the audience of `choice`."""
    chosen = selected(connection, choice)
    detail = case((chosen.c.reason == Exclusion.SUPPRESSED.value, chosen.c.note), else_="")
    query = select(chosen.c.reason, detail, chosen.c.variant, func.count()).group_by(
        chosen.c.reason, detail, chosen.c.variant
    )
    excluded: dict[str, int] = {}
    by_variant: dict[str, int] = {}
    for reason, note, variant, count in connection.execute(query):
        if reason is None:
            by_variant[variant] = by_variant.get(variant, 0) + count
        else:
            label = f"{reason}: {note}" if note else reason
            excluded[label] = excluded.get(label, 0) + count
    recipients = sum(by_variant.values())
    return AudienceSummary(
        listed=recipients + sum(excluded.values()),
        recipients=recipients,
        excluded=excluded,
        by_segment=_by_segment(connection, choice, chosen),
        by_variant=by_variant,
        passed=_passed(connection, choice, chosen) if choice.ground.is_notice else 0,
    )


def _passed(connection: Connection, choice: Choice, chosen: CTE) -> int:
    """Count the recipients who would not get it if it were no notice."""
    wishes = objections(members, replace(choice.ground, is_notice=False))
    query = (
        select(func.count())
        .select_from(chosen.join(members, members.c.line == chosen.c.line))
        .where(chosen.c.reason.is_(None), any_of(wishes))
    )
    return connection.scalar(query) or 0


def _by_segment(connection: Connection, choice: Choice, chosen: CTE) -> dict[str, int]:
    if not choice.selection.included:
        return {}
    counts = [
        func.sum(case((rule_clause(segment.rule), 1), else_=0))
        for segment in choice.selection.included
    ]
    query = (
        select(*counts)
        .select_from(chosen.join(members, members.c.line == chosen.c.line))
        .where(chosen.c.reason.is_(None))
    )
    row = connection.execute(query).one()
    names = (segment.name for segment in choice.selection.included)
    return {name: count or 0 for name, count in zip(names, row, strict=True)}
