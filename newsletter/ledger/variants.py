"""Which variant of an issue each row of the list gets, as a clause."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, false, literal, or_, true

from newsletter.audience.segment import Segment
from newsletter.ledger.items import was_told
from newsletter.ledger.people import members
from newsletter.ledger.rules import rule_clause


def variant(
    blocks: Sequence[tuple[Segment, ...]], untold: Sequence[str], *, but: str
) -> ColumnElement[str]:
    """Give the key of the variant: a digit for each of `blocks`.

    `untold` has for each of them the announcement that keeps it from whoever was told it before,
    in any issue but one, or nothing.
    """
    if not blocks:
        return literal("-")
    told = untold or ("",) * len(blocks)
    flags = [
        case((_is_for(names, announcement, but), "1"), else_="0")
        for names, announcement in zip(blocks, told, strict=True)
    ]
    whole: ColumnElement[str] = flags[0]
    for flag in flags[1:]:
        whole = whole.concat(flag)
    return whole


def in_any(segments: tuple[Segment, ...]) -> ColumnElement[bool]:
    """Tell whether a row of the list is in any of `segments`."""
    return or_(*(rule_clause(each.rule) for each in segments)) if segments else false()


def _is_for(names: tuple[Segment, ...], announcement: str, but: str) -> ColumnElement[bool]:
    if not announcement:
        return in_any(names)
    chosen = in_any(names) if names else true()
    return and_(chosen, ~was_told(members, announcement, but=but))
