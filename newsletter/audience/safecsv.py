"""Writing CSV that a spreadsheet shows and does not run."""

import csv
from collections.abc import Iterable, Sequence
from typing import IO

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    OWASP, "CSV Injection": cells that begin with = + - @, a tab or a line break, also in their
    full-width forms. Spaces before them do not help everywhere.
    """
    return f"'{cell}" if cell.lstrip(" ").startswith(_DANGEROUS) else cell


def write_csv(stream: IO[str], heading: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a table to `stream`, every cell harmless; give the number of rows."""
    writer = csv.writer(stream)
    writer.writerow(heading)
    count = 0
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        count += 1
    return count
