"""Tables of the text part: in columns where they fit, else a row after the other. Pure."""

from collections.abc import Sequence

from newsletter.compose.wrap import width_of, wrap


def write_table(rows: Sequence[Sequence[str]], aligns: Sequence[str], width: int) -> list[str]:
    """Write `rows`, the first of which is the head, in lines of at most `width` columns."""
    widths = _widths(rows)
    if sum(widths) + 2 * len(widths) > width:
        return _records(rows, width)
    head, *others = [_columns(row, widths, aligns) for row in rows]
    return [head, "  ".join("-" * each for each in widths), *others]


def write_rows(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Write `rows` that have no head; where they do not fit, with a bar between two cells."""
    widths = _widths(rows)
    if sum(widths) + 2 * len(widths) <= width:
        return [_columns(row, widths, ["left"] * len(row)) for row in rows]
    lines = (" | ".join(filter(None, row)) for row in rows)
    return [line for each in lines for line in wrap(each, rest="  ", width=width)]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    most = max(map(len, rows), default=0)
    return [max(width_of(row[at]) for row in rows if at < len(row)) for at in range(most)]


def _columns(row: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> str:
    cells = []
    for cell, wanted, align in zip(row, widths, aligns, strict=False):
        gap = " " * (wanted - width_of(cell))
        cells.append(gap + cell if align == "right" else cell + gap)
    return "  ".join(cells).rstrip()


def _records(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Write each row as `name: value` lines, where the columns do not fit."""
    head, *others = rows
    lines: list[str] = []
    for row in others:
        lines += [""] if lines else []
        for name, value in zip(head, row, strict=False):
            lines += wrap(f"{name}: {value}" if name else value, rest="  ", width=width)
    return lines
