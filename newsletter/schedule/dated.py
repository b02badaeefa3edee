"""What a schedule sends: a file named for the day, or a digest that assembles itself for it."""

import datetime as dt
import re

from newsletter.tables import Table

_CODE = re.compile("%(?:[YmdHM]|:z)")


def read_file(table: Table) -> str:
    """Take the file of a schedule, or the digest in the place of one."""
    digest = table.text("digest")
    if not digest:
        return table.text("file", required=True)
    if table.text("file"):
        table.problem("digest", "and file both say what goes out", "delete one of the two")
    return f"digest:{digest}@%Y-%m-%dT%H:%M%:z"


def name_at(file: str, at: dt.datetime) -> str:
    """Put a moment, aware, in the place of the codes in `file`."""
    return _CODE.sub(lambda found: _written(at, found[0]), file)


def _written(at: dt.datetime, code: str) -> str:
    # Python knows `%:z` (+05:30) from 3.12 on only.
    return at.isoformat()[-6:] if code == "%:z" else at.strftime(code)
