"""The looks of an email: the same HTML as different mail programs and devices show it. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from newsletter.web.inversion import Inversion, invert
from newsletter.web.outlook import as_outlook
from newsletter.web.tags import change_attributes, change_tags

_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_OFFERED = re.compile(
    r"""(?<![-\w])(color-scheme\s*:\s*|name="(?:supported-)?color-schemes?" content=")light dark"""
)
_BACKGROUND = re.compile(r"url\([^)]*\)", re.IGNORECASE)


class Look(StrEnum):
    """Where an email is looked at."""

    LIGHT = "light"
    DARK = "dark"
    GMAIL_IPHONE = "gmail-iphone"
    GMAIL_ANDROID = "gmail-android"
    OUTLOOK_DARK = "outlook-dark"
    OUTLOOK = "outlook"
    NO_IMAGES = "no-images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """How the preview tells what a look is."""

    label: str
    about: str
    """Honest about what it is and is not."""
    is_dark: bool = False
    is_guess: bool = False
    """An approximation: what the program really does it does not say."""


CAPTIONS: Mapping[Look, Caption] = {
    Look.LIGHT: Caption(label="Light", about="As most mail programs show it."),
    Look.DARK: Caption(
        label="Dark",
        about="The dark colours of the theme: Apple Mail, Thunderbird, Samsung Email and others"
        " that ask for them.",
        is_dark=True,
    ),
    Look.GMAIL_IPHONE: Caption(
        label="Gmail, iPhone",
        about="Dark mode that turns every colour over, dark ones too. An approximation: Gmail"
        " does not say what exactly it does.",
        is_dark=True,
        is_guess=True,
    ),
    Look.GMAIL_ANDROID: Caption(
        label="Gmail, Android",
        about="Dark mode that makes light grounds dark and dark words light, and leaves the rest."
        " An approximation.",
        is_dark=True,
        is_guess=True,
    ),
    Look.OUTLOOK_DARK: Caption(
        label="Outlook.com",
        about="Dark mode of Outlook.com and the apps of Outlook: light grounds go dark, and the"
        " theme may answer. An approximation.",
        is_dark=True,
        is_guess=True,
    ),
    Look.OUTLOOK: Caption(
        label="Outlook, Windows",
        about="Classic Outlook: its conditional comments count, round corners and rules for"
        " phones do not. An approximation by a browser; Word has its own way with spaces.",
        is_guess=True,
    ),
    Look.NO_IMAGES: Caption(
        label="No images", about="Before a reader lets pictures load: their alt texts stand in."
    ),
}


def in_look(html: str, look: Look) -> str:
    """Make of `html` what a mail program makes of it."""
    return _MAKERS[look](in_scheme(html, dark=look is Look.DARK))


def in_scheme(html: str, *, dark: bool) -> str:
    """Answer what `html` asks of the device, so that it shows in one look on every device."""
    scheme = "dark" if dark else "light"
    answered = _ASKED.sub(
        lambda asked: "(min-width: 0)" if asked[1] == scheme else "(max-width: 0)", html
    )
    return _OFFERED.sub(rf"\g<1>{scheme}", answered)


def without_images(html: str) -> str:
    """Take every picture away and leave its words."""

    def changed(tag: str, inside: str) -> str:
        def value(name: str, text: str) -> str:
            if name == "background" or (tag == "img" and name in ("src", "srcset")):
                return "data:,"
            return _BACKGROUND.sub("none", text) if name == "style" else text

        return change_attributes(inside, value)

    return change_tags(html, changed)


_MAKERS: Mapping[Look, Callable[[str], str]] = {
    Look.LIGHT: str,
    Look.DARK: str,
    Look.GMAIL_IPHONE: lambda html: invert(html, Inversion.FULL),
    Look.GMAIL_ANDROID: lambda html: invert(html, Inversion.PARTIAL),
    Look.OUTLOOK_DARK: lambda html: invert(html, Inversion.OUTLOOK),
    Look.OUTLOOK: as_outlook,
    Look.NO_IMAGES: without_images,
}
