"""The components of MJML: where each may stand, its attributes, and what is a value of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANY = "any"
"""An attribute name in the table: whatever some component has."""

_LENGTH = r"0|\d+(?:\.\d+)?(?:px|%)"
_KINDS = {
    "text": (r".*", "text"),
    "number": (r"\d+", "a whole number"),
    "px": (r"0|\d+(?:\.\d+)?px", "a number of pixels such as 24px"),
    "length": (_LENGTH, "a length such as 24px or 50%"),
    "box": (rf"(?:{_LENGTH})(?:\s+(?:{_LENGTH})){{0,3}}", "one to four lengths such as 0px 32px"),
    "spacing": (r"0|normal|-?\d*\.?\d+(?:px|em)", "a length such as 1px or 0.05em"),
    "factor": (r"\d*\.?\d+", "a factor such as 1.5"),
    "auto": (r"auto", "auto"),
}
"""By kind: the pattern of a value, and how to say what is wanted."""

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})|rgba?\([\d\s,.%]+\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component of MJML."""

    name: str
    parents: frozenset[str]
    holds_html: bool
    """It holds text and HTML, and no component."""
    attributes: Mapping[str, str]
    """The kind of value by name."""


@dataclass(frozen=True, slots=True)
class Components:
    """All of them, by name, and the colours that have a name."""

    table: Mapping[str, Component]
    colours: frozenset[str]

    def attributes_of(self, name: str) -> Mapping[str, str]:
        """Give the attributes of the component `name` with the kinds of their values."""
        own = self.table[name].attributes
        if ANY not in own:
            return own
        shared = {
            key: kind for each in self.table.values() for key, kind in each.attributes.items()
        }
        # The same name has more than one kind (width): as a default for all, any text will do.
        return {key: "text" for key in shared if key != ANY} | dict(own)

    def wanted(self, kind: str, value: str) -> str:
        """Say what kind of value is wanted where `value` is none; empty where it is one."""
        value = value.strip()
        if kind == "colour":
            is_one = _COLOUR.fullmatch(value) or value.lower() in self.colours
            return "" if is_one else "a colour such as #0f625e"
        parts = [_KINDS[part] for part in kind.split("+") if part in _KINDS]
        if not parts:
            choices = kind.split("|")
            return "" if value in choices else f"one of {', '.join(choices)}"
        if any(re.fullmatch(pattern, value, re.DOTALL) for pattern, _ in parts):
            return ""
        return " or ".join(said for _, said in parts)


@cache
def load_components() -> Components:
    """Read the table that the package carries along."""
    source = files("newsletter.compose").joinpath("mjml_components.txt").read_text("utf-8")
    groups: dict[str, str] = {}
    table: dict[str, Component] = {}
    colours: frozenset[str] = frozenset()
    for line in source.splitlines():
        if line.startswith("@"):
            name, _, rest = line.partition(" ")
            groups[name] = _unfold(rest, groups)
        elif line.startswith("colours = "):
            colours = frozenset(line.split()[2:])
        elif line.startswith("mj"):
            component = _component(line, groups)
            table[component.name] = component
    return Components(table, colours)


def _unfold(words: str, groups: Mapping[str, str]) -> str:
    return " ".join(groups[word] if word.startswith("@") else word for word in words.split())


def _component(line: str, groups: Mapping[str, str]) -> Component:
    place, _, attributes = line.partition(" :")
    name, _, *parents = place.split()
    pairs = (word.partition(":")[::2] for word in _unfold(attributes, groups).split())
    return Component(
        name=name,
        parents=frozenset(parents) - {"html"},
        holds_html="html" in parents,
        attributes=dict(pairs),
    )
