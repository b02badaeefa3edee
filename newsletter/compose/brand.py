"""The brand: what a society is called, where it lives and how it looks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.compose.colour import parse_colour
from newsletter.compose.language import direction_of
from newsletter.compose.when import is_zone
from newsletter.tables import Lines, Problems, Table

SANS = "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
SERIF = "Georgia, 'Times New Roman', serif"

_FONTS = re.compile(r"[\w ,'-]+")
"""Names, commas and single quotes: nothing that could end a declaration or an attribute."""
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A BCP 47 tag, as far as email needs it."""


@dataclass(frozen=True, slots=True)
class SocialLink:
    """Where else the society is found."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What every email of the society has in common. Values are data, never markup."""

    name: str
    short_name: str
    legal_name: str
    postal_address: tuple[str, ...]
    """One line each; the law of many countries wants it in every bulk email (CAN-SPAM)."""
    website: str = ""
    smart_punctuation: bool = False
    """Whether typed quotes, dashes and dots become those of print where nobody says otherwise."""
    reason: str = ""
    """Why a member gets this."""
    lang: str = "en"
    dir: str = "ltr"
    time_zone: str = ""
    """The IANA name of the zone of a time of an event that names none; empty for no such zone."""
    accent: str = "#0f625e"
    """`#rrggbb`, for links, buttons and the kicker on white."""
    accent_dark: str = "#5cc8c0"
    """The same on the dark card."""
    logo: str = ""
    """A path beside newsletter.toml, or an https URL; the name is set in type where empty."""
    logo_dark: str = ""
    logo_alt: str = ""
    logo_width: int = 160
    """Pixels."""
    heading_font: str = SERIF
    body_font: str = SANS
    social: tuple[SocialLink, ...] = ()


def read_brand(table: Mapping[str, object], path: str, lines: Lines | None = None) -> Brand:
    """Read the tables [society] and [brand] of the settings file `path`.

    `lines` tells where its keys stand.

    Raises:
        InputErrors: with a SettingsError for every wrong type, colour, missing or unknown key.
    """
    problems = Problems(path, lines or {})
    society = problems.table(table, "society", _SOCIETY_KEYS)
    look = problems.table(table, "brand", _BRAND_KEYS)
    brand = _brand(problems, society, look)
    problems.raise_if_any()
    return brand


_SOCIETY_KEYS = (
    *("name", "short_name", "legal_name", "postal_address"),
    *("website", "lang", "dir", "time_zone", "reason", "smart_punctuation"),
)
_BRAND_KEYS = (
    *("accent", "accent_dark", "logo", "logo_dark", "logo_alt", "logo_width"),
    *("heading_font", "body_font", "social"),
)


def _brand(problems: Problems, society: Table, look: Table) -> Brand:
    name = society.text("name", required=True)
    lang = society.matching("lang", "en", LANGUAGE, "a language tag such as en or pt-BR")
    return Brand(
        name=name,
        short_name=society.text("short_name", name),
        legal_name=society.text("legal_name", name),
        postal_address=society.lines("postal_address", required=True),
        website=society.link("website"),
        reason=society.text("reason"),
        smart_punctuation=society.flag("smart_punctuation"),
        lang=lang,
        dir=society.choice("dir", ("ltr", "rtl"), direction_of(lang)),
        time_zone=_time_zone(society),
        accent=_colour(look, "accent", "#0f625e"),
        accent_dark=_colour(look, "accent_dark", "#5cc8c0"),
        logo=look.text("logo"),
        logo_dark=look.text("logo_dark"),
        logo_alt=look.text("logo_alt", name),
        logo_width=look.number("logo_width", 160, low=16, high=536),
        heading_font=look.matching("heading_font", SERIF, _FONTS, "a list of font names"),
        body_font=look.matching("body_font", SANS, _FONTS, "a list of font names"),
        social=_social(problems, look.values.get("social", [])),
    )


def _time_zone(table: Table) -> str:
    name = table.text("time_zone")
    if name and not is_zone(name):
        table.problem("time_zone", f"is no time zone: {name!r}", "write it as Europe/Berlin")
        return ""
    return name


def _social(problems: Problems, found: object) -> tuple[SocialLink, ...]:
    if not isinstance(found, list):
        problems.add(
            "brand.social has to be a list of tables",
            "write [[brand.social]] with name and url",
            table="brand",
            key="social",
        )
        return ()
    links = []
    for entry in found:
        each = problems.table({"brand.social": entry}, "brand.social", ("name", "url"))
        links.append(SocialLink(each.text("name", required=True), each.link("url", required=True)))
    return tuple(links)


def _colour(table: Table, key: str, default: str) -> str:
    value = table.text(key, default)
    colour = parse_colour(value)
    if colour is None:
        table.problem(key, f"is not a colour: {value!r}", "write it as #0f625e")
        return default
    return colour
