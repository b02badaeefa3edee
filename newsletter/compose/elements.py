"""What becomes of each element of raw HTML in an email. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from newsletter.compose.authorstyle import keep_styles, side_of
from newsletter.compose.rawtable import understand_table
from newsletter.compose.sanitise import ALLOWED
from newsletter.compose.tree import Kind, Node, is_inline, walk, words_of

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("strong", "b"), Kind.STRONG),
    **dict.fromkeys(("em", "i"), Kind.EMPHASIS),
    **dict.fromkeys(("s", "strike", "del"), Kind.STRUCK),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("ul", "ol"), Kind.LIST),
    "p": Kind.PARAGRAPH,
    "li": Kind.ITEM,
    "blockquote": Kind.QUOTE,
    "dl": Kind.DEFINITIONS,
    "dt": Kind.TERM,
    "dd": Kind.MEANING,
}
"""The elements that Markdown has a sign for."""

SAME_AS: Mapping[str, str] = {
    **dict.fromkeys(
        ("address", "article", "aside", "center", "details", "fieldset", "footer", "header"), "div"
    ),
    **dict.fromkeys(("hgroup", "main", "nav", "search", "section"), "div"),
    "summary": "p",
    "figcaption": "p",
    "legend": "p",
    "acronym": "abbr",
    "font": "span",
    "time": "span",
    "label": "span",
    "picture": "span",
    "tt": "code",
}
"""The elements that another one can stand in for."""

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
    | {"source", "track", "wbr"}
)

QUIET = frozenset({"source", "track", "wbr", "html", "body", "head", "link", "meta"})
"""Elements that nobody misses."""

_QUIET_ATTRIBUTES = re.compile(
    r"(?:data|aria)-.*|border|cell(?:padding|spacing)|class|crossorigin|decoding|fetchpriority|height"
    r"|hidden|itemprop|loading|markdown|name|id|open|referrerpolicy|rel|role|sizes|srcset|target"
    r"|summary|datetime|for|tabindex|frame.*|allow.*"
)
"""Attributes that change nothing for the reader of an email."""

_VIDEO = re.compile(
    r"(?:www\.)?(?:youtube(?:-nocookie)?\.com/embed/(?P<youtube>[\w-]+)"
    r"|player\.vimeo\.com/video/(?P<vimeo>\d+))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element of raw HTML with what stands in it, already understood."""

    tag: str
    line: int
    attributes: Mapping[str, str]
    children: tuple[Node, ...] = ()


def attributes_of(tag: str, given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Give the attributes that email can carry, and say what is left out."""
    kept: dict[str, str] = {}
    lost: list[str] = []
    real = SAME_AS.get(tag, tag)
    allowed = ALLOWED.get(real, frozenset()) | {"align"}
    for name, value in given.items():
        if name == "style":
            css, gone = keep_styles(value)
            kept |= {"style": css} if css else {}
            lost += [f"the style {each}" for each in gone if (tag, each) != ("img", "height")]
        elif name in allowed or name in {"id", "name"}:
            kept[name] = value
        elif (tag, name) == ("font", "color"):
            css, gone = keep_styles(f"color: {value}")
            kept |= {"style": css} if css else {}
            lost += [f"the style {each}" for each in gone]
        elif not _QUIET_ATTRIBUTES.fullmatch(name):
            lost.append(f"the attribute {name} of <{tag}>")
    if tag == "center":
        kept["align"] = "center"
    return kept, lost


def trimmed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Leave out the white space at both ends of running text."""
    begin, end = 0, len(nodes)
    while begin < end and nodes[begin].kind is Kind.TEXT and not nodes[begin].text.strip():
        begin += 1
    while begin < end and nodes[end - 1].kind is Kind.TEXT and not nodes[end - 1].text.strip():
        end -= 1
    return nodes[begin:end]


def is_known(tag: str) -> bool:
    """Tell whether an element comes through, as itself or as another."""
    return any(tag in known for known in (ALLOWED, KINDS, SAME_AS, _MAKERS, QUIET))


def video_link(source: str) -> str:
    """Give the page of a film that a frame shows; empty where it is none that is known."""
    parts = urlsplit(source if "//" in source else f"https://{source}")
    found = _VIDEO.match(f"{parts.netloc}{parts.path}")
    if not found:
        return ""
    if found["vimeo"]:
        return f"https://vimeo.com/{found['vimeo']}"
    return f"https://www.youtube.com/watch?v={found['youtube']}"


def understand(element: Element) -> tuple[Node, ...]:
    """Turn an element into nodes of the tree: those of Markdown where it has a sign for them."""
    tag = SAME_AS.get(element.tag, element.tag)
    make = _MAKERS.get(element.tag)
    made: tuple[Node, ...]
    if make:
        made = make(element)
    elif tag in KINDS:
        made = (_as_markdown(element, KINDS[tag]),)
    elif tag in ALLOWED:
        made = (replace(_node(element, Kind.ELEMENT), tag=tag),)
    else:
        made = element.children
    return (*_anchors(element), *made)


_CODE = frozenset({Kind.TEXT, Kind.CODE_SPAN, Kind.ELEMENT, Kind.SOFT_BREAK, Kind.HARD_BREAK})


def _raw_words(nodes: Iterable[Node]) -> str:
    return "".join(
        "\n" if node.kind in (Kind.SOFT_BREAK, Kind.HARD_BREAK) else node.text
        for node in walk(nodes)
    )


def _anchors(element: Element) -> tuple[Node, ...]:
    """Give the names under which links of the body know this place."""
    names = [element.attributes.get("id", "")]
    names += [element.attributes.get("name", "")] if element.tag == "a" else []
    return tuple(
        Node(kind=Kind.ANCHOR, line=element.line, title=name)
        for name in dict.fromkeys(filter(None, names))
        if element.tag not in HEADINGS
    )


HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
"""Their names stay with them."""


def _node(element: Element, kind: Kind) -> Node:
    return Node(
        kind=kind,
        line=element.line,
        children=element.children,
        attributes={k: v for k, v in element.attributes.items() if k != "name"},
    )


def _link(element: Element) -> tuple[Node, ...]:
    if "href" not in element.attributes:
        return element.children
    link = replace(
        _node(element, Kind.LINK),
        url=element.attributes["href"],
        title=element.attributes.get("title", ""),
    )
    return (link,)


def _image(element: Element) -> tuple[Node, ...]:
    given = element.attributes
    image = Node(
        kind=Kind.IMAGE,
        line=element.line,
        text=" ".join(given.get("alt", "").split()),
        url=given.get("src", ""),
        title=given.get("title", ""),
        attributes={key: value for key, value in given.items() if key in ("width", "style")},
        is_decorative="alt" in given and not given["alt"].strip(),
    )
    return (image,)


def _sign(element: Element) -> tuple[Node, ...]:
    kind = Kind.HARD_BREAK if element.tag == "br" else Kind.RULE
    return (Node(kind=kind, line=element.line),)


def _summary(element: Element) -> tuple[Node, ...]:
    bold = Node(kind=Kind.STRONG, line=element.line, children=element.children)
    return (replace(_node(element, Kind.PARAGRAPH), children=(bold,)),)


def _code(element: Element) -> tuple[Node, ...]:
    if not all(node.kind in _CODE for node in walk(element.children)):
        return (replace(_node(element, Kind.ELEMENT), tag=SAME_AS.get(element.tag, element.tag)),)
    kind = Kind.CODE if element.tag == "pre" else Kind.CODE_SPAN
    words = _raw_words(element.children).removeprefix("\n")
    return (Node(kind=kind, line=element.line, text=words),)


def _as_markdown(element: Element, kind: Kind) -> Node:
    node = _node(element, kind)
    if kind is Kind.HEADING:
        return replace(node, level=int(element.tag[1]))
    if kind is Kind.LIST:
        items = tuple(each for each in node.children if each.kind in (Kind.ITEM, Kind.LIST))
        start = element.attributes.get("start", "1")
        level = -1 if element.tag == "ul" else int(start) if start.isdecimal() else 1
        return replace(node, children=items, level=level)
    if kind is Kind.PARAGRAPH:
        return _paragraph(node)
    return node


def _paragraph(node: Node) -> Node:
    if not all(map(is_inline, node.children)):
        return replace(node, kind=Kind.ELEMENT, tag="div")
    return replace(node, kind=Kind.PARAGRAPH, tag="", children=trimmed(node.children))


def _aligned(element: Element) -> tuple[Node, ...]:
    """Take a division for a paragraph where it only puts words in the middle."""
    node = replace(_node(element, Kind.ELEMENT), tag="div")
    return (_paragraph(node) if side_of(node) and trimmed(node.children) else node,)


def _figure(element: Element) -> tuple[Node, ...]:
    """Make a figure block of a picture with a caption; anything else stays what it is."""
    images = [each for each in element.children if _is_image(each)]
    captions = tuple(each for each in element.children if each not in images and words_of([each]))
    if len(images) != 1:
        return (replace(_node(element, Kind.ELEMENT), tag="div"),)
    picture = images[0]
    if picture.kind is not Kind.PARAGRAPH:
        picture = Node(kind=Kind.PARAGRAPH, line=picture.line, children=(picture,))
    block = replace(_node(element, Kind.DIRECTIVE), title="figure", attributes={})
    return (replace(block, children=(picture, *captions)),)


def _is_image(node: Node) -> bool:
    if node.kind in (Kind.PARAGRAPH, Kind.LINK):
        return len(node.children) == 1 and _is_image(node.children[0])
    return node.kind is Kind.IMAGE


def _table(element: Element) -> tuple[Node, ...]:
    return (understand_table(replace(_node(element, Kind.ELEMENT), tag="table")),)


_MAKERS: Mapping[str, Callable[[Element], tuple[Node, ...]]] = {
    "center": _aligned,
    "div": _aligned,
    "a": _link,
    "img": _image,
    "br": _sign,
    "hr": _sign,
    "summary": _summary,
    "figure": _figure,
    "table": _table,
    "pre": _code,
    "code": _code,
    "tt": _code,
}
