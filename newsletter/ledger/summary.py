"""An audience in numbers, before anything of it is sent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import CTE, Connection, case, func, select

from newsletter.audience.exclusion import Exclusion
from newsletter.ledger.selection import Choice, selected
from newsletter.ledger.standing import objected


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
    told: Mapping[str, int] = field(default_factory=dict)
    """How many of the list were told an announcement of a digest before, by its slug: it is left
    out for them."""


def summarise(connection: Connection, choice: Choice) -> AudienceSummary:
    """Count the audience of `choice`."""
    chosen = selected(choice)
    included = choice.selection.included
    flags = [func.sum(chosen.c[f"in_{at}"]) for at in range(len(included))]
    detail = case((chosen.c.reason == Exclusion.SUPPRESSED.value, chosen.c.note), else_="")
    query = select(chosen.c.reason, detail, chosen.c.variant, func.count(), *flags).group_by(
        chosen.c.reason, detail, chosen.c.variant
    )
    excluded: Counter[str] = Counter()
    by_variant: Counter[str] = Counter()
    by_segment = Counter({segment.name: 0 for segment in included})
    for reason, note, variant, count, *inside in connection.execute(query):
        if reason is None:
            by_variant[variant] += count
            for segment, members_in in zip(included, inside, strict=True):
                by_segment[segment.name] += members_in
        else:
            excluded[f"{reason}: {note}" if note else reason] += count
    recipients = sum(by_variant.values())
    return AudienceSummary(
        listed=recipients + sum(excluded.values()),
        recipients=recipients,
        excluded=dict(excluded),
        by_segment=dict(by_segment),
        by_variant=dict(by_variant),
        told={name: count for name, count in choice.told if count},
        passed=_passed(connection, choice, chosen) if choice.ground.is_notice else 0,
    )


def _passed(connection: Connection, choice: Choice, chosen: CTE) -> int:
    """Count the recipients who would not get it if it were no notice."""
    wishes = objected(replace(choice.ground, is_notice=False), "passed")
    query = (
        select(func.count())
        .select_from(chosen.join(wishes, wishes.c.line == chosen.c.line))
        .where(chosen.c.reason.is_(None))
    )
    return connection.scalar(query) or 0
