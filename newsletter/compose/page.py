"""The page: everything that the templates of a theme are given."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.announcement.announcement import Byline
from newsletter.compose.brand import Brand
from newsletter.compose.pictures import Figure
from newsletter.issue.directives import DIRECTIVES


class Html(str):
    """Markup that is sanitised already; templates write it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell Jinja2 not to escape it."""
        return str(self)


EMPTY = Html()

BLOCKS = frozenset(DIRECTIVES) - {"contents", "divider", "figure"}
"""The kinds of blocks between colons that a theme draws; the others are drawn as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A card, or one entry of a list of a digest."""

    title: Html = EMPTY
    url: str = ""
    joint: str = " "
    """What joins title and `html` in running text, such as a colon and a space."""
    html: Html = EMPTY
    """What follows the title: a sentence, a place; the whole text of a card."""
    more: Html = EMPTY
    """Further paragraphs."""
    when: str = ""
    """As the author wrote it."""
    plate: tuple[str, str] | None = None
    """Month and day in the language of the issue, such as `Mar` and `12-15`; None where `when`
    could not be understood."""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of the body: prose, a picture that stands by itself, or a directive."""

    kind: str
    """`prose`, `figure`, or the name of a directive."""
    html: Html = EMPTY
    """The markup of prose, or of what stands in a directive."""
    level: int = 3
    """The level of its own heading: 2 where no section stands above it."""
    anchor: str = ""
    """The name of a list's heading, where something leads to it."""
    label: str = ""
    """What stands behind the name of a directive: a title, a date; the words of a button."""
    url: str = ""
    """Where a button, a card or an event leads."""
    facts: tuple[tuple[str, str], ...] = ()
    """The `When: ...` lines of an event."""
    local: str = ""
    """Behind the first of them: the slot for the time on the member's own clock."""
    title: Html = EMPTY
    """The words of the heading of a lead."""
    entries: tuple[Entry, ...] = ()
    """The cards that stand together, or the entries of a list."""
    parts: tuple[Html, ...] = ()
    """The two sides of columns."""
    text: str = ""
    """The same for the text part, wrapped."""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the body with a heading of the second level."""

    name: str
    anchor: str = ""
    """What a link in the email leads to, `#` and this; empty where the theme asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The button."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one variant of an issue says; `docs/themes.md` explains each to theme makers."""

    brand: Brand
    logo: Figure | None
    logo_dark: Figure | None
    title: str
    subject: str
    preheader: str
    section: str
    byline: Byline | None
    date: str
    """As a reader of the language writes it; empty where there is none."""
    image: Figure | None
    button: Action | None
    body: tuple[Block, ...]
    contents: tuple[Section, ...]
    """The sections of the body; none where the author wrote a list of contents."""
    text_links: tuple[str, ...]
    """The addresses behind the numbers in the text part."""
    lang: str
    dir: str
    words: Mapping[str, str]
    """The theme's own words in the language of the issue."""
    on_accent: str
    """Black or white: what is read on the accent."""
    on_accent_dark: str
    browser_url: str
    """Where it can be read on the web; empty where it cannot."""
    unsubscribe_url: str
    preferences_url: str

    @property
    def start(self) -> str:
        """The side where lines begin: `left` or `right`."""
        return "right" if self.dir == "rtl" else "left"

    @property
    def end(self) -> str:
        """The side where lines end."""
        return "left" if self.dir == "rtl" else "right"

    def variables(self) -> dict[str, object]:
        """Give them by name, as the templates see them."""
        names = (*self.__dataclass_fields__, "start", "end")
        return {name: getattr(self, name) for name in names}
