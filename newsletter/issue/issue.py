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
    """A run of body lines that only some segments get: `::: only students, fellows` to `:::`."""

    segments: tuple[str, ...]
    """A member of any of these gets the block."""
    first: int
    """The body line of the opening fence, counted from 1."""
    last: int
    """The body line of the closing fence."""


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

    @property
    def slug(self) -> str:
        """Name the issue; no slug reaches a member twice unless somebody says so."""
        return self.announcement.slug

    @property
    def public(self) -> Variant:
        """Give the variant that everybody may read: without all that is for some only."""
        return Variant(tuple(False for _ in self.blocks))

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
        shown = [
            " or ".join(block.segments)
            for block, flag in zip(self.blocks, variant, strict=True)
            if flag == "1"
        ]
        if not shown:
            return "the common text only"
        return f"with the part for {', '.join(dict.fromkeys(shown))}"

    def body_of(self, variant: Variant) -> str:
        """Give the body for `variant`: fences and hidden blocks become empty lines.

        The number of lines stays, so a line of the result is the same line of the file.
        """
        lines = self.announcement.body.split("\n")
        for block, is_shown in zip(self.blocks, variant.shown, strict=True):
            hidden = {block.first, block.last} if is_shown else range(block.first, block.last + 1)
            for number in hidden:
                lines[number - 1] = ""
        return "\n".join(lines)
