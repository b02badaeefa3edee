"""Make `client_facts.json` from the data that caniemail publishes.

    python -m newsletter.check.make_client_facts caniemail.json > newsletter/check/client_facts.json

`caniemail.json` is `data/caniemail.json` of the npm package `caniemail` (MIT licence), which
holds what https://www.caniemail.com measures. Kept is what checks ask for: how to find a feature
in an email, and where it does nothing.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "apple-mail": {"macos": "macOS", "ios": "iOS"},
    "gmail": {"desktop-webmail": "web", "ios": "iOS", "android": "Android"},
    "outlook": {"windows": "Windows", "macos": "macOS", "outlook-com": "web", "ios": "iOS"}
    | {"android": "Android"},
    "yahoo": {"desktop-webmail": "web", "ios": "iOS", "android": "Android"},
    "samsung-email": {"android": "Android"},
    "thunderbird": {"macos": "macOS", "windows": "Windows"},
}
"""What people use today; the Mail program of Windows 10 and Gmail's page for phones are over."""

_FIND: Mapping[str, tuple[str, ...]] = {
    "css-display-flex": ("value", "display", "flex|inline-flex"),
    "css-display-grid": ("value", "display", "grid|inline-grid"),
    "css-variables": ("function", "var"),
    "css-unit-calc": ("function", "calc"),
    "css-function-light-dark": ("function", "light-dark"),
    "css-function-clamp": ("function", "clamp"),
    "css-function-max": ("function", "max"),
    "css-function-min": ("function", "min"),
    "css-linear-gradient": ("function", "linear-gradient"),
    "css-radial-gradient": ("function", "radial-gradient"),
    "css-conic-gradient": ("function", "conic-gradient"),
    "css-rgba": ("function", "rgba"),
    "css-column-count": ("property", "column-count", "columns", "column-width"),
    "css-gap": ("property", "gap", "column-gap", "row-gap"),
    "css-grid-template": ("property", "grid-template", "grid-template-columns"),
    "css-left-right-top-bottom": ("property", "left", "right", "top", "bottom"),
    "css-color-scheme": ("property", "color-scheme"),
    "css-white-space-collapse": ("property", "white-space-collapse"),
    "css-inset": ("property", "inset"),
    "css-at-media": ("at", "@media"),
    "html-semantics": (
        *("element", "article", "aside", "details", "figcaption", "figure", "footer"),
        *("header", "main", "mark", "nav", "section", "summary", "time"),
    ),
    "html-lists": ("element", "ul", "ol", "dl"),
    "html-input-text": ("element", "input"),
    "html-srcset": ("attribute", "srcset", "sizes"),
    "html-anchor-links": ("attribute-value", "href", "#.+"),
    "html-image-maps": ("element", "map", "area"),
    "html-strike": ("element", "strike"),
    "html-abbr": ("element", "abbr"),
    "html-del": ("element", "del"),
    "html-ruby": ("element", "ruby"),
    "html-loading-attribute": ("attribute", "loading"),
    "html-hidden": ("attribute", "hidden"),
    "html-popover": ("attribute", "popover"),
    "html-required": ("attribute", "required"),
}
"""How to find the features whose names do not say it: a way, and what to look for."""

_ELEMENTS = frozenset(
    {"audio", "base", "dialog", "form", "link", "marquee", "meter", "object", "picture"}
    | {"progress", "select", "svg", "textarea", "video", "address", "bdi", "code", "dfn", "pre"}
    | {"small", "span", "hr", "wbr", "rp", "rt", "acronym", "blockquote", "img", "table", "p"}
)
_ATTRIBUTES = frozenset(
    {"align", "background", "cellpadding", "cellspacing", "dir", "height", "lang", "role"}
    | {"target", "valign", "width"}
)
_IMAGES = {"jpg": "jpe?g", "heif": "hei[cf]", "tiff": "tiff?"}
_PROPERTY = re.compile(r"[a-z]+(?:-[a-z]+)*")


def make_facts(published: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce the published data: by feature its title, how to find it, and where it fails."""
    features = {
        feature["slug"]: {"title": feature["title"], "find": list(find), "no": fails}
        for feature in published["data"]
        if (find := _find(feature)) and (fails := dict(_failing(feature["stats"])))
    }
    return {
        "source": "https://www.caniemail.com (npm package caniemail, data/caniemail.json)",
        "licence": "MIT, Copyright (c) Remi Parmentier, Avi Goldman, Andrew Powell",
        "updated": published["last_update_date"][:10],
        "features": dict(sorted(features.items())),
    }


def _find(feature: Mapping[str, Any]) -> tuple[str, ...]:
    slug = str(feature["slug"])
    kind, _, name = slug.partition("-")
    if slug in _FIND:
        return _FIND[slug]
    if kind == "html":
        if name.startswith("aria-") or name in _ATTRIBUTES:
            return ("attribute", name)
        return ("element", name) if name in _ELEMENTS else ()
    if kind == "image":
        return ("image", _IMAGES.get(name, name)) if name != "base64" else ()
    return _find_css(name, str(feature["title"])) if kind == "css" else ()


def _find_css(name: str, title: str) -> tuple[str, ...]:
    for prefix, way in (
        ("at-media-", "media"),
        ("at-", "at"),
        ("pseudo-class-", "pseudo"),
        ("pseudo-element-", "pseudo"),
        ("unit-", "unit"),
    ):
        if name.startswith(prefix):
            sign = {"at": "@", "pseudo": "::" if "element" in prefix else ":"}.get(way, "")
            rest = name.removeprefix(prefix)
            return (way, sign + rest) if rest not in {"initial", "percent"} else ()
    plain = title.removesuffix(" property").strip()
    return ("property", plain) if _PROPERTY.fullmatch(plain) and plain == name else ()


def _failing(stats: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for family, platforms in _PLATFORMS.items():
        names = [
            shown
            for platform, shown in platforms.items()
            if _latest(stats.get(family, {}).get(platform, {})).startswith("n")
        ]
        if names:
            yield family, names


def _latest(versions: Mapping[str, str]) -> str:
    return list(versions.values())[-1] if versions else "u"


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(make_facts(given), indent=1, ensure_ascii=False) + "\n")
