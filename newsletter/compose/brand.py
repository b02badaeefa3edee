"""The brand: what a society is called, where it lives and how it looks."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.compose.colour import parse_colour
from newsletter.compose.language import direction_of
from newsletter.errors import InputError, InputErrors, Location, SettingsError

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
    reason: str = ""
    """Why a member gets this."""
    lang: str = "en"
    dir: str = "ltr"
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


def read_brand(table: Mapping[str, object], path: str) -> Brand:
    """Read the tables [society] and [brand] of the settings file `path`.

    Raises:
        InputErrors: with a SettingsError for every wrong type, colour, missing or unknown key.
    """
    settings = _Settings(path)
    society = settings.table(table, "society", _SOCIETY_KEYS)
    look = settings.table(table, "brand", _BRAND_KEYS)
    brand = _brand(settings, society, look)
    if settings.problems:
        raise InputErrors(settings.problems)
    return brand


_SOCIETY_KEYS = (
    *("name", "short_name", "legal_name", "postal_address"),
    *("website", "lang", "dir", "reason"),
)
_BRAND_KEYS = (
    *("accent", "accent_dark", "logo", "logo_dark", "logo_alt", "logo_width"),
    *("heading_font", "body_font", "social"),
)


def _brand(settings: _Settings, society: _Table, look: _Table) -> Brand:
    name = society.text("name", required=True)
    lang = society.matching("lang", "en", LANGUAGE, "a language tag such as en or pt-BR")
    return Brand(
        name=name,
        short_name=society.text("short_name", name),
        legal_name=society.text("legal_name", name),
        postal_address=society.lines("postal_address"),
        website=society.link("website"),
        reason=society.text("reason"),
        lang=lang,
        dir=society.choice("dir", ("ltr", "rtl"), direction_of(lang)),
        accent=look.colour("accent", "#0f625e"),
        accent_dark=look.colour("accent_dark", "#5cc8c0"),
        logo=look.text("logo"),
        logo_dark=look.text("logo_dark"),
        logo_alt=look.text("logo_alt", name),
        logo_width=look.pixels("logo_width", 160),
        heading_font=look.matching("heading_font", SERIF, _FONTS, "a list of font names"),
        body_font=look.matching("body_font", SANS, _FONTS, "a list of font names"),
        social=_social(settings, look.values.get("social", [])),
    )


def _social(settings: _Settings, found: object) -> tuple[SocialLink, ...]:
    if not isinstance(found, list):
        settings.problem("brand.social has to be [[brand.social]] tables with name and url")
        return ()
    links = []
    for entry in found:
        each = settings.table({"brand.social": entry}, "brand.social", ("name", "url"))
        links.append(SocialLink(each.text("name", required=True), each.link("url", required=True)))
    return tuple(links)


@dataclass(frozen=True, slots=True)
class _Settings:
    path: str
    problems: list[InputError] = field(default_factory=list)

    def problem(self, problem: str, hint: str = "") -> None:
        self.problems.append(SettingsError(problem, at=Location(self.path), hint=hint))

    def table(self, parent: Mapping[str, object], name: str, keys: tuple[str, ...]) -> _Table:
        values = parent.get(name, {})
        if not isinstance(values, Mapping):
            self.problem(f"{name} has to be a table, not {values!r}", f"write [{name}]")
            values = {}
        for key in values:
            if key not in keys:
                close = difflib.get_close_matches(str(key), keys, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"use {', '.join(keys)}"
                self.problem(f"unknown key {key!r} in [{name}]", hint)
        return _Table(self, name, values)


@dataclass(frozen=True, slots=True)
class _Table:
    settings: _Settings
    name: str
    values: Mapping[str, object]

    def problem(self, key: str, problem: str, hint: str = "") -> None:
        self.settings.problem(f"{self.name}.{key} {problem}", hint)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.values.get(key)
        if value is None:
            if required:
                self.problem(key, "is missing", f'add {key} = "..." to [{self.name}]')
            return default
        if not isinstance(value, str):
            self.problem(key, f"has to be text, not {value!r}", "put it in quotes")
            return default
        if any(ord(letter) < ord(" ") for letter in value):
            self.problem(key, "holds a line break or another control character")
            return default
        if required and not value.strip():
            self.problem(key, "is empty")
        return value.strip() or default

    def lines(self, key: str) -> tuple[str, ...]:
        found = self.values.get(key)
        lines = [found] if isinstance(found, str) else found
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            problem = "is missing" if found is None else f"has to be lines of text, not {found!r}"
            self.problem(key, problem, f'write {key} = ["first line", "second line"]')
            return ()
        kept = tuple(" ".join(line.split()) for line in lines if line.strip())
        if not kept:
            self.problem(key, "is empty", "write where the society gets its post")
        return kept

    def matching(self, key: str, default: str, pattern: re.Pattern[str], what: str) -> str:
        value = self.text(key, default)
        if not pattern.fullmatch(value):
            self.problem(key, f"has to be {what}, not {value!r}")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            self.problem(key, f"has to be {' or '.join(choices)}, not {value!r}")
            return default
        return value

    def colour(self, key: str, default: str) -> str:
        value = self.text(key, default)
        colour = parse_colour(value)
        if colour is None:
            self.problem(key, f"is not a colour: {value!r}", "write it as #0f625e")
            return default
        return colour

    def link(self, key: str, *, required: bool = False) -> str:
        value = self.text(key, required=required)
        if value and not re.fullmatch(r"https?://[^\s<>\"']+|mailto:[^\s<>\"']+", value):
            self.problem(key, f"is not a link: {value!r}", "begin it with https://")
            return ""
        return value

    def pixels(self, key: str, default: int) -> int:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 16 <= value <= 536:  # noqa: PLR2004 - from an icon to the width of the card
            self.problem(key, f"has to be a number of pixels from 16 to 536, not {value!r}")
            return default
        return value
