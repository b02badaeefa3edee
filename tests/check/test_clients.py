"""What mail programs do not support, by the facts of caniemail."""

import re

import pytest
from check_samples import codes, page_of, places_of

from newsletter.check.clients import ALLOWED, FAMILIES, check_clients, features
from newsletter.check.make_client_facts import make_facts


def found(body: str, css: str = "", families: tuple[str, ...] = ("outlook", "gmail")) -> list[str]:
    findings = check_clients(page_of(body, css=css), families, places_of())
    return re.findall(r"features/([\w-]+)/", " ".join(each.hint for each in findings))


@pytest.mark.parametrize(
    ("body", "feature"),
    [
        ('<div style="display:flex">a</div>', "css-display-flex"),
        ('<div style="position:absolute">a</div>', "css-position"),
        ('<p style="width:calc(100% - 1px)">a</p>', "css-unit-calc"),
        ('<p style="width:50vw">a</p>', "css-unit-vw"),
        ('<video src="x.mp4"></video>', "html-video"),
        ('<img srcset="a.png 2x" src="b.png">', "html-srcset"),
        ('<img src="https://x.org/a.webp?v=1">', "image-webp"),
        ("<form></form>", "html-form"),
    ],
)
def test_a_feature_that_a_family_does_not_support_is_a_finding(body: str, feature: str) -> None:
    assert found(body) == [feature]


@pytest.mark.parametrize(
    ("css", "feature"),
    [
        ("p::before { color: red }", "css-pseudo-element-before"),
        ("p { color: var(--ink) }", "css-variables"),
        ("@font-face { font-family: X }", "css-at-font-face"),
        ("p:nth-child(2) { color: red }", "css-pseudo-class-nth-child"),
    ],
)
def test_style_sheets_are_looked_at_too(css: str, feature: str) -> None:
    assert feature in found("<p>a</p>", css)


def test_what_is_written_within_media_is_for_those_who_know_it() -> None:
    assert found("<p>a</p>", "@media (max-width: 500px) { p { display: flex } }") == []


def test_families_that_were_not_asked_for_are_not_told_of() -> None:
    assert found('<div style="display:flex">a</div>', families=("apple-mail",)) == []
    assert found('<div style="display:flex">a</div>', families=("gmail",)) == []


def test_the_finding_says_who_and_what_is_left() -> None:
    page = page_of('<div style="display:flex">a</div>')
    (finding,) = check_clients(page, ("outlook",), places_of('\n<div style="display:flex">'))
    assert finding.message == (
        "display:flex is not supported by Outlook (Windows):"
        " the elements stand below each other there"
    )
    assert codes([finding]) == ["client-support"]


def test_every_feature_that_is_allowed_is_known_and_has_its_reason() -> None:
    known = {feature.name for feature in features()}
    assert ALLOWED.keys() <= known
    assert all(ALLOWED.values())


def test_the_facts_name_only_families_that_can_be_asked_for() -> None:
    assert {family for feature in features() for family in feature.fails} == FAMILIES.keys()


def test_the_facts_are_made_of_what_is_published() -> None:
    published = {
        "last_update_date": "2026-05-13 14:45:41 +0000",
        "data": [
            {
                "slug": "css-filter",
                "title": "filter",
                "stats": {
                    "gmail": {"ios": {"2019": "y", "2024": "n #1"}, "mobile-webmail": {"1": "n"}},
                    "outlook": {"windows": {"2007": "n", "2019": "y"}},
                },
            },
            {"slug": "amp", "title": "AMP", "stats": {"gmail": {"ios": {"1": "n"}}}},
        ],
    }
    facts = make_facts(published)
    assert facts["updated"] == "2026-05-13"
    assert facts["features"] == {
        "css-filter": {"title": "filter", "find": ["property", "filter"], "no": {"gmail": ["iOS"]}}
    }
