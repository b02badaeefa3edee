"""Read Markdown into a tree: CommonMark, tables, strikethrough, footnotes, definition lists.

The only door to markdown-it-py and its plug-ins.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.compose.tree import Kind, Node
from newsletter.errors import AnnouncementError, Location
from newsletter.issue.directives import DIRECTIVES

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

DEEPEST = 40
"""How many levels of lists, quotes and emphasis a body may have; nobody reads so many."""

LONGEST = 400_000
"""How many characters a body may have: some 200 screens, more than anybody reads of an email."""

_MOST_LINES = 15_000
_MOST_BRACKETS = 15_000
"""What a body of that length has at most when a person wrote it; more takes a minute to read."""

_NESTING = 100
"""markdown-it drops what is nested deeper without a word; `DEEPEST` refuses it first."""

_KINDS = {
    "heading_open": Kind.HEADING,
    "paragraph_open": Kind.PARAGRAPH,
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "list_item_open": Kind.ITEM,
    "blockquote_open": Kind.QUOTE,
    "table_open": Kind.TABLE,
    "tr_open": Kind.ROW,
    "th_open": Kind.CELL,
    "td_open": Kind.CELL,
    "code_block": Kind.CODE,
    "fence": Kind.CODE,
    "hr": Kind.RULE,
    "dl_open": Kind.DEFINITIONS,
    "dt_open": Kind.TERM,
    "dd_open": Kind.MEANING,
    "footnote_block_open": Kind.NOTES,
    "footnote_open": Kind.NOTE,
    "footnote_ref": Kind.NOTE_MARK,
    "container_directive_open": Kind.DIRECTIVE,
    "html_block": Kind.HTML,
    "text": Kind.TEXT,
    "em_open": Kind.EMPHASIS,
    "strong_open": Kind.STRONG,
    "s_open": Kind.STRUCK,
    "code_inline": Kind.CODE_SPAN,
    "link_open": Kind.LINK,
    "image": Kind.IMAGE,
    "softbreak": Kind.SOFT_BREAK,
    "hardbreak": Kind.HARD_BREAK,
    "html_inline": Kind.TAG,
}
_TRANSPARENT = ("thead", "tbody")

_MARKDOWN_INSIDE = re.compile(
    r" {0,3}<[a-z][^<>]*\smarkdown(?:=[\"']?(?:1|block|span)[\"']?)?[^<>]*>[ \t]*", re.IGNORECASE
)
"""How kramdown and others let Markdown stand within HTML without an empty line."""


def parse_markdown(
    body: str, place: Callable[[int], Location], *, quotes: tuple[str, ...] = ()
) -> tuple[Node, ...]:
    """Read `body`; `place` tells where a line of it, counted from 1, stands in the file.

    With `quotes`, the four quotation marks of a language (double, then single), typed quotes,
    dashes and dots become those of print.

    Raises:
        AnnouncementError: it is too long, or nested too deep.
    """
    for count, most, things in (
        (len(body), LONGEST, "characters"),
        (body.count("\n"), _MOST_LINES, "lines"),
        (body.count("["), _MOST_BRACKETS, "opening square brackets"),
    ):
        if count > most:
            problem = f"the body has {count:,} {things}, more than any mail program shows"
            hint = f"shorten it to {most:,} {things}, or link to the long text"
            raise AnnouncementError(problem, at=place(1), hint=hint)
    reading = _Reading(place)
    for token in _parser(quotes).parse(body):
        reading.take(token)
    return tuple(reading.nodes)


@lru_cache(maxsize=8)
def _parser(quotes: tuple[str, ...]) -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _NESTING})
    parser.enable(["table", "strikethrough"])
    parser.use(deflist_plugin).use(footnote_plugin)
    # One for all names: each would be asked at every line.
    parser.use(container_plugin, "directive", validate=_is_directive)
    if quotes:
        parser.options["typographer"], parser.options["quotes"] = True, list(quotes)
        parser.enable(["smartquotes"])
        parser.core.ruler.before("smartquotes", "dashes", _dashes)
    parser.block.ruler.before(
        "html_block", "markdown_inside", _markdown_inside, {"alt": ["paragraph", "blockquote"]}
    )
    parser.disable("footnote_inline")  # `^[` stands in formulas more often than in footnotes
    # Every link is let through here: `links` judges it, and says so with its line.
    parser.validateLink = lambda url: True  # type: ignore[method-assign] # noqa: ARG005 - the hook that the library documents for it
    return parser


def _is_directive(info: str, _markup: str) -> bool:
    return info.strip().partition(" ")[0] in DIRECTIVES


def _dashes(state: "StateCore") -> None:
    """Make dashes and an ellipsis of typed ones; `(c)` stays, it numbers a list."""
    from markdown_it.rules_core.replacements import RARE_RE, replace_rare

    for token in state.tokens:
        if token.type == "inline" and token.children and RARE_RE.search(token.content):
            replace_rare(token.children)


def _markdown_inside(state: "StateBlock", line: int, end: int, silent: bool) -> bool:  # noqa: ARG001, FBT001 - the signature of the library
    """Read a line of one tag with the attribute `markdown`; what follows it is Markdown."""
    begin, after = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    if state.src[begin : begin + 1] != "<" or not _MARKDOWN_INSIDE.fullmatch(
        state.src, begin, after
    ):
        return False
    if not silent:
        state.line = line + 1
        token = state.push("html_block", "", 0)
        token.map, token.content = [line, line + 1], state.src[begin:after]
    return True


@dataclass(slots=True)
class _Open:
    """A part whose end is not read yet."""

    token: "Token"
    line: int
    children: list[Node] = field(default_factory=list)


class _Reading:
    """Builds the tree from the flat run of tokens."""

    def __init__(self, place: Callable[[int], Location]) -> None:
        self.nodes: list[Node] = []
        self._path: list[_Open] = []
        self._line = 1
        self._place = place

    def take(self, token: "Token") -> None:
        """Read one token of a block or of a line."""
        if token.map:
            self._line = token.map[0] + 1
        if token.type == "inline":
            for child in token.children or ():
                self.take(child)
        elif token.tag in _TRANSPARENT or token.type == "footnote_anchor":
            return
        elif token.nesting > 0:
            self._open(token)
        elif token.nesting < 0:
            closed = self._path.pop()
            self._add(_node(closed.token, closed.line, tuple(closed.children)))
        else:
            self._add(_node(token, self._line))
        self._line += _line_ends(token)

    def _add(self, node: Node) -> None:
        (self._path[-1].children if self._path else self.nodes).append(node)

    def _open(self, token: "Token") -> None:
        if len(self._path) >= DEEPEST:
            raise AnnouncementError(
                f"lists, quotes and emphasis are nested more than {DEEPEST} deep",
                at=self._place(self._line),
                hint="take some of the levels out",
            )
        self._path.append(_Open(token, self._line))


def _line_ends(token: "Token") -> int:
    if token.type in {"softbreak", "hardbreak"}:
        return 1
    return token.content.count("\n") if token.type == "html_inline" else 0


def _node(token: "Token", line: int, children: tuple[Node, ...] = ()) -> Node:
    style = str(token.attrGet("style") or "")
    if _KINDS[token.type] is Kind.DIRECTIVE:
        name, _, argument = token.info.strip().partition(" ")
        return Node(
            kind=Kind.DIRECTIVE, line=line, children=children, title=name, text=argument.strip()
        )
    return Node(
        kind=_KINDS[token.type],
        line=line,
        children=children,
        text=_bare_text(token) if token.type == "image" else token.content,
        url=str(token.attrGet("href") or token.attrGet("src") or ""),
        title=str(token.attrGet("title") or token.info or "").strip(),
        level=_level(token),
        align=style.removeprefix("text-align:"),
        is_head=token.tag == "th",
        is_tight=token.hidden,
    )


def _level(token: "Token") -> int:
    match token.type:
        case "heading_open":
            return int(token.tag[1:])
        case "ordered_list_open":
            return int(token.attrGet("start") or 1)
        case "bullet_list_open":
            return -1
        case "footnote_open" | "footnote_ref":
            return int(token.meta["id"]) + 1
        case _:
            return 0


def _bare_text(token: "Token") -> str:
    if token.children is None:
        return token.content
    return "".join(_bare_text(child) for child in token.children)
