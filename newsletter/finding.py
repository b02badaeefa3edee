"""Findings: what a check has to say, with its place and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import InputError, Location


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Blocks a real dispatch."""
    WARNING = "warning"
    """Is shown and blocks nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of a check."""

    severity: Severity
    code: str
    """A stable lower-case name with dashes, such as `title-missing`; the docs list them all."""
    message: str
    at: Location | None = None
    hint: str = ""
    """Begins with a verb."""

    def __str__(self) -> str:
        """Show it as compilers do: `place: severity: message [code]`."""
        place = f"{self.at}: " if self.at else ""
        return f"{place}{self.severity}: {self.message} [{self.code}]"


def error(code: str, message: str, *, at: Location | None = None, hint: str = "") -> Finding:
    """Make a finding that blocks a real dispatch."""
    return Finding(severity=Severity.ERROR, code=code, message=message, at=at, hint=hint)


def warning(code: str, message: str, *, at: Location | None = None, hint: str = "") -> Finding:
    """Make a finding that is shown and blocks nothing."""
    return Finding(severity=Severity.WARNING, code=code, message=message, at=at, hint=hint)


def from_error(problem: InputError, *, code: str = "unusable-input") -> Finding:
    """Show an input error among the findings."""
    return error(code, problem.problem, at=problem.at, hint=problem.hint)


def blocks(findings: Iterable[Finding]) -> bool:
    """Tell whether any of `findings` blocks a real dispatch."""
    return any(finding.severity is Severity.ERROR for finding in findings)
