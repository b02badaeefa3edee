"""Tables of the text part: in columns where they fit, else a row after the other. Pure."""

from collections.abc import Sequence

from newsletter.compose.wrap import width_of, wrap


def write_table(rows: Sequence[Sequence[str]], aligns: Sequence[str], width: int) -> list[str]:
    """Write `rows`, the first of which is the head, in lines of at most `width` columns."""
    widths = [max(width_of(row[at]) for row in rows if at < len(row)) for at in range(len(rows[0]))]
    if sum(widths) + 2 * len(widths) > width:
        return _records(rows, width)
    head, *others = [_columns(row, widths, aligns) for row in rows]
    return [head, "  ".join("-" * each for each in widths), *others]


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
