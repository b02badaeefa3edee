"""The lists of the archive by section and by tag, which need neither script nor server."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.announcement.fields import slug_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A page that something leads to: such as the list of the entries with one tag."""

    name: str
    path: str
    count: int = 0
    """How many entries are on it."""


def shelves(kind: str, carried: Iterable[tuple[str, ...]]) -> tuple[Shelf, ...]:
    """Give a shelf for each of the names that entries carry, in their order.

    Their pages are such as `tag.dna.html`: a dot stands in no slug, so no issue has such a page.
    """
    counts = Counter(name for names in carried for name in names)
    taken: dict[str, str] = {}
    for name in sorted(counts, key=lambda each: (each.casefold(), each)):
        slug, number = slug_of(name), 1
        while slug in taken:  # two names may be spelled alike: "C" and "C++"
            number += 1
            slug = f"{slug_of(name)}-{number}"
        taken[slug] = name
    return tuple(
        Shelf(name=name, path=f"{kind}.{slug}.html", count=counts[name])
        for slug, name in taken.items()
    )
