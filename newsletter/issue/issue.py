"""The issue: what goes out, with its slots and segment-only blocks understood."""

from dataclasses import dataclass

from newsletter.announcement.announcement import Announcement
from newsletter.errors import Location
from newsletter.finding import Finding
from newsletter.issue.item import Item


@dataclass(frozen=True, slots=True)
class SlotUse:
    """One `{{ name or "fallback" }}` as an author wrote it."""

    name: str
    fallback: str | None
    source: str
    """The text from brace to brace, to show it again where it is not a slot (code)."""
    at: Location


@dataclass(frozen=True, slots=True)
class OnlyBlock:
    """A run of body lines that only some segments get: `::: only students, fellows` to `:::`.

    In a digest that assembled itself it is one announcement, which stands in `passages`.
    """

    segments: tuple[str, ...]
    """A member of any of these gets the block; where there are none, everybody does."""
    first: int = 0
    """The body line of the opening fence, counted from 1; 0 where passages say what is shown."""
    last: int = -1
    """The body line of the closing fence."""
    untold: str = ""
    """The announcement that keeps it from whoever was told that one before."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of body lines, fences not counted in, that some variants show."""

    first: int
    """Counted from 1."""
    last: int
    when: tuple[frozenset[tuple[int, bool]], ...]
    """It is shown where all of any of these hold: a block, by its number from 0, is shown or
    is not."""

    def is_in(self, shown: tuple[bool, ...]) -> bool:
        """Tell whether the variant with these blocks shows it."""
        return any(all(shown[block] is wanted for block, wanted in each) for each in self.when)


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """Which of an issue's segment-only blocks a member gets: one flag a block, in order."""

    shown: tuple[bool, ...] = ()

    @property
    def key(self) -> str:
        """Write it as digits, such as `101`; `-` for an issue without segment-only blocks."""
        return "".join("01"[flag] for flag in self.shown) or "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One announcement, understood."""

    announcement: Announcement
    subject: str
    """The subject in force (`--subject`, `subject:` or the title), slots still in braces."""
    slots: tuple[SlotUse, ...]
    """Every slot of subject, preheader, headline and body, in order."""
    blocks: tuple[OnlyBlock, ...] = ()
    topic: str = ""
    """What members can opt out of it by; empty where the society has no topics."""
    browser_url: str = ""
    """Where its page in the archive is, known before it is built; empty where it gets none."""
    findings: tuple[Finding, ...] = ()
    """All in force: those of the announcement and those of assembling it."""
    items: tuple[Item, ...] = ()
    """The announcements that it carries, in order."""
    passages: tuple[Passage, ...] = ()
    """What of a digest that assembled itself is not for everybody."""
    wholes: tuple["Issue", ...] = ()
    """The announcements of which it shows an excerpt only, each as an issue of its own."""

    told: tuple[tuple[str, int], ...] = ()
    """How many of the list knew each of these announcements when a digest was assembled; none
    of what is told again."""

    @property
    def slug(self) -> str:
        """Name the issue; no slug reaches a member twice unless somebody says so."""
        return self.announcement.slug

    @property
    def public(self) -> Variant:
        """Give the variant that everybody may read: without all that is for some only."""
        return Variant(tuple(not block.segments for block in self.blocks))

    @property
    def is_nothing_without_blocks(self) -> bool:
        """Tell whether whoever gets none of its blocks gets no announcement at all."""
        return bool(self.passages) and all(each.flag is not None for each in self.items)

    @property
    def segments(self) -> tuple[str, ...]:
        """List the segments that decide which variant a member gets, each once, in order."""
        return tuple(dict.fromkeys(name for block in self.blocks for name in block.segments))

    def variant_of(self, memberships: frozenset[str]) -> Variant:
        """Tell which variant a member of the segments `memberships` gets."""
        return Variant(tuple(any(n in memberships for n in b.segments) for b in self.blocks))

    def describe(self, variant: str) -> str:
        """Say in words what the variant with this key has: `with the part for students`."""
        if not self.blocks:
            return "the same for everybody"
        shown = dict.fromkeys(
            " or ".join(block.segments)
            for block, flag in zip(self.blocks, variant, strict=True)
            if flag == "1" and block.last >= block.first
        )
        hidden = [f"\u201c{each.title}\u201d" for each in self.lacking(variant)]
        said = [f"with the part for {', '.join(shown)}"] if shown else []
        said += [f"without {', '.join(hidden)}"] if hidden else []
        if said:
            return ", ".join(said)
        return "with everything" if self.passages else "the common text only"

    def lacking(self, variant: str) -> tuple[Item, ...]:
        """List the announcements that the variant with this key does not show."""
        return tuple(each for each in self.items if self.passages and not each.is_in(variant))

    def body_of(self, variant: Variant) -> str:
        """Give the body for `variant`: fences and hidden blocks become empty lines.

        The number of lines stays, so a line of the result is the same line of the file.
        """
        lines = self.announcement.body.split("\n")
        for block, is_shown in zip(self.blocks, variant.shown, strict=True):
            hidden = {block.first, block.last} if is_shown else range(block.first, block.last + 1)
            for number in hidden:
                lines[number - 1] = ""
        for passage in self.passages:
            if not passage.is_in(variant.shown):
                lines[passage.first - 1 : passage.last] = [""] * (passage.last - passage.first + 1)
        return "\n".join(lines)
