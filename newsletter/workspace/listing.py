"""How the member list is to be read, as `[members]` of newsletter.toml says it."""

import codecs
from collections.abc import Mapping

from newsletter.audience.column import column_name
from newsletter.audience.heading import Wanted
from newsletter.tables import Table


def read_wanted(members: Table) -> Wanted:
    """Read the headings, the encoding and the bounds of the list; problems stay in the table."""
    return Wanted(
        columns=_columns(members),
        encoding=_encoding(members),
        shrink=members.number("shrink", 20, low=1, high=100),
    )


def _columns(members: Table) -> Mapping[str, tuple[str, ...]]:
    """Read `[members.columns]`: the headings of their list for our names."""
    found = members.values.get("columns", {})
    if not isinstance(found, Mapping):
        members.problem("columns", "has to be a table", "write [members.columns]")
        return {}
    table = Table(members.problems, "members.columns", found)
    for name in found:
        if column_name(name) != name:
            table.problem(name, "cannot be the name of a column", f"write {column_name(name)}")
    kept = {name: table.lines(name, required=True) for name in found}
    for name, headings in kept.items():
        if len(headings) > 1 and name != "email":
            table.problem(name, "has to be one heading", "only email may have several")
    return {name: headings for name, headings in kept.items() if headings}


def _encoding(members: Table) -> str:
    value = members.text("encoding")
    try:
        return codecs.lookup(value).name if value else ""
    except LookupError:
        hint = "write utf-8, cp1252, cp1250 or another, or leave it out"
        members.problem("encoding", f"has to be an encoding, not {value!r}", hint)
        return ""
