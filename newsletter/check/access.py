"""Accessibility of the final HTML, as the rules of WCAG 2.2 and axe-core ask for in an email.

Light and dark are both judged, by the colours that a reader gets after all rules.
"""

from collections.abc import Iterator

from newsletter.check.look import Look
from newsletter.check.page import Element, Page
from newsletter.check.place import Places
from newsletter.compose.colour import READABLE, contrast
from newsletter.finding import Finding, warning

_READABLE_LARGE = 3.0
"""WCAG 2.2, 1.4.3: enough for large words, and between a link and the words around it (1.4.1)."""
_LARGE, _LARGE_BOLD = 24.0, 18.66
"""Pixels: 18 points, and 14 points bold."""
_SMALLEST = 12.0
"""Pixels; iOS enlarges what is smaller, and breaks the layout with it."""
_SAMPLE = 40
_LAYOUT = frozenset({"presentation", "none"})
_LITTLE = frozenset({"sup", "sub"})


def check_access(page: Page, places: Places) -> Iterator[Finding]:
    """Hold one variant against what people need who cannot see, or not well."""
    yield from _check_root(page, places)
    yield from _check_tables(page, places)
    yield from _check_images(page, places)
    yield from _check_contrast(page, places)
    yield from _check_links(page, places)
    yield from _check_sizes(page, places)


def _check_root(page: Page, places: Places) -> Iterator[Finding]:
    at = places.of_theme()
    if not page.root.attributes.get("lang", "").strip():
        yield warning(
            "language-missing",
            "the email does not say its language, so it is read out in the wrong voice",
            at=at,
            hint='write <mjml lang="{{ lang }}" dir="{{ dir }}"> in the theme',
        )
    if page.root.attributes.get("dir", "").lower() not in {"ltr", "rtl", "auto"}:
        yield warning(
            "direction-missing",
            "the email does not say in which direction it is read",
            at=at,
            hint='write <mjml lang="{{ lang }}" dir="{{ dir }}"> in the theme',
        )


def _check_tables(page: Page, places: Places) -> Iterator[Finding]:
    with_headings = {id(table) for head in page.of("th", "caption") for table in head.around()}
    bare = [
        table
        for table in page.of("table")
        if table.attributes.get("role", "").lower() not in _LAYOUT
        and id(table) not in with_headings
    ]
    if bare:
        yield warning(
            "table-role",
            f"{_counted(bare, 'table')} without headings would be read out cell by cell",
            at=places.of_theme(),
            hint='write role="presentation" on tables of the layout, <th> in tables of data',
        )


def _check_images(page: Page, places: Places) -> Iterator[Finding]:
    for image in page.of("img"):
        if "alt" not in image.attributes:
            name = image.attributes.get("src", "").rpartition("/")[2]
            yield warning(
                "image-alt-attribute",
                f"the image {name!r} has no alt, so its file name is read out",
                at=places.of(name),
                hint='say in alt what it shows; alt="" for mere decoration',
            )


def _check_contrast(page: Page, places: Places) -> Iterator[Finding]:
    told: set[tuple[str, str | None, str | None]] = set()
    has_dark = page.has_dark
    for element in page.elements:
        if not element.own:
            continue
        looks = [("light", element.light), *([("dark", element.dark)] if has_dark else [])]
        for name, look in looks:
            key = (name, look.colour, look.ground)
            if key not in told and _is_faint(look):
                told.add(key)
                yield _faint(element, name, look, places)


def _is_faint(look: Look) -> bool:
    if not look.is_seen or look.colour is None or look.ground is None:
        return False
    is_large = look.size >= _LARGE or (look.is_bold and look.size >= _LARGE_BOLD)
    return contrast(look.colour, look.ground) < (_READABLE_LARGE if is_large else READABLE)


def _faint(element: Element, name: str, look: Look, places: Places) -> Finding:
    ratio = contrast(str(look.colour), str(look.ground))
    return warning(
        "contrast-low",
        f"{element.own[:_SAMPLE]!r} is hard to read in the {name} look:"
        f" {look.colour} on {look.ground} has a contrast of {ratio:.1f}",
        at=places.of_words(element.own),
        hint=f"choose colours further apart: {READABLE}, or {_READABLE_LARGE:.0f} for large words",
    )


def _check_links(page: Page, places: Places) -> Iterator[Finding]:
    has_dark = page.has_dark
    for link in page.of("a"):
        if "href" not in link.attributes or not link.words or link.parent is None:
            continue
        looks = [("light", link.light, link.parent.light)]
        looks += [("dark", link.dark, link.parent.dark)] if has_dark else []
        for name, look, around in looks:
            if look.is_seen and _is_unmarked(link, look, around):
                yield warning(
                    "link-unmarked",
                    f"the link {link.words[:_SAMPLE]!r} looks like the words around it"
                    f" in the {name} look",
                    at=places.of_words(link.words),
                    hint="underline it",
                )
                break


def _is_unmarked(link: Element, look: Look, around: Look) -> bool:
    if look.is_marked or not link.own or not link.parent or not link.parent.own:
        return False  # a button, a picture, or a link that stands alone
    if (look.ground, look.is_bold, look.size) != (around.ground, around.is_bold, around.size):
        return False
    if look.colour is None or around.colour is None:
        return False
    return contrast(look.colour, around.colour) < _READABLE_LARGE


def _check_sizes(page: Page, places: Places) -> Iterator[Finding]:
    small = [
        each
        for each in page.elements
        if each.own and each.light.is_seen and each.light.size < _SMALLEST
        if not each.is_in(*_LITTLE)
    ]
    if small:
        least = min(small, key=lambda each: each.light.size)
        yield warning(
            "font-small",
            f"{least.own[:_SAMPLE]!r} has {least.light.size:.0f} pixels;"
            f" fewer than {_SMALLEST:.0f} are hard to read",
            at=places.of_words(least.own),
            hint=f"write it in {_SMALLEST:.0f} pixels or more",
        )


def _counted(things: list[Element], noun: str) -> str:
    return f"1 {noun}" if len(things) == 1 else f"{len(things)} {noun}s"
