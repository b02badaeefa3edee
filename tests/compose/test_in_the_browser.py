"""What a reader sees, in a real Chromium: phone and desktop, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from accessible import faults
from compose_samples import (
    MEMBER,
    compiled,
    compiled_sample,
    filled,
    issue_of,
    sample_files,
    theme_named,
)

from newsletter.announcement.announcement import Button, Byline, Image
from newsletter.announcement.parse import read

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden"

_IGNORED = {
    "landmark-one-main": "an email is no page of a site; mail programs bring the landmarks",
    "region": "the same",
}


def _body(case: str) -> str:
    source = (GOLDEN / case / "announcement.md").read_text(encoding="utf-8")
    return source.split("---\n", 2)[2]


def _every_block(theme: str) -> str:
    """Give the body of the theme's own golden case, and those that have all blocks."""
    cases = ["blocks", "theme-digest", *([f"theme-{theme}"] if theme != "announcement" else [])]
    bodies = {case: read(str(GOLDEN / case / "announcement.md")).body for case in cases}
    return "## Every block\n\n" + "\n\n".join(bodies.values())


ISSUES: dict[str, dict[str, Any]] = {
    "everything": {
        "body": _body("everything"),
        "image": Image("valley.png", "Hills at dusk", "The estuary"),
        "byline": Byline("Ragnhild Osei-Tanaka", "Director"),
        "section": "Field report",
        "button": Button("Read the report", "https://example.org"),
    },
    "arabic": {"body": _body("arabic"), "lang": "ar", "section": "تقرير"},
    "long words": {
        "body": f"{'Donaudampfschiff' * 12}\n\nhttps://example.org/{'x' * 300}\n\n"
        f"`{'y' * 300}`\n\n    {'z' * 300}\n\n> {'q' * 200}\n\n"
        f"|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n|{'w' * 90}|b|c|d|e|f|g|{'v' * 90}|\n\n"
        f"|a|b|\n|-|-|\n|{'w' * 90}|{'v' * 90}|",
        "title": "Ein" + "wort" * 30,
        "button": Button("Press " * 20, "https://example.org"),
    },
}

THEMES = ["announcement", "digest", "event", "letter", "notice"]
ISSUES |= {
    name: {
        **ISSUES["everything"],
        "body": f"{_every_block(name)}\n\n{_body('everything')}",
        "theme": name,
    }
    for name in THEMES
}


SAMPLES = {each.name: each for each in sample_files()}


def _open(browser: Any, name: str, *, width: int, scheme: str) -> Any:
    if name in SAMPLES:
        result = compiled_sample(SAMPLES[name])
        return _page(browser, filled(result), result.images, width=width, scheme=scheme)
    issue = issue_of(**{"folder": GOLDEN / "everything", "title": "A headline", **ISSUES[name]})
    result = compiled(issue, with_theme=theme_named(issue.announcement.theme))
    html = result.documents["-"].html.fill(MEMBER)
    return _page(browser, html, result.images, width=width, scheme=scheme)


def _page(browser: Any, html: str, images: Any, *, width: int, scheme: str) -> Any:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.route("**/*", lambda route: _answer(route, html, images))
    page.goto("https://news.example.org/view")
    return page


@contextmanager
def _opened(browser: Any, name: str) -> Iterator[Any]:
    """Open it once; a test then turns the page to the widths and schemes it wants."""
    page = _open(browser, name, width=375, scheme="light")
    try:
        yield page
    finally:
        page.close()


def _resize(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def _answer(route: Any, html: str, images: Any) -> None:
    if route.request.url.endswith("/view"):
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    elif route.request.url in images:
        route.fulfill(path=images[route.request.url])
    else:
        route.abort()


@pytest.mark.parametrize("name", [*ISSUES, *SAMPLES])
def test_nothing_has_to_be_scrolled_sideways(browser: Any, name: str) -> None:
    with _opened(browser, name) as page:
        assert page.evaluate("document.compatMode") == "CSS1Compat"
        for width in (320, 375, 700):
            _resize(page, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["everything", "arabic", *THEMES, *SAMPLES])
def test_axe_finds_nothing_serious(browser: Any, name: str) -> None:
    with _opened(browser, name) as page:
        found = faults(page, 375, 700)
    assert [each for each in found if each[0] not in _IGNORED] == []


@pytest.mark.parametrize("name", ["everything", *THEMES])
def test_the_dark_look_is_dark_to_the_edges(browser: Any, name: str) -> None:
    page = _open(browser, name, width=375, scheme="dark")
    try:
        colours = page.evaluate(
            "[...document.querySelectorAll('body, body *')]"
            ".map(e => getComputedStyle(e).backgroundColor)"
        )
    finally:
        page.close()
    assert not {"rgb(255, 255, 255)", "rgb(238, 240, 242)", "rgb(241, 243, 245)"} & set(colours)


def test_the_button_is_as_wide_as_the_column_on_a_phone_only(browser: Any) -> None:
    widths = {}
    for width in (375, 700):
        page = _open(browser, "everything", width=width, scheme="light")
        widths[width] = page.locator(".btn a").bounding_box()["width"]
        page.close()

    assert widths[375] == 375 - 2 * 20
    assert widths[700] < 400


def test_an_arabic_issue_begins_at_the_right(browser: Any) -> None:
    page = _open(browser, "arabic", width=700, scheme="light")
    try:
        rights = page.evaluate(
            "[...document.querySelectorAll('h1, .hue, .prose > div > p:first-child, .btn a')]"
            ".map(each => { const range = document.createRange(); range.selectNodeContents(each);"
            " return range.getBoundingClientRect().right })"
        )
    finally:
        page.close()
    edge = 650 - 32
    assert rights
    assert all(edge - 40 < right <= edge for right in rights)


def test_the_theme_asks_nobody_for_fonts_or_scripts(browser: Any) -> None:
    asked: list[str] = []
    result = compiled(issue_of("a"))
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(result.documents["-"].html.fill(MEMBER))
    page.close()

    assert asked == []


@pytest.mark.parametrize("width", [375, 700])
def test_the_portrait_of_a_letter_is_round(browser: Any, width: int) -> None:
    page = _open(browser, "letter", width=width, scheme="light")
    try:
        box = page.locator(".portrait img").bounding_box()
        radius = page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.portrait img')).borderRadius)"
        )
    finally:
        page.close()
    assert box["width"] == box["height"]
    assert radius >= box["width"] / 2


def test_an_invitation_says_when_before_anything_else_of_the_body(browser: Any) -> None:
    page = _open(browser, "event", width=375, scheme="light")
    try:
        when = page.locator(".panel .big")
        size = when.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        top = when.bounding_box()["y"]
        prose = page.locator(".prose:not(.panel) > div > p").first.bounding_box()["y"]
        told = page.get_by_text("Thursday 4 March 2027, 17:00 CET").count()
    finally:
        page.close()
    assert size >= 24
    assert top < prose
    assert told == 1
