"""What mail programs do not support, of the features in the final HTML.

The facts are those of caniemail, reduced to `client_facts.json` by `make_client_facts`. A style
within @media is not looked at: who does not know it leaves it out as a whole, which is what it is
written for.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from newsletter.check.css import Declarations, read_declarations
from newsletter.check.page import Element, Page
from newsletter.check.place import Places
from newsletter.finding import Finding, warning

FAMILIES: Mapping[str, str] = {
    "apple-mail": "Apple Mail",
    "gmail": "Gmail",
    "outlook": "Outlook",
    "yahoo": "Yahoo Mail",
    "samsung-email": "Samsung Email",
    "thunderbird": "Thunderbird",
}
"""The families of mail programs that can be asked for, and what people call them."""

ALLOWED: Mapping[str, str] = {
    "css-at-media": "widths on phones and the dark look; without it the light desktop look stays",
    "css-at-media-prefers-color-scheme": "the same",
    "css-border-radius": "round corners; without them corners are square",
    "css-border-spacing": "MJML resets it to the 0 that Outlook has anyway",
    "css-color-scheme": "says that there is a dark look; without it the light one stays",
    "css-cursor": "MJML sets it on buttons; on a phone there is none",
    "css-height": "MJML writes heights as attributes, too",
    "css-max-height": "MJML and the hidden logo and preheader set display:none beside it",
    "css-opacity": "hides the preheader, which display:none hides, too",
    "css-outline": "MJML resets it on images; there is none to begin with",
    "css-overflow": "hides the preheader, and lets wide tables scroll; without it they are wide",
    "css-overflow-wrap": "breaks long words; word-break does so where this is not known",
    "css-pseudo-class-hover": "a line below a button under the mouse; without it there is none",
    "css-pseudo-class-first-child": "within the look of tables on phones",
    "css-pseudo-class-last-child": "the same",
    "css-text-wrap": "balances the lines of a headline; without it they break as they come",
    "css-white-space": "keeps the lines of code, which <pre> does where this is not known",
    "css-word-break": "breaks long words; without it they are wide",
    "css-word-spacing": "pads the hidden preheader; nothing of it is seen",
    "css-object-fit": "a portrait that is not square; without it the picture is stretched a little",
    "html-aria-label": "says more to a screen reader than is there for others",
    "html-aria-hidden": "hides decoration from a screen reader",
    "html-target": "MJML lets buttons open a window of their own, which programs do anyway",
    "html-anchor-links": "a contents list; where it does nothing, the headings are there still",
    "html-abbr": "an explanation under the mouse; without it the short form stays",
    "html-wbr": "a place where a long word may break",
}
"""What MJML and our shared theme write on purpose, and what is left without it."""

_DEGRADES: Mapping[str, str] = {
    "element": "the tag is left out there, and what is in it may be, too",
    "image": "the picture is not shown there",
    "at": "its rules are left out there",
    "pseudo": "the rule is left out there",
}
_SPECIAL: Mapping[str, str] = {
    "css-position": "the element stands where it would without it",
    "css-float": "the elements stand below each other there",
    "css-display-flex": "the elements stand below each other there",
    "css-display-grid": "the elements stand below each other there",
    "css-background-image": "the plain background colour is seen there",
    "css-linear-gradient": "the plain background colour is seen there",
    "css-variables": "the declaration is left out there",
    "css-at-font-face": "the next font of the list is taken there",
    "html-video": "its poster or nothing is seen there",
    "html-form": "nothing can be filled in there",
    "html-svg": "nothing is seen in its place",
    "html-srcset": "the picture in src is shown there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature that some mail programs do not support."""

    name: str
    """As caniemail calls it in addresses: `https://www.caniemail.com/features/NAME/`."""
    title: str
    way: str
    """How to find it: by a property, a value, an element, ..."""
    wanted: tuple[str, ...]
    fails: Mapping[str, tuple[str, ...]]
    """The platforms that do not support it, by family."""


def check_clients(page: Page, families: tuple[str, ...], places: Places) -> Iterator[Finding]:
    """Find the features of one variant that a mail program of `families` does not support."""
    used = _Used(page)
    for feature in features():
        fails = [
            f"{FAMILIES[family]} ({', '.join(feature.fails[family])})"
            for family in families
            if family in feature.fails
        ]
        if not fails or feature.name in ALLOWED:
            continue
        example = used.example_of(feature)
        if example is not None:
            yield warning(
                "client-support",
                f"{feature.title} is not supported by {'; '.join(fails)}:"
                f" {_SPECIAL.get(feature.name) or _DEGRADES.get(feature.way, _IGNORED)}",
                at=places.of(example),
                hint="do without it, or see that the email is good without it:"
                f" https://www.caniemail.com/features/{feature.name}/",
            )


_IGNORED = "it has no effect there"


@cache
def features() -> tuple[Feature, ...]:
    """Read the facts that come with the package."""
    text = files("newsletter.check").joinpath("client_facts.json").read_text(encoding="utf-8")
    return tuple(
        Feature(
            name=name,
            title=facts["title"],
            way=facts["find"][0],
            wanted=tuple(facts["find"][1:]),
            fails={family: tuple(platforms) for family, platforms in facts["no"].items()},
        )
        for name, facts in json.loads(text)["features"].items()
    )


class _Used:
    """What one page uses; each kind of thing is gathered once."""

    def __init__(self, page: Page) -> None:
        self._elements: dict[str, Element] = {}
        self._attributes: dict[str, list[str]] = {}
        self._values: dict[str, list[str]] = {}
        self._images: list[str] = []
        for element in page.elements:
            self._elements.setdefault(element.tag, element)
            for name, value in element.attributes.items():
                self._attributes.setdefault(name, []).append(value)
            self._declare(read_declarations(element.attributes.get("style", "")))
            if element.tag == "img":
                self._images.append(element.attributes.get("src", ""))
        plain = [rule for rule in page.rules if not rule.media]
        for rule in plain:
            self._declare(rule.declarations)
        self._selectors = "\n".join(each for rule in plain for each in rule.selectors)
        heads = (each for rule in page.rules for each in (rule.media, *rule.selectors))
        self._media = "\n".join(dict.fromkeys(head for head in heads if head.startswith("@")))
        self._all_values = "\n".join(v for found in self._values.values() for v in found)

    def _declare(self, declarations: Declarations) -> None:
        for name, declaration in declarations.items():
            known = self._values.setdefault(name, [])
            if declaration.value not in known:
                known.append(declaration.value)

    def example_of(self, feature: Feature) -> str | None:
        """Give a piece of the source that uses `feature`; None where nothing does."""
        wanted = feature.wanted
        match feature.way:
            case "element":
                return next((f"<{each}" for each in wanted if each in self._elements), None)
            case "property":
                return next((each for each in wanted if each in self._values), None)
            case "attribute":
                return next((each for each in wanted if each in self._attributes), None)
            case "value" | "attribute-value":
                known = self._values if feature.way == "value" else self._attributes
                found = (v for v in known.get(wanted[0], ()) if re.fullmatch(wanted[1], v))
                return next(found, None)
            case "image":
                ending = re.compile(rf"\.(?:{wanted[0]})(?:[?#].*)?", re.IGNORECASE)
                return next((url for url in self._images if ending.search(url)), None)
            case way:
                return self._example_in_css(way, wanted[0])

    def _example_in_css(self, way: str, wanted: str) -> str | None:
        text, pattern = {
            "function": (self._all_values, rf"(?<![\w-]){re.escape(wanted)}\("),
            "unit": (self._all_values, rf"(?<![\w#])\d*\.?\d+{wanted}\b"),
            "pseudo": (self._selectors, rf"(?<!:){re.escape(wanted)}(?![\w-])"),
            "at": (self._media, rf"{wanted}\b"),
            "media": (self._media, rf"\({wanted}\b"),
        }[way]
        found = re.search(pattern, text)
        return found[0] if found else None
