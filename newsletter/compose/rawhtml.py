"""Look into the raw HTML of a body: what will be dropped, and where it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from newsletter.compose.sanitise import ALLOWED, PROPERTIES, VOID
from newsletter.compose.tree import Kind, Node, walk
from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, warning

DEEPEST = 40
"""How deep raw HTML may be nested: mail programs and libxml2 have limits of their own."""

_END_OPTIONAL = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot"})
"""Elements whose end tag HTML lets one leave out."""


@dataclass(frozen=True, slots=True)
class Address:
    """A link or an image of raw HTML."""

    tag: str
    url: str
    at: Location
    alt: str | None = None


@dataclass(slots=True)
class Survey:
    """What the raw HTML of one block holds."""

    findings: list[Finding] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    holds_html: bool = False


def survey_html(block: Node, place: Callable[[int], Location]) -> Survey:
    """Look at all raw HTML in the top-level node `block`.

    Raises:
        AnnouncementError: it is nested too deep.
    """
    survey = Survey()
    raw = [node for node in walk([block]) if node.kind in {Kind.TAG, Kind.HTML}]
    if raw:
        survey.holds_html = True
        looking = _Looking(survey, place)
        for node in raw:
            looking.look(node)
        looking.finish()
    return survey


class _Looking(HTMLParser):
    def __init__(self, survey: Survey, place: Callable[[int], Location]) -> None:
        super().__init__(convert_charrefs=True)
        self.survey = survey
        self._place = place
        self._open: list[tuple[str, Location]] = []
        self._first = 1

    def look(self, node: Node) -> None:
        self.reset()
        self._first = node.line
        self.feed(node.text)
        if self.rawdata.startswith("<"):
            self._tell("html-broken", "this HTML tag is never finished", "close it with >")

    def finish(self) -> None:
        for tag, at in self._open:
            if tag not in _END_OPTIONAL:
                problem = f"<{tag}> is not closed in its paragraph and ends with it"
                hint = f"write </{tag}>, with no empty line in between"
                self.survey.findings.append(warning("html-unclosed", problem, at=at, hint=hint))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append((tag, self._at))
        if len(self._open) > DEEPEST:
            problem = f"HTML is nested more than {DEEPEST} deep"
            raise AnnouncementError(problem, at=self._at, hint="take some of the levels out")
        if tag not in ALLOWED:
            self._tell("html-dropped", f"<{tag}> {_REASONS.get(tag, _NO_CARRIER)}", _HINT)
            return
        for name, value in attrs:
            self._look_at_attribute(tag, name, value or "")
        self._note_address(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML reads `<div/>` as `<div>`.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag)]
        elif tag in ALLOWED and tag not in VOID:
            self._tell("html-unopened", f"</{tag}> closes nothing and is left out", "remove it")

    def handle_comment(self, data: str) -> None:
        self._tell("html-comment", f"a comment is left out: {data.strip()[:40]!r}", "remove it")

    def handle_decl(self, decl: str) -> None:
        self._tell("html-dropped", f"<!{decl[:40]}> is left out", "remove it")

    def handle_pi(self, data: str) -> None:
        self._tell("html-dropped", f"<?{data[:40]} is left out", "remove it")

    def unknown_decl(self, data: str) -> None:
        self._tell("html-dropped", f"<![{data[:40]}]]> is left out", "remove it")

    @property
    def _at(self) -> Location:
        return self._place(self._first + self.getpos()[0] - 1)

    def _tell(self, code: str, message: str, hint: str) -> None:
        self.survey.findings.append(warning(code, message, at=self._at, hint=hint))

    def _note_address(self, tag: str, attrs: Mapping[str, str | None]) -> None:
        if tag == "a" and "href" in attrs:
            self.survey.addresses.append(Address(tag, attrs["href"] or "", self._at))
        if tag == "img":
            alt = (attrs["alt"] or "") if "alt" in attrs else None
            self.survey.addresses.append(Address(tag, attrs.get("src") or "", self._at, alt))

    def _look_at_attribute(self, tag: str, name: str, value: str) -> None:
        if name not in ALLOWED[tag]:
            self._tell("html-dropped", f"the attribute {name} of <{tag}> is left out", _HINT)
        elif name == "style":
            for part in value.split(";"):
                prop = part.partition(":")[0].strip().lower()
                if prop and prop not in PROPERTIES:
                    self._tell("html-dropped", f"the style {prop} is left out", _HINT)


_NO_CARRIER = "is left out: mail programs do not know it or do not let it in"
_REASONS = {
    "script": "is left out: no mail program runs scripts",
    "style": "is left out: styles belong to the theme",
    "iframe": "is left out: mail programs show nothing of other pages",
    "form": "is left out: most mail programs block forms",
    "video": "is left out: hardly any mail program plays it",
    "h1": "is shown as plain text: the headline is the only first-level heading",
}
_HINT = "write it in Markdown, or link to a web page that has it"
