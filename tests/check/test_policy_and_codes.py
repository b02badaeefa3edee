"""The table of all findings, and what a workspace makes of them."""

import re
from collections import Counter
from pathlib import Path

from newsletter.check.clients import FAMILIES
from newsletter.check.codes import OTHER, SUBJECTS, severities, subject_of
from newsletter.check.policy import Policy, read_policy
from newsletter.finding import Severity, error, warning
from newsletter.tables import Problems

DOCS = (Path(__file__).parents[2] / "docs/checks.md").read_text(encoding="utf-8")


def policy(text: dict[str, object]) -> tuple[Policy, list[str]]:
    problems = Problems("newsletter.toml")
    read = read_policy({"checks": text}, problems)
    return read, [str(problem) for problem in problems.found]


def test_every_code_is_in_the_table_once() -> None:
    count = Counter(code for subject in SUBJECTS for code in subject.codes)
    assert set(count.values()) == {1}


def test_the_docs_have_the_same_subjects_with_the_same_codes_and_severities() -> None:
    told = {}
    for part in re.split(r"^##+ ", DOCS, flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", part, re.MULTILINE)
        if rows:
            told[part.partition("\n")[0]] = dict(rows)
    assert told == {
        each.title: {code: severities()[code].value for code in each.codes} for each in SUBJECTS
    }


def test_the_docs_name_every_subject_and_family_as_the_settings_do() -> None:
    assert all(f"`{subject.name}`" in DOCS for subject in SUBJECTS)
    assert all(f"`{family}`" in DOCS for family in FAMILIES)


def test_a_finding_that_nobody_entered_has_a_subject_all_the_same() -> None:
    assert subject_of("link-vague").name == "links"
    assert subject_of("never-heard-of") is OTHER


def test_only_warnings_can_be_switched_off() -> None:
    off = Policy(off=frozenset({"a", "b"}))
    kept = off.apply([error("a", "x"), warning("b", "x"), warning("c", "x"), warning("c", "x")])
    assert kept == (error("a", "x"), warning("c", "x"))


def test_warnings_are_raised_one_by_one_or_all() -> None:
    some = Policy(as_errors=frozenset({"a"})).apply([warning("a", "x"), warning("b", "x")])
    assert [each.severity for each in some] == [Severity.ERROR, Severity.WARNING]
    strict = Policy(strict=True, off=frozenset({"b"}))
    assert strict.apply([warning("a", "x"), warning("b", "x")]) == (error("a", "x"),)


def test_a_subject_stands_for_all_its_warnings() -> None:
    read, problems = policy({"as_errors": ["accessibility"], "off": ["links"]})
    assert not problems
    assert {"contrast-low", "language-missing"} <= read.as_errors
    assert "link-vague" in read.off
    assert "link-local" not in read.off


def test_what_the_settings_cannot_mean_is_told() -> None:
    _, problems = policy(
        {
            "off": ["link-vage"],
            "as_errors": ["nothing"],
            "strict": "yes",
            "clients": ["gmial"],
        }
    )
    assert [problem.partition("checks.")[2].partition(" ")[0] for problem in problems] == [
        "strict",
        *("off", "as_errors", "clients"),
    ]


def test_a_workspace_without_the_table_has_the_defaults() -> None:
    read = read_policy({}, Problems("newsletter.toml"))
    assert read == Policy()
    assert read.clients == ("apple-mail", "gmail", "outlook")
