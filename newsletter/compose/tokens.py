"""Tokens: what stands in for a slot while an issue is rendered.

A token is made of capital letters and digits only, so that no layer (Markdown, Jinja2, MJML,
premailer, a `|upper` in a theme) changes it, and it carries a nonce of the issue's own text, so
that no author can write one by hand.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from newsletter.compose.localtime import LOCAL
from newsletter.errors import Location
from newsletter.issue.issue import Issue, SlotUse

UNSUBSCRIBE, PREFERENCES = "unsubscribe_url", "preferences_url"
LINK_SLOTS = frozenset({UNSUBSCRIBE, PREFERENCES})
"""Slots that hold a whole URL of our own making."""


@dataclass(frozen=True)  # no slots: the pattern is compiled once and kept
class Tokens:
    """The slots of one issue, each with its token."""

    nonce: str
    """Eight hex digits, upper case, that stand nowhere in the source."""
    uses: tuple[SlotUse, ...]
    """Each distinct source once; the two system links come first."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Find tokens; group 1 is the index in `uses`."""
        return re.compile(rf"QZ{self.nonce}N(\d+)ZQ")

    def token(self, index: int) -> str:
        """Write the token of `uses[index]`."""
        return f"QZ{self.nonce}N{index}ZQ"

    @property
    def unsubscribe_url(self) -> str:
        """The token that becomes the member's unsubscribe link."""
        return self.token(0)

    @property
    def preferences_url(self) -> str:
        """The token that becomes the member's preferences link."""
        return self.token(1)

    def local(self, number: int) -> str:
        """The token that becomes the time of the event `number`, from 0, on the member's clock."""
        names = [use.name for use in self.uses]
        name = f"{LOCAL}{number}"
        return self.token(names.index(name)) if name in names else ""

    def plant(self, text: str) -> str:
        """Put the token in the place of each slot of `text`."""
        for index, use in enumerate(self.uses):
            if use.source:
                text = text.replace(use.source, self.token(index))
        return text

    def restore(self, text: str) -> str:
        """Put back what the author wrote, where a slot is not to be filled (code)."""
        return self.pattern.sub(lambda found: self.uses[int(found[1])].source, text)

    def is_mangled(self, text: str) -> bool:
        """Tell whether `text` holds something of a token that is no token any more."""
        return self.nonce.lower() in self.pattern.sub("", text).lower()


def mint(issue: Issue) -> Tokens:
    """Make the tokens of `issue`, always the same for the same source."""
    written = issue.announcement
    here = Location(written.path)
    uses = dict.fromkeys(SlotUse(name, None, "", here) for name in (UNSUBSCRIBE, PREFERENCES))
    by_source = {use.source: use for use in reversed(issue.slots)}
    authored = [by_source[source] for source in sorted(by_source)]
    parts = (issue.subject, written.title, written.preheader, written.body, repr(written))
    events = len(re.findall(r"(?m)^ {0,3}:{3,}[ \t]*event\b", written.body))
    local = (SlotUse(f"{LOCAL}{number}", "", "", here) for number in range(events))
    return Tokens(_unused_nonce("\0".join(parts)), (*uses, *authored, *local))


def _unused_nonce(source: str) -> str:
    data = source.encode("utf-8", "surrogatepass")
    lowered = source.lower()
    salt = 0
    while True:
        nonce = hashlib.blake2b(data, digest_size=4, salt=salt.to_bytes(4, "big")).hexdigest()
        # A run of digits alone could be a number of a stylesheet or an image's name.
        if nonce not in lowered and not nonce.isdigit():
            return nonce.upper()
        salt += 1
