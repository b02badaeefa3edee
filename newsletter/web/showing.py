"""What a browser asks of the preview, answered: one sheet for each state of the files."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsletter.ledger.selection import Chosen
from newsletter.web.anchors import with_change, with_headings
from newsletter.web.looks import Look
from newsletter.web.sheet import Sheet

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""No script, no form, and an origin that is nobody's: whatever stands in the frame is a stranger
to the page around it. Links open beside the preview, and nothing of it goes with them."""
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; base-uri 'none';"
    f" form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
)
"""What a mail program allows: styles, and pictures from the web. From here the frame loads nothing:
local pictures are within the message."""

_REMEMBERED = 12
"""Emails of before, to find what a save changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How somebody wants to see the email."""

    member: str | None = None
    """An id or an address; None for whoever comes first."""
    look: Look = Look.LIGHT
    since: str = ""
    """The digest of the email that the page shows so far."""


def read_view(query: Mapping[str, str]) -> View:
    """Read what stands behind the question mark of an address; nonsense asks for nothing."""
    look = query.get("look", "")
    return View(
        member=query.get("as", "").strip() or None,
        look=Look(look) if look in set(Look) else Look.LIGHT,
        since=query.get("since", ""),
    )


class Showing:
    """Shows one announcement to any number of pages."""

    def __init__(
        self,
        make: Callable[[str | None], Sheet],
        people: Callable[[str], tuple[Chosen, ...]] = lambda _text: (),
    ) -> None:
        """Show what `make` makes for a member; `people` finds members while a name is typed."""
        self._make = make
        self._people = people
        self._made: dict[tuple[str, str | None], Sheet] = {}
        self._before: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def sheet(self, version: str, member: str | None) -> Sheet:
        """Give the sheet for `member` of this version of the files."""
        with self._lock:
            key = (version, member)
            if key not in self._made:
                sheet = self._make(member)
                kept = {k: v for k, v in self._made.items() if k[0] == version}
                # The page that asked for nobody in particular asks for its message by name.
                named = (version, sheet.shown.member or None) if sheet.shown else key
                self._made = {**kept, named: sheet, key: sheet}
                self._remember(sheet)
            return self._made[key]

    def message(self, version: str, view: View) -> str:
        """Give the HTML of the email for a frame, with places to jump to."""
        sheet = self.sheet(version, view.member)
        before = self._before.get(view.since, "")
        return sheet.as_frame(with_headings(with_change(sheet.html, before)), view.look)

    def text(self, version: str, view: View) -> str:
        """Give the plain-text part; empty where there is none."""
        message = self.sheet(version, view.member).message
        return message.text if message else ""

    def people(self, text: str) -> list[dict[str, str]]:
        """Find members while a name is typed: id, name and address of each."""
        return [
            {"id": each.member_id, "name": each.name, "address": each.address}
            for each in self._people(text)
        ]

    def _remember(self, sheet: Sheet) -> None:
        self._before[sheet.digest] = sheet.html
        while len(self._before) > _REMEMBERED:
            self._before.popitem(last=False)
