r"""Turn MJML into HTML. The only door to mjml, and the guards it needs.

mrml, the compiler within mjml-python 1.4.2, prints attribute values with Rust's `{:?}` (a
newline becomes `\n`, U+00A0 becomes `\u{a0}`), does not read a unitless 0 in a padding, and
ends the whole process on some 10,000 nested tags. All three are kept from it here. What it takes
in silence (unknown tags and attributes, wrong values and nesting) is told by `Grammar`.
"""

import re
from collections.abc import Mapping
from html.entities import html5

from newsletter.compose.grammar import Grammar, once
from newsletter.compose.origin import origin_before, unmark
from newsletter.errors import InputErrors, Location, ThemeError

DEEPEST = 100
"""How deep tags may be nested; a real email has some twenty levels."""

_COMMENT_OR_TAG = re.compile(r"<!--.*?-->|<[a-zA-Z/](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.DOTALL)
_VALUE = re.compile(r"=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TITLE = re.compile(r"(<mj-title>)(.*?)(</mj-title>)", re.DOTALL)
_PADDING = re.compile(r"(\b(?:inner-)?padding(?:-(?:top|right|bottom|left))?=\")([^\"]*)(?=\")")
_UNITLESS_ZERO = re.compile(r"(?<![\d.\w])0(?![\d.\w%])")
_ESCAPE = re.compile(r"\\u\{[0-9a-f]+\}|\\[nt\"\\]")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_NOT_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


def compile_mjml(source: str, at: Location) -> str:
    """Compile MJML to HTML; nothing is fetched and no font service is named.

    `at` is the place of what does not say by itself which template wrote it.

    Raises:
        ThemeError: `source` is not well-formed, nested too deep, or no MJML.
        InputErrors: it holds what MJML does not know, each with its place.
    """
    from mjml import mjml2html

    _check_form(source, at)
    guarded = guard(unmark(source))
    try:
        html = str(mjml2html(guarded, fonts={}))
    except ValueError as reason:
        raise ThemeError(
            f"the theme's MJML cannot be compiled: {reason}",
            at=at,
            hint="compare it with the components at documentation.mjml.io",
        ) from reason
    _check_attributes(html, at)
    return html


def guard(source: str) -> str:
    """Write every attribute so that mrml passes it on unchanged."""
    guarded = _COMMENT_OR_TAG.sub(lambda found: _guard_tag(found[0]), source)
    # The title becomes the aria-label of the whole email.
    return _TITLE.sub(lambda found: found[1] + _guard_text(found[2]) + found[3], guarded)


def _guard_tag(tag: str) -> str:
    if tag.startswith("<!--"):
        return tag
    guarded = _VALUE.sub(lambda found: f'="{_guard_value(found)}"', tag)
    # What is left outside of values may still hold a line end between two attributes.
    guarded = re.sub(r"[\n\r\t]+", " ", guarded)
    if guarded.startswith("<mj-"):
        guarded = _PADDING.sub(lambda p: p[1] + _UNITLESS_ZERO.sub("0px", p[2]), guarded)
    return guarded


def _guard_value(found: re.Match[str]) -> str:
    return _guard_text(found[1] if found[1] is not None else found[2])


def _guard_text(value: str) -> str:
    value = re.sub(r"[\n\r\t]", " ", value).replace("\\", "&#92;").replace('"', "&quot;")
    # Numeric references pass untouched; all of them, as the list of what Rust escapes is long.
    return re.sub(r"[\x00-\x1f\x7f]", "", value).encode("ascii", "xmlcharrefreplace").decode()


def _check_form(source: str, at: Location) -> None:
    """Let lxml read it first: it names the line of a mistake, and cannot be driven too deep."""
    from lxml import etree

    names = dict.fromkeys(_ENTITY.findall(source))
    entities = "".join(
        f'<!ENTITY {name} "{_references(html5[f"{name};"])}">'
        for name in names
        if name not in _NOT_OF_XML and f"{name};" in html5
    )
    reader = _Reader(Grammar(at))
    parser = etree.XMLParser(
        target=reader, resolve_entities=True, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        etree.fromstring(f"<!DOCTYPE mjml [{entities}]>{source.lstrip()}", parser)
    except etree.XMLSyntaxError as reason:
        raise ThemeError(
            f"the rendered MJML is not well-formed: {_about(reason.msg, source)}",
            at=_place(reason.position, source) or at,
            hint="close each tag, quote each attribute once, write & as &amp;",
        ) from reason
    except _TooDeep as reason:
        raise ThemeError(
            f"tags are nested more than {DEEPEST} deep", at=at, hint="take some of the levels out"
        ) from reason
    if reader.grammar.problems:
        raise InputErrors(once(reader.grammar.problems))


def _place(position: tuple[int, int], source: str) -> Location | None:
    """Find the template that wrote what stands at a line and column of the rendered MJML."""
    line, column = position
    before = source.lstrip().split("\n")[: max(line, 1)]
    before[-1] = before[-1][: max(column, 0)]
    rendered = "\n".join(before)
    return origin_before(rendered, len(rendered))


def _references(text: str) -> str:
    return "".join(f"&#38;#{ord(letter)};" for letter in text)


def _about(message: str, source: str) -> str:
    line = re.search(r"line (\d+), column \d+", message)
    lines = source.lstrip().split("\n")
    number = int(line[1]) if line else 0
    shown = unmark(lines[number - 1]).strip()[:80] if 0 < number <= len(lines) else ""
    return f"{message}: {shown!r}" if shown else message


class _TooDeep(Exception):
    """Tags are nested deeper than any email needs."""


class _Reader:
    """Counts how deep tags are nested while lxml reads, and shows them to the grammar."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeep
        self.grammar.start(tag, attributes)

    def end(self, tag: str) -> None:  # noqa: ARG002 - lxml's interface
        self._depth -= 1
        self.grammar.end()

    def data(self, text: str) -> None:
        self.grammar.words(text)

    def close(self) -> None:
        """Say that the end was reached."""


def _check_attributes(html: str, at: Location) -> None:
    for tag in _COMMENT_OR_TAG.finditer(html):
        if "\\" in tag[0] and not tag[0].startswith("<!--") and _ESCAPE.search(tag[0]):
            raise ThemeError(
                f"an attribute holds what MJML cannot carry: {tag[0][:80]!r}",
                at=at,
                hint="write the letter as a numeric reference such as &#160;",
            )
