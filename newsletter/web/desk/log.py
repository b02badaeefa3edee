"""The log: who did what, to look at and to take along."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.audience.safecsv import write_csv
from newsletter.ledger.journal import Entry, all_entries, count_entries, entries
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer, download
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, page

_A_PAGE = 50


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Log(desk)
    return (
        page("/log", pages.show, Right.MANAGE),
        page("/log.csv", pages.as_csv, Right.MANAGE),
        page("/log.json", pages.as_json, Right.MANAGE),
    )


@dataclass(frozen=True, slots=True)
class _Log:
    desk: Desk

    def show(self, asked: Asked) -> Answer:
        """Show the newest lines."""
        ledger, before = self.desk.open().ledger, asked.ask("before")
        number = int(before) if before.isdecimal() and len(before) < len("1000000000") else None
        found = entries(ledger, before=number, most=_A_PAGE)
        older = found[-1].number if len(found) == _A_PAGE else 0
        zone = self.desk.open().settings.brand.time_zone or "UTC"
        return self.desk.page(
            asked,
            "log.html.j2",
            entries=found,
            count=count_entries(ledger),
            older=older,
            zone=zone,
            is_newest=number is None,
        )

    def as_csv(self, _asked: Asked) -> Answer:
        """Hand the whole log over for a spreadsheet."""
        text, heading = io.StringIO(), ("number", "at", "who", "act", "about", "details")
        write_csv(text, heading, map(_as_cells, all_entries(self.desk.open().ledger)))
        return download("log.csv", "text/csv; charset=utf-8", text.getvalue())

    def as_json(self, _asked: Asked) -> Answer:
        """Hand the whole log over for a program."""
        lines = [_as_json(each) for each in all_entries(self.desk.open().ledger)]
        text = json.dumps(lines, ensure_ascii=False, indent=1)
        return download("log.json", "application/json", text)


def _as_cells(entry: Entry) -> tuple[str, ...]:
    words = (entry.who, entry.act, entry.about, entry.details)
    return (str(entry.number), entry.at.isoformat(), *words)


def _as_json(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "act": entry.act,
        "about": entry.about,
        "details": entry.details,
    }
