"""The house is built as its plan says."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import newsletter

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "newsletter"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "sample"
)
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}

LONGEST_MODULE = 300
"""Lines: what a reader keeps in mind."""

MUTABLE = {
    "announcement.pasted._Item": "a paragraph that is an item of a list, while it is read",
    "announcement.pasted._Open": "an element of what was pasted, while it is read",
    "announcement.pull._Pulling": "takes a body in line by line",
    "announcement.header.Header": "gathers what was read, key by key, and what is wrong",
    "compose.markdown._Open": "a node while its children are read",
    "compose.pictures.Album": "gathers the images that a text names",
    "compose.plaintext.PlainText": "the text part while it is written",
    "compose.rawhtml._Open": "an element of raw HTML while it is read",
    "dispatch.brake.Brake": "the one thing that the workers of a run share",
    "issue.blocks._Reading": "where the reading of blocks stands",
    "message.mime._Assembly": "a message while its parts are joined",
    "web.aloud._Found": "what a screen reader has said so far",
    "web.aloud._Open": "an element while it is read out",
    "web.limits.Buckets": "counts who asks how often",
}
"""Dataclasses that change after they are made, and why they have to."""

PURE = ("address.py", "finding.py", "errors.py", "tables.py", "dispatch/plan.py")
PURE += ("dispatch/retry.py", "dispatch/links.py", "dispatch/personalise.py", "audience/rule.py")
PURE += ("audience/segment.py", "audience/column.py", "audience/member.py")
PURE_ROOMS = ("issue", "message", "check")
"""Values in, values out."""
MEDIA = {f"check/{name}.py" for name in ("asking", "fetch", "linkcache", "spamc")}
MEDIA |= {"check/make_client_facts.py"}
"""What touches the world in these rooms, named for the medium that it touches."""

IO = {
    *("os", "io", "socket", "ssl", "sqlite3", "subprocess", "shutil", "tempfile", "threading"),
    *("pathlib", "time", "http", "smtplib", "signal", "asyncio", "logging"),
}
DOORS = set(CONTRACTS["one door per vendor"]["forbidden_modules"])


def parsed(path: Path) -> ast.Module:
    return _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def dataclasses(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            for decorator in map(ast.unparse, node.decorator_list):
                if re.match(r"(?:dataclasses\.)?dataclass\b", decorator):
                    yield f"{dotted(path)}.{node.name}", decorator


def test_the_picture_of_the_layers_is_the_contract_that_the_linter_holds() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    picture = re.search(r"^```layers\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert picture is not None
    layers = [re.split(r"\s{2,}", line)[0] for line in picture[1].splitlines()]
    assert layers == CONTRACTS["imports point down"]["layers"]


def test_the_list_of_doors_is_the_contract_that_the_linter_holds() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| Vendor | Door |\n")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[1:]]
    shown = {
        f"newsletter.{door} -> {vendor.strip('`')}"
        for vendor, doors in rows
        for door in re.findall(r"`([\w.*]+)`", doors)
    }
    contract = CONTRACTS["one door per vendor"]
    assert shown == set(contract["ignore_imports"])
    assert {vendor.strip("`") for vendor, _doors in rows} == set(contract["forbidden_modules"])


def test_every_module_and_test_that_the_page_names_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert (ROOT / name).is_file() or (PACKAGE / name).is_file(), name


def test_every_vendor_that_is_imported_is_watched_at_its_door() -> None:
    own = {"newsletter", "mdurl"}
    standard = {"__future__", *__import__("sys").stdlib_module_names}
    foreign = {name for path in MODULES for name in imports(path)} - own - standard
    assert foreign <= DOORS


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_is_named_for_its_subject(path: Path) -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}
    assert path.stem not in empty


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_value_does_not_change_after_it_is_made(path: Path) -> None:
    for name, decorator in dataclasses(path):
        assert "frozen=True" in decorator or name in MUTABLE, name


def test_every_reason_for_a_changing_dataclass_still_has_one() -> None:
    changing = {
        name
        for path in MODULES
        for name, decorator in dataclasses(path)
        if "frozen=True" not in decorator
    }
    assert changing == set(MUTABLE)


def pure_modules() -> Iterator[Path]:
    yield from (PACKAGE / name for name in PURE)
    for room in PURE_ROOMS:
        for path in sorted((PACKAGE / room).glob("*.py")):
            if path.relative_to(PACKAGE).as_posix() not in MEDIA:
                yield path


@pytest.mark.parametrize("path", list(pure_modules()), ids=dotted)
def test_what_is_pure_touches_neither_disk_nor_network_nor_clock(path: Path) -> None:
    # They only read the text that they are given.
    allowed = {"lark", "email_validator", "lxml", "cssselect", "publicsuffixlist"}
    assert not set(imports(path)) & (IO | DOORS) - allowed


def test_the_names_of_the_package_are_sorted() -> None:
    assert newsletter.__all__ == sorted(newsletter.__all__)


def test_no_two_modules_of_the_tests_have_one_name() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name != "conftest.py":
            found.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    twice = [places for places in found.values() if len(places) > 1]
    assert not twice, f"tests are not packages: rename one of each, to what it is about: {twice}"
