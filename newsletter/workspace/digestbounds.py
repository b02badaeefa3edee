"""How many versions of one issue there may be."""

from newsletter.errors import AnnouncementError, InputErrors
from newsletter.issue.issue import Issue
from newsletter.ledger.summary import AudienceSummary

MOST_VARIANTS = 200
"""Each is rendered once and frozen; so many take half a minute."""


def check_variants(issue: Issue, summary: AudienceSummary) -> None:
    """Refuse an issue of which the audience would get too many different versions.

    Raises:
        InputErrors: it has; the hint names the announcements that divide the audience most.
    """
    count = len(summary.by_variant)
    if count <= MOST_VARIANTS:
        return
    half = summary.recipients / 2
    flagged = [each for each in issue.items if each.flag is not None]

    def distance(flag: int | None) -> float:
        shown = sum(
            n for key, n in summary.by_variant.items() if flag is not None and key[flag] == "1"
        )
        return abs(shown - half)

    dividing = sorted(flagged, key=lambda each: distance(each.flag))[:3]
    names = ", ".join(each.announcement for each in dividing)
    raise InputErrors(
        [
            AnnouncementError(
                f"the audience would get {count:,} different versions, and {MOST_VARIANTS} are the"
                " most: so many announcements are for some, or were told to some before",
                at=issue.announcement.place("title"),
                hint=f"repeat or hold some of those that divide most: {names}"
                if names
                else "write fewer blocks that are for some segments only",
            )
        ]
    )
