"""The gates: what has to hold, by what was measured. Ratios and CPU, never wall time.

`python benchmarks/gates.py RESULTS.json` judges results that were written down; `make bench`
judges those it has just measured. What was not measured is said, and counts as not passed.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contest import OURS

Sections = Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that has to hold."""

    what: str
    measure: Callable[[Sections], float]
    """Raises LookupError where it was not measured."""
    bound: float
    is_most: bool = False
    """Whether the bound is the most it may be, and not the least."""
    stretch: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate and what was measured; None where it was not."""

    gate: Gate
    found: float | None

    @property
    def passes(self) -> bool:
        """Tell whether the gate holds."""
        if self.found is None:
            return False
        most = self.gate.is_most
        return self.found <= self.gate.bound if most else self.found >= self.gate.bound

    @property
    def row(self) -> Mapping[str, object]:
        """Write it as a row."""
        sign = "≤" if self.gate.is_most else "≥"
        return {
            "what": self.gate.what,
            "gate": f"{sign} {self.gate.bound:g}",
            "measured": "not measured" if self.found is None else self.found,
            "stretch": "" if self.gate.stretch is None else f"{sign} {self.gate.stretch:g}",
            "passes": self.passes,
        }


def judge(sections: Sections) -> tuple[Verdict, ...]:
    """Hold what was measured against every gate."""
    return tuple(Verdict(gate, _found(gate, sections)) for gate in GATES)


def _found(gate: Gate, sections: Sections) -> float | None:
    try:
        return gate.measure(sections)
    except LookupError:
        return None


def _of(section: str, what: str, figure: str) -> Callable[[Sections], float]:
    """Take a figure from the last section whose title begins so: the largest size."""

    def measure(sections: Sections) -> float:
        found = [rows for title, rows in sections.items() if title.startswith(section)]
        rows = [row for row in found[-1] if str(row["what"]).startswith(what)]
        return float(str(rows[-1][figure]))

    return measure


def _least(section: str, what: str, figure: str) -> Callable[[Sections], float]:
    def measure(sections: Sections) -> float:
        rows = [row for row in sections[section] if str(row["what"]).startswith(what)]
        if not rows:
            raise LookupError(section)
        return min(float(str(row[figure])) for row in rows)

    return measure


def _grows(figure: str, function: Callable[[float, float], float]) -> Callable[[Sections], float]:
    """Compare the SendGrid path at its largest size with the one at 10,000."""

    def measure(sections: Sections) -> float:
        rows = {
            int(str(row["n"])): float(str(row[figure]))
            for row in sections["growth"]
            if str(row["what"]).startswith("sendgrid")
        }
        return function(rows[10_000], rows[1_000_000])

    return measure


_SENDGRID, _SMTP = "sendgrid: senders", "smtp: senders"


def _peers() -> Iterator[Gate]:
    for section, names in (
        (
            _SENDGRID,
            {
                "sendgrid package, Personalization": (3, 5),
                "requests": (1.5, 2.5),
                "httpx": (1.5, 2.5),
                "@sendgrid/mail": (2.5, 4),
                "django-anymail": (9, 16),
                "sendgrid package, one call each": (200, 350),
            },
        ),
        (
            _SMTP,
            {
                "nodemailer": (45, 60),
                "Django": (65, 90),
                "smtplib": (90, 130),
                "django-newsletter": (90, 130),
                "mailmerge": (250, 400),
            },
        ),
    ):
        for name, (bound, stretch) in names.items():
            yield Gate(
                what=f"CPU of {name}, beside ours",
                measure=_of(section, name, "cpu_vs_ours"),
                bound=bound,
                stretch=stretch,
            )


GATES = (
    Gate(
        what="SendGrid: CPU a recipient, µs",
        measure=_of(_SENDGRID, OURS, "cpu_us"),
        bound=9,
        is_most=True,
        stretch=6,
    ),
    Gate(
        what="SMTP: CPU a message, µs",
        measure=_of(_SMTP, OURS, "cpu_us"),
        bound=80,
        is_most=True,
        stretch=60,
    ),
    *_peers(),
    Gate(
        what="SMTP: steady rate beside saturation",
        measure=_of(_SMTP, OURS, "of_saturation"),
        bound=0.3,
        stretch=0.45,
    ),
    Gate(
        what="SendGrid at 300 ms: of connections x 1000 / latency",
        measure=_least("slow lines", "sendgrid", "of_ideal"),
        bound=0.95,
    ),
    Gate(
        what="SMTP at 20 ms: of connections / round trip",
        measure=_least("slow lines", "smtp", "of_ideal"),
        bound=0.9,
    ),
    Gate(
        what="wire: octets a recipient by SendGrid, document included",
        measure=_of(_SENDGRID, OURS, "octets_each"),
        bound=560,
        is_most=True,
    ),
    Gate(
        what="peak memory over imports at 1,000,000, MB",
        measure=_of("growth", "sendgrid, 1,000,000", "over_imports_mb"),
        bound=40,
        is_most=True,
    ),
    Gate(
        what="peak memory, 1,000,000 less 10,000, MB",
        measure=_grows("peak_mb", lambda few, many: many - few),
        bound=3,
        is_most=True,
    ),
    Gate(
        what="CPU a recipient, 1,000,000 beside 10,000",
        measure=_grows("deliver_us", lambda few, many: many / few),
        bound=1.25,
        is_most=True,
    ),
    Gate(
        what="two workers on PostgreSQL beside one, provider slow",
        measure=_of("workers", "two", "of_one"),
        bound=1.6,
    ),
)


def main(path: str) -> None:
    """Judge the results in the file at `path`."""
    verdicts = judge(json.loads(Path(path).read_text())["sections"])
    for verdict in verdicts:
        found = verdict.row["measured"]
        shown = f"{found:.3g}" if isinstance(found, float) else str(found)
        print(
            f"{'pass' if verdict.passes else 'FAIL'}  {verdict.gate.what}: {shown}"
            f" ({verdict.row['gate']})"
        )
    sys.exit(0 if all(verdict.passes for verdict in verdicts) else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
