"""The structure of the final HTML: headings, anchors, pictures and what they weigh."""

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from newsletter.check.page import Element, Page
from newsletter.check.place import Places
from newsletter.finding import Finding, warning

_HEAVY = 2_000_000
"""Bytes of all pictures together: on a slow line (1.6 Mbit/s) that is ten seconds."""
_LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6")


def check_structure(page: Page, places: Places) -> Iterator[Finding]:
    """Look at headings, anchors and images of one variant."""
    yield from _check_headings(page, places)
    yield from _check_anchors(page, places)
    yield from _check_widths(page, places)


def check_weight(sizes: Iterable[int], places: Places) -> Iterator[Finding]:
    """Hold the pictures of an issue together, in bytes, against what a phone loads in time."""
    total, number = 0, 0
    for size in sizes:
        total, number = total + size, number + 1
    if total > _HEAVY and number > 1:
        yield warning(
            "images-heavy",
            f"the {number} images together have {total / 1e6:.1f} MB, slow on a phone",
            at=places.of(""),
            hint=f"keep them below {_HEAVY / 1e6:.0f} MB: leave some out, or save them smaller",
        )


def _check_headings(page: Page, places: Places) -> Iterator[Finding]:
    headings = [each for each in page.of(*_LEVELS) if not each.light.is_hidden]
    main = sum(each.tag == "h1" for each in headings)
    if main > 1 or (headings and not main):
        yield warning(
            "heading-main",
            f"the email has {main or 'no'} main heading{'s' if main > 1 else ''};"
            " people who listen to it look for one",
            at=places.of(""),
            hint="write the title into the one <h1> of the theme",
        )
    level = 0
    for heading in headings:
        own = int(heading.tag[1])
        if level and own > level + 1:
            yield warning(
                "heading-jump",
                f"the heading {heading.words[:60]!r} is of level {own}, below one of level {level}",
                at=places.of_words(heading.words),
                hint="write the next level",
            )
        level = own


def _check_anchors(page: Page, places: Places) -> Iterator[Finding]:
    for name, count in Counter(_anchors(page)).items():
        if count > 1:
            yield warning(
                "anchor-twice",
                f"{count} places of the email are called {name!r}; a link finds one of them",
                at=places.of(name),
                hint="give each a name of its own",
            )
    known = set(_anchors(page))
    for link in page.of("a"):
        target = link.attributes.get("href", "")
        if len(target) > 1 and target[0] == "#" and unquote(target[1:]) not in known:
            yield warning(
                "link-anchor",
                f"{target!r} leads to a place that is not in the email",
                at=places.of(target),
                hint="correct the name, or link to a page",
            )


def _anchors(page: Page) -> Iterator[str]:
    for element in page.elements:
        names = {element.attributes.get("id", ""), _old_name(element)}
        yield from names - {""}


def _old_name(element: Element) -> str:
    return element.attributes.get("name", "") if element.tag == "a" else ""


def _check_widths(page: Page, places: Places) -> Iterator[Finding]:
    for image in page.of("img"):
        width = image.attributes.get("width", "").strip()
        if not width.rstrip("%").isdecimal():
            name = image.attributes.get("src", "").rpartition("/")[2]
            yield warning(
                "image-width",
                f"the image {name!r} has no width, so Outlook shows it as large as its file",
                at=places.of(name),
                hint='write width="..." with a number of pixels',
            )
