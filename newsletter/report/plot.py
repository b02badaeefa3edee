"""Plots as SVG: shapes only, so that they stretch with the page; the words around them are HTML.

Pure: numbers in, markup and marks of the axes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 1000, 300
"""Of the drawing; the page stretches it."""
_MOST_MARKS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of an axis."""

    share: float
    """How far along the axis, in percent."""
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot, and the area below it."""

    name: str
    look: str
    """The class of its style."""
    stroke: str
    """A path."""
    area: str
    """A closed path."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over one pair of axes."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    """Of the upright axis, the lowest first."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers over equal steps."""

    name: str
    look: str
    values: tuple[int, ...]


def line_plot(series: Sequence[Series]) -> Plot:
    """Draw series of equal length, all of them from the same zero."""
    marks = marks_for(max((max(each.values, default=0) for each in series), default=0))
    top = marks[-1]
    lines = tuple(_line(each, top) for each in series)
    return Plot(lines, tuple(Mark(mark / top * 100, f"{mark:,}") for mark in marks))


def marks_for(most: int) -> tuple[int, ...]:
    """Choose round numbers from 0 to `most` or just above: 0, 250, 500, 750, 1000."""
    most = max(most, 1)
    size = 10 ** floor(log10(most))
    steps = (size // 10, size // 5, size // 4, size // 2, size, 2 * size, 5 * size)
    step = next(s for s in steps if s >= 1 and -(-most // s) < _MOST_MARKS)
    return tuple(range(0, -(-most // step) * step + 1, step))


def _line(series: Series, top: int) -> Line:
    last = max(len(series.values) - 1, 1)
    places = [
        f"{_short(at / last * WIDTH)} {_short(HEIGHT - value / top * HEIGHT)}"
        for at, value in enumerate(series.values)
    ]
    stroke = "M" + " L".join(places)
    end = _short((len(series.values) - 1) / last * WIDTH)
    return Line(series.name, series.look, stroke, f"{stroke} L{end} {HEIGHT} L0 {HEIGHT} Z")


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def share(part: int, whole: int) -> str:
    """Write a part in percent, never rounded to nothing and never to all.

    Four of a million who complain are not 0.0 %.
    """
    if not whole:
        return "-"
    percent = part / whole * 100
    if part and percent < _LEAST:
        return f"< {_LEAST} %"
    if part in (0, whole):
        return "100 %" if part else "0 %"
    shown = f"{percent:.{2 if percent < 1 else 1}f} %"
    return "> 99.9 %" if shown == "100.0 %" else shown


_LEAST = 0.01
