import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from compose_samples import BRAND, ROOT, compiled, issue_of

from newsletter.compose.brand import Brand, read_brand
from newsletter.compose.colour import contrast, text_on
from newsletter.errors import InputErrors, render_error

SOCIETY = {"name": "A", "postal_address": ["1 Street", "Town"]}


def _problems(table: Mapping[str, object]) -> str:
    with pytest.raises(InputErrors) as refused:
        read_brand(table, "newsletter.toml")
    return render_error(refused.value)


def test_the_workspace_of_this_repository_has_a_brand() -> None:
    path = ROOT / "newsletter.toml"
    brand = read_brand(tomllib.loads(path.read_text(encoding="utf-8")), str(path))

    assert brand.name
    assert brand.postal_address


def test_what_is_not_said_has_a_default() -> None:
    brand = read_brand({"society": SOCIETY}, "newsletter.toml")

    assert brand.short_name == brand.legal_name == brand.logo_alt == "A"
    assert brand.dir == "ltr"


def test_a_language_written_from_the_right_sets_the_direction() -> None:
    assert read_brand({"society": {**SOCIETY, "lang": "he-IL"}}, "n").dir == "rtl"


def test_every_mistake_is_told_at_once() -> None:
    told = _problems(
        {
            "society": {"nmae": "A", "postal_address": 7, "dir": "up"},
            "brand": {
                "accent": "teal",
                "logo_width": 9000,
                "heading_font": "x; } body { color: red",
                "social": [{"name": "M", "url": "javascript:x"}],
            },
        }
    )

    assert "did you mean 'name'?" in told
    for part in ("society.name", "postal_address", "dir", "accent", "logo_width", "heading_font"):
        assert part in told
    assert "brand.social.url" in told


def test_a_value_of_the_brand_is_never_markup() -> None:
    nasty = "<b>&\"'{{ 7*7 }}</b>"
    brand = read_brand({"society": {**SOCIETY, "name": nasty, "reason": nasty}}, "newsletter.toml")
    html = "".join(compiled(issue_of("a"), brand=brand).documents["-"].html.literals)

    assert "<b>&" not in html
    assert "{{ 7*7 }}" in html


def test_an_accent_that_is_hard_to_read_is_a_finding() -> None:
    pale = replace(BRAND, accent="#ffd54a")
    assert "brand-contrast" in {each.code for each in compiled(issue_of("a"), brand=pale).findings}


def test_text_on_a_button_can_be_read() -> None:
    for accent in ("#ffd54a", "#0f625e", "#777777", "#ffffff", "#000000"):
        assert contrast(text_on(accent), accent) > 4.4


def test_a_logo_is_looked_for_beside_the_settings(workspace: Path) -> None:
    import dataclasses

    brand = dataclasses.replace(BRAND, logo="small.png", logo_dark="hills.png", logo_alt="Tide")
    result = compiled(issue_of("a"), brand=brand, root=workspace)

    assert {path.name.split("-")[0] for path in result.images.values()} == {"small", "hills"}
    assert 'alt="Tide"' in "".join(result.documents["-"].html.literals)


@pytest.mark.parametrize(
    ("brand", "ground"),
    [
        (replace(BRAND, accent="#6f7680"), "#eef0f2"),
        (replace(BRAND, accent_dark="#8a8f96"), "#272e36"),
    ],
)
def test_a_colour_has_to_be_read_on_every_ground_it_stands_on(brand: Brand, ground: str) -> None:
    findings = compiled(issue_of("a"), brand=brand).findings

    assert [each.code for each in findings] == ["brand-contrast"]
    assert ground in findings[0].message
    assert str(findings[0].at) == "newsletter.toml"
