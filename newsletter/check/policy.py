"""What a workspace asks of the checks: which to hear, which to be stopped by, and their facts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from newsletter.check.clients import FAMILIES
from newsletter.check.codes import SUBJECTS, severities
from newsletter.finding import Finding, Severity
from newsletter.suggest import did_you_mean
from newsletter.tables import Problems, Table

_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]+:\d{1,5}")
CLIENTS = tuple(FAMILIES)

_HIGHEST_SCORE = 100
_DEFAULT_CLIENTS = ("apple-mail", "gmail", "outlook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The table [checks] of the settings."""

    off: frozenset[str] = frozenset()
    """Codes of warnings not to be told."""
    as_errors: frozenset[str] = frozenset()
    """Codes of warnings that block a dispatch."""
    strict: bool = False
    """Every warning blocks a dispatch."""
    clients: tuple[str, ...] = _DEFAULT_CLIENTS
    """The families of mail programs to hold the email against."""
    gene_symbols: tuple[str, ...] = ()
    """To be written in italics."""
    dkim_domain: str = ""
    """The domain that signs (`d=`); empty where nobody said."""
    spam_score: int = 5
    """The score of SpamAssassin from which an email is a finding."""
    spamd: tuple[str, str] = ("", "")
    """Host and port of its daemon; empty for those that `spamc` takes by itself."""
    most_words: int | None = None
    """How many words an announcement may have that says nothing of it; None for any number."""

    def apply(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Say each finding once, without what is off, warnings raised as the workspace wants."""
        raised = (self._judged(finding) for finding in dict.fromkeys(findings))
        return tuple(dict.fromkeys(finding for finding in raised if finding is not None))

    def _judged(self, finding: Finding) -> Finding | None:
        if finding.severity is Severity.ERROR:
            return finding
        if finding.code in self.off:
            return None
        if self.strict or finding.code in self.as_errors:
            return replace(finding, severity=Severity.ERROR)
        return finding


def read_policy(tables: Mapping[str, object], problems: Problems) -> Policy:
    """Read the table [checks]; what is wrong with it is added to `problems`."""
    table = problems.table(
        tables,
        "checks",
        (
            "off",
            "as_errors",
            "strict",
            "clients",
            "gene_symbols",
            "dkim_domain",
            "spam_score",
            "spamd",
            "words",
        ),
    )
    strict = table.values.get("strict", False)
    if not isinstance(strict, bool):
        table.problem("strict", f"has to be true or false, not {strict!r}", "write strict = true")
    return Policy(
        off=_codes(table, "off"),
        as_errors=_codes(table, "as_errors"),
        strict=strict is True,
        clients=_clients(table),
        gene_symbols=table.lines("gene_symbols"),
        dkim_domain=table.text("dkim_domain").lower().rstrip("."),
        spam_score=table.number("spam_score", 5, low=1, high=_HIGHEST_SCORE),
        spamd=_daemon(table),
        most_words=_words(table),
    )


def _words(table: Table) -> int | None:
    if "words" not in table.values:
        return None
    return table.number("words", 250, low=1, high=10_000)


def _codes(table: Table, key: str) -> frozenset[str]:
    """Read codes of warnings; the name of a subject stands for all of its own."""
    known, subjects = severities(), {each.name: each.warnings for each in SUBJECTS}
    codes: set[str] = set()
    for name in table.lines(key):
        if name in subjects:
            codes.update(subjects[name])
        elif known.get(name) is Severity.WARNING:
            codes.add(name)
        elif name not in known:
            otherwise = "take a word from docs/checks.md"
            hint = did_you_mean(name, [*known, *subjects], otherwise=otherwise)
            table.problem(key, f"holds {name!r}, which is no finding", hint)
    return frozenset(codes)


def _daemon(table: Table) -> tuple[str, str]:
    where = table.matching("spamd", "", _HOST_AND_PORT, "like 127.0.0.1:783")
    host, _, port = where.rpartition(":")
    return host, port


def _clients(table: Table) -> tuple[str, ...]:
    if "clients" not in table.values:
        return _DEFAULT_CLIENTS
    found = table.lines("clients")
    for name in found:
        if name not in CLIENTS:
            hint = did_you_mean(name, CLIENTS, otherwise=f"use {', '.join(CLIENTS)}")
            table.problem("clients", f"holds {name!r}, which is none we know", hint)
    return tuple(name for name in found if name in CLIENTS)
