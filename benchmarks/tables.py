"""Rows as text for a terminal and as Markdown for docs/benchmarks.md; medians of rounds."""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contest import OURS, SATURATED, Figures, Round, named_steps

Row = Mapping[str, object]
_RATIOS: Mapping[str, Callable[[Figures, Round], float]] = {
    "cpu_vs_ours": lambda mine, each: mine["cpu_us"] / each[OURS]["cpu_us"],
    "cpu_vs_everything": lambda mine, each: mine["cpu_us"] / each[OURS]["everything_us"],
}


@dataclass(slots=True)
class Results:
    """All rows, by section."""

    sections: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, section: str, rows: Iterable[Row]) -> None:
        """Keep the rows of a section and show them as a table."""
        kept = self.sections[section] = list(rows)
        lines = cells_of(section, kept)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        print()
        for first, *rest in lines:
            numbers = "  ".join(
                f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)
            )
            print(f"{first:<{widths[0]}}  {numbers}", flush=True)

    def markdown(self) -> str:
        """Write all sections as tables of Markdown."""
        return "\n".join(
            "\n".join(_markdown(cells_of(section, rows)))
            for section, rows in self.sections.items()
            if rows
        )


def cells_of(section: str, rows: Sequence[Row]) -> list[list[str]]:
    """Write rows as cells, the headings first; figures that no row has are left out."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    heads = [name.replace("_", " ") if name != "what" else section for name in columns]
    return [heads, *([_shown(row.get(name, "")) for name in columns] for row in rows)]


def _markdown(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *rest = lines
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for line in rest:
        yield f"| {' | '.join(line)} |"
    yield ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    return str(value)


_SHOWN = ("n", "per_s", "steady_per_s", "cpu_us", "peak_mb", "octets_each")


def sender_rows(rounds: Sequence[Round]) -> Iterator[Row]:
    """Take medians of the rounds; ratios are taken inside each round first."""
    for name, first in rounds[0].items():
        row: dict[str, object] = {"what": name}
        row |= {
            figure: statistics.median(each[name][figure] for each in rounds if figure in each[name])
            for figure in _SHOWN
            if figure in first
        }
        if name not in (OURS, SATURATED):
            row |= {
                ratio: statistics.median(function(each[name], each) for each in rounds)
                for ratio, function in _RATIOS.items()
            }
        if name == OURS and "steady_per_s" in first:
            row["of_saturation"] = statistics.median(
                each[name]["steady_per_s"] / each[SATURATED]["steady_per_s"] for each in rounds
            )
        yield row


def step_rows(rounds: Sequence[Round]) -> Iterator[Row]:
    """Tell what each step of ours takes."""
    size = rounds[0][OURS]["n"]
    for step in named_steps(rounds[0]):
        cpu, wall, peak = (
            statistics.median(each[OURS][f"{step} {figure}"] for each in rounds)
            for figure in ("cpu", "wall", "peak_mb")
        )
        yield {
            "what": step,
            "cpu_ms": cpu * 1e3,
            "cpu_us_each": cpu / size * 1e6,
            "wall_ms": wall * 1e3,
            "peak_mb": peak,
        }
