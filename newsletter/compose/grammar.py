"""Hold MJML against its components: the compiler takes anything, and draws it wrong in silence."""

from collections.abc import Iterable, Mapping

from newsletter.compose.components import Component, load_components
from newsletter.compose.origin import ATTRIBUTE, origin_of
from newsletter.errors import Location, ThemeError
from newsletter.suggest import closest

_DEFAULTS = "mj-attributes"
_NEEDS_ALT = frozenset({"mj-image", "mj-carousel-image"})
_SHOWN = 40


class Grammar:
    """Sees each tag in its order, and keeps what is wrong with it."""

    def __init__(self, at: Location) -> None:
        """Begin; `at` is the place of what has no origin."""
        self.problems: list[ThemeError] = []
        self._known = load_components()
        self._open: list[tuple[str, Location]] = []
        self._at = at
        self._words_told: set[Location] = set()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """See a start tag."""
        at = origin_of(attributes.get(ATTRIBUTE)) or (self._open[-1][1] if self._open else self._at)
        parent = self._open[-1][0] if self._open else "-"
        self._open.append((tag, at))
        component = self._known.table.get(tag)
        if component:
            self._nesting(component, parent, at)
            self._attributes(tag, attributes, at, is_default=parent == _DEFAULTS)
        elif tag.startswith("mj"):
            hint = _close(tag, self._known.table) or "see documentation.mjml.io for the components"
            self._tell(f"there is no <{tag}> in MJML", at, hint)
        elif self._is_layout(parent):
            problem = f"<{tag}> stands directly in <{parent}>, where nobody would see it"
            self._tell(problem, at, "put it into an <mj-text> or an <mj-raw>")

    def end(self) -> None:
        """See an end tag."""
        self._open.pop()

    def words(self, text: str) -> None:
        """See text."""
        tag, at = self._open[-1] if self._open else ("", self._at)
        if text.strip() and self._is_layout(tag) and at not in self._words_told:
            self._words_told.add(at)
            shown = text.strip()[:_SHOWN]
            problem = f"text stands directly in <{tag}>, where nobody would see it: {shown!r}"
            self._tell(problem, at, "put it into an <mj-text>")

    def _is_layout(self, tag: str) -> bool:
        component = self._known.table.get(tag)
        return component is not None and not component.holds_html

    def _nesting(self, component: Component, parent: str, at: Location) -> None:
        if parent == _DEFAULTS or parent in component.parents or parent.startswith("mj-include"):
            return
        if parent.startswith("mj") and parent not in self._known.table:
            return  # told already
        if parent == "-":
            self._tell(f"<{component.name}> begins the email", at, "begin it with <mjml>")
            return
        places = " or ".join(f"<{each}>" for each in sorted(component.parents - {"-"}))
        problem = f"<{component.name}> cannot stand in <{parent}>"
        hint = f"put it directly into {places}" if places else "write it once, around everything"
        self._tell(problem, at, hint)

    def _attributes(
        self, tag: str, attributes: Mapping[str, str], at: Location, *, is_default: bool
    ) -> None:
        kinds = self._known.attributes_of(tag)
        for name, value in attributes.items():
            if name == ATTRIBUTE:
                continue
            if name not in kinds:
                hint = _close(name, kinds) or "leave it out; docs/themes.md tells what is checked"
                self._tell(f"<{tag}> has no attribute {name!r}", at, hint)
                continue
            wanted = self._known.wanted(kinds[name], value)
            if wanted:
                problem = f"{name}={value[:_SHOWN]!r} of <{tag}> is no such value"
                self._tell(problem, at, f"write {wanted}")
        if tag in _NEEDS_ALT and "alt" not in attributes and not is_default:
            hint = 'write alt="…", or alt="" for mere decoration'
            self._tell(f"<{tag}> has no alt", at, hint)

    def _tell(self, problem: str, at: Location, hint: str) -> None:
        self.problems.append(ThemeError(problem, at=at, hint=hint))


def _close(name: str, known: Iterable[str]) -> str:
    found = closest(name, known)
    return f"write {found}" if found else ""


def once(problems: Iterable[ThemeError]) -> tuple[ThemeError, ...]:
    """Tell each problem once: a loop writes the same tag many times."""
    by_words = {str(each): each for each in problems}
    return tuple(
        sorted(by_words.values(), key=lambda e: (e.at.path, e.at.line or 0) if e.at else ("", 0))
    )
