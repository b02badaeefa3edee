"""What HTML an email can carry, and making it so. The only door to nh3."""

from collections.abc import Callable, Mapping
from typing import Final

VOID: Final = frozenset({"br", "col", "hr", "img", "wbr"})

UNSEEN: Final = frozenset(
    {"script", "style", "title", "textarea", "select", "template", "noscript", "iframe", "object"}
    | {"svg", "math", "video", "audio", "canvas", "form"}
)
"""Elements that go with all that is in them."""

_ANYWHERE: Final = frozenset({"dir", "lang", "title", "style"})
_CELL: Final = frozenset({"align", "valign", "colspan", "rowspan", "width"})

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            *(
                "abbr",
                "b",
                "bdi",
                "bdo",
                "blockquote",
                "br",
                "caption",
                "center",
                "cite",
                "code",
                "colgroup",
                "dd",
            ),
            *("del", "dfn", "div", "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6", "hr"),
            *("i", "ins", "kbd", "mark", "p", "pre", "q", "s", "samp", "small", "span", "strike"),
            *("strong", "sub", "sup", "tbody", "tfoot", "thead", "tr", "u", "ul", "var", "wbr"),
        ),
        _ANYWHERE,
    ),
    "a": _ANYWHERE | {"href", "id", "name"},
    "col": _ANYWHERE | {"width", "span"},
    "img": _ANYWHERE | {"src", "alt", "width", "height"},
    "li": _ANYWHERE | {"value"},
    "ol": _ANYWHERE | {"start"},
    "table": _ANYWHERE | {"align", "width", "role"},
    "td": _ANYWHERE | _CELL,
    "th": _ANYWHERE | _CELL | {"scope"},
}
"""The elements and attributes that the widely used mail programs keep."""

PROPERTIES: Final = frozenset(
    {"background-color", "border", "border-bottom", "border-collapse", "border-left"}
    | {"border-radius", "border-right", "border-top", "color", "direction", "font-family"}
    | {"font-size", "font-style", "font-weight", "letter-spacing", "line-height", "margin"}
    | {"margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "padding"}
    | {"padding-bottom", "padding-left", "padding-right", "padding-top", "text-align"}
    | {"text-decoration", "text-transform", "vertical-align", "white-space", "width"}
)
"""The CSS properties of a style attribute that the widely used mail programs keep."""

OWN_CLASSES: Final[Mapping[str, frozenset[str]]] = {
    "div": frozenset({"wide"}),
    "ol": frozenset({"notes"}),
    "p": frozenset({"by", "lead"}),
    "pre": frozenset({"code"}),
    "span": frozenset({"label"}),
    "table": frozenset({"data", "cards"}),
}
"""The hooks that `prose` leaves for the theme's CSS."""

Rewrite = Callable[[str, str, str], str | None]
"""`(tag, attribute, value)` to the value that is to stand there, or None for none."""


class Sanitiser:
    """Keeps of HTML what email can carry; `rewrite` has the last word on each attribute."""

    def __init__(self, rewrite: Rewrite) -> None:
        """Set the rules up once: that takes longer than cleaning a block."""
        import nh3

        self._cleaner = nh3.Cleaner(
            tags=set(ALLOWED),
            clean_content_tags=set(UNSEEN),
            attributes={tag: set(names) for tag, names in ALLOWED.items()},
            attribute_filter=rewrite,
            strip_comments=True,
            link_rel=None,
            # `links` has judged each of them and `rewrite` drops the refused ones.
            url_schemes={"https", "http", "mailto", "tel", "sms"},
            allowed_classes={tag: set(names) for tag, names in OWN_CLASSES.items()},
            filter_style_properties=set(PROPERTIES),
        )

    def clean(self, fragment: str) -> str:
        """Clean `fragment`; all elements are closed, and voids as XML wants."""
        return _close_voids(str(self._cleaner.clean(fragment)))


def _close_voids(cleaned: str) -> str:
    # nh3 writes `<`, `>` and `"` within attributes as entities, so `>` always ends a tag.
    pieces = cleaned.split("<")
    for at, piece in enumerate(pieces):
        name = piece.partition(">")[0].partition(" ")[0]
        if name in VOID:
            pieces[at] = piece.replace(">", "/>", 1)
    return "<".join(pieces)
