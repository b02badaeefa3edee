"""The docs tell what the program does: all of it, and nothing else."""

# ruff: noqa: SLF001 - the docs list what the modules keep to themselves

import ast
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from newsletter.audience import heading
from newsletter.audience.chunk import read_members
from newsletter.audience.doctor import Kind
from newsletter.audience.exclusion import Exclusion, SuppressionReason
from newsletter.audience.listfile import inspect
from newsletter.audience.rule import check_rule
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment
from newsletter.check import policy
from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.compose import brand
from newsletter.errors import InputErrors, Location
from newsletter.issue import digestrules
from newsletter.ledger.database import open_ledger
from newsletter.ledger.listed import count_members
from newsletter.ledger.members import bring_in
from newsletter.message.state import DeliveryState
from newsletter.providers import registry
from newsletter.schedule import schedule
from newsletter.workspace import archivesettings, settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "newsletter"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda path: str(path.relative_to(ROOT)),
)
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


@cache
def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Give what stands below a heading, to the next of its level or higher."""
    level = heading.partition(" ")[0]
    found = re.search(
        rf"^{re.escape(heading)}$\n(.*?)(?=^#{{1,{len(level)}}} |\Z)",
        text,
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"no heading {heading!r}"
    return found[1]


def first_cells(text: str) -> list[str]:
    """Give the words in backticks that begin the rows of tables."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def fenced(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def rows_of(text: str, *headings: str) -> list[list[str]]:
    """Give the rows of the table with these headings."""
    lines = text.split(f"| {' | '.join(headings)} |\n", 1)[1].split("\n")[1:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


# --- links -------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_docs_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prose = re.sub(r"^(```.*?^```$|    .*?$)", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"`[^`\n]*`", "", prose)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


def test_every_page_is_found_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in PAGES:
        name = str(path.relative_to(ROOT))
        assert name == "README.md" or f"({name}" in readme, name


# --- commands ----------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                sub = command.get_command(context, each)
                assert sub is not None
                yield f"{name} {each}", sub


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_and_option_is_told_and_no_other(name: str, command: click.Command) -> None:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    shown = [
        each.human_readable_name.upper()
        if each.required
        else f"[{each.human_readable_name.upper()}]"
        for each in arguments
    ]
    level = "##" if " " not in name else "###"
    told = section(page("commands.md"), f"{level} `{' '.join(['newsletter', name, *shown])}`")
    told = told.partition("\n### ")[0]
    options = {p.opts[0] for p in command.params if isinstance(p, click.Option)}
    assert {cell.split(" ")[0] for cell in first_cells(told)} == options


def test_no_command_is_told_that_there_is_not() -> None:
    told = re.findall(r"^## `newsletter (\w+)", page("commands.md"), re.MULTILINE)
    assert told == [name for name, _command in commands() if " " not in name]


def test_the_exit_codes_are_those_of_the_program() -> None:
    rows = rows_of(page("commands.md"), "Code", "Name", "What it means")
    assert [(int(code), name) for code, name, _meaning in rows] == [
        (each.value, each.name.lower().replace("_", " ")) for each in Exit
    ]


def test_commands_in_the_docs_are_commands_with_their_options() -> None:
    known = dict(commands())
    shown = [
        (path.name, line)
        for path in PAGES
        for line in re.findall(r"^ {4}(newsletter [a-z].*)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert shown
    for where, line in shown:
        words = line.partition("  #")[0].split()
        assert words[1] in {*known, "COMMAND"}, f"{where}: {line}"
        if words[1] in known:
            name = " ".join(words[1:3]) if " ".join(words[1:3]) in known else words[1]
            options = {opt for p in known[name].params for opt in (*p.opts, *p.secondary_opts)}
            used = {word for word in words if word.startswith("--")}
            assert used <= options, f"{where}: {line}"


# --- findings ----------------------------------------------------------------------------------


def codes() -> Iterator[tuple[str, str]]:
    """Find every finding in the source: its code and severity."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                maker = ast.unparse(node.func).rpartition(".")[2]
                argument = node.args[0]
                code = getattr(argument, "value", None) or constants.get(ast.unparse(argument))
                if maker in _MAKERS and isinstance(code, str):
                    yield code, _MAKERS[maker]


_MAKERS = {"error": "error", "warning": "warning", "_tell": "warning", "_Loss": "warning"}


def test_every_finding_is_told_with_its_severity_and_no_other() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", page("checks.md"), re.MULTILINE)
    assert len(told) == len(dict(told))
    assert set(told) == {*codes(), ("unusable-input", "error")}


def test_every_maker_of_findings_is_known() -> None:
    # A finding whose code is not written where it is made would escape the test above.
    hidden = {
        (path.name, maker)
        for path in sorted(PACKAGE.rglob("*.py"))
        for maker in re.findall(r"\b(?:error|warning)\((\w+(?:\.\w+)?),", path.read_text("utf-8"))
    }
    assert (
        hidden
        == {
            ("assemble.py", "TITLE_MISSING"),
            ("docx.py", "loss.code"),
            ("finding.py", "code"),
            ("parse.py", "TITLE_MISSING"),
            ("rawhtml.py", "code"),
        }
        & hidden
    )


# --- settings ----------------------------------------------------------------------------------


def tables() -> Iterator[tuple[str, set[str]]]:
    """Find every table of the settings in the source, with its keys."""
    for module in (settings, archivesettings, brand, digestrules, schedule, policy):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        local = {
            node.targets[0].id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "problems.table":
                _parent, name, keys = node.args
                within = [each.value for each in node.keywords if each.arg == "within"]
                name = within[0] if within else name
                value = local.get(keys.id, keys) if isinstance(keys, ast.Name) else keys
                yield ast.literal_eval(name), set(eval(ast.unparse(value)))  # noqa: S307 - our source


def test_every_key_of_the_settings_is_told_and_no_other() -> None:
    found = dict(tables())
    assert found.keys() >= {"society", "sender", "list", "brand", "images", "dispatch", "ledger"}
    own, social = section(page("settings.md"), "## brand").split("`[[brand.social]]`", 2)[::2]
    assert set(first_cells(social)) == found.pop("brand.social")
    assert set(first_cells(own)) | {"social"} == found.pop("brand")
    own, sections = section(page("settings.md"), "## digests").split("Each section has these keys:")
    assert set(first_cells(own)) == found.pop("digests")
    assert set(first_cells(sections)) == set(digestrules.SECTION_KEYS)
    for name, keys in found.items():
        assert set(first_cells(section(page("settings.md"), f"## {name}"))) == keys, name


def test_every_table_of_the_settings_is_told() -> None:
    told = re.findall(r"^## (\w+)$", page("settings.md"), re.MULTILINE)
    assert set(told) == {*settings._TABLES, "Environment"}


@pytest.mark.parametrize("name", registry.names())
def test_every_option_of_a_provider_is_told_and_no_other(name: str) -> None:
    with pytest.raises(InputErrors) as caught:
        registry.build(name, {"qqqq": 1}, {})
    hints = [str(each.hint) for each in caught.value.errors if "'qqqq'" in each.problem]
    keys = set(hints[0].removeprefix("use ").split(", "))
    told = section(page("settings.md"), "## providers").split(f"`[providers.{name}]`")[1]
    assert set(first_cells(told.split("`[providers.")[0])) == keys
    assert all(f"`{key}`" in page(f"providers/{name}.md") for key in keys)


def test_every_variable_of_the_environment_is_told_and_no_other() -> None:
    found = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r'"(NEWSLETTER_[A-Z_]+)"', path.read_text("utf-8"))
    } | set(registry.all_secrets())
    assert set(first_cells(section(page("settings.md"), "## Environment"))) == found


# --- segments ----------------------------------------------------------------------------------


def test_the_grammar_that_is_shown_is_the_one_that_is_used() -> None:
    (shown,) = fenced(page("segments.md"), "lark")
    assert shown.strip() == (PACKAGE / "audience/rule.lark").read_text(encoding="utf-8").strip()


EXAMPLES = rows_of(page("segments.md"), "Rule", "Ann", "Bob", "Cyd")


@pytest.mark.parametrize(("rule", "ann", "bob", "cyd"), EXAMPLES)
def test_a_rule_chooses_whom_the_page_says(
    tmp_path: Path, rule: str, ann: str, bob: str, cyd: str
) -> None:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    listed = fenced(page("segments.md"), "csv")[0].splitlines()
    chosen = []
    for line in listed[1:]:
        path = tmp_path / f"{line.split('@')[0]}.csv"
        # The types of the columns are those of the whole list.
        path.write_text("\n".join(listed), encoding="utf-8")
        columns = bring_in(ledger, path, NOW).columns
        at = Location("segments.toml", 1, 1)
        name = line.split(",")[1]
        parsed = parse_rule(f"({rule.strip('`')}) AND name = '{name}'", at)
        check_rule(parsed, columns, at)
        segment = Segment(name="example", title="", text=rule, rule=parsed, at=at)
        chosen.append("yes" if count_members(ledger, segment) else "no")
    ledger.close()
    assert chosen == [ann, bob, cyd]


def test_every_claim_that_is_explained_can_be_written() -> None:
    rows = rows_of(page("segments.md"), "Write", "and it holds for members")
    assert len(rows) >= 12
    for rule, _meaning in rows:
        parse_rule(rule.strip("`"), Location("segments.toml", 1, 1))


# --- members and dispatches --------------------------------------------------------------------


def test_the_list_that_is_shown_is_one(tmp_path: Path) -> None:
    (shown,) = fenced(page("members.md"), "csv")
    path = tmp_path / "members.csv"
    path.write_text(shown, encoding="utf-8")
    read = list(read_members(inspect(path)))
    assert [member.fault for member in read] == ["", ""]
    assert [member.id for member in read] == ["M1001", "M1002"]


def test_the_headings_that_are_understood_are_told() -> None:
    rows = rows_of(page("members.md"), "Column", "Headings that are understood")
    cells = [re.findall(r"`(\w+)`", headings) for _column, headings in rows]
    assert tuple(cells[0]) == heading.ADDRESS_COLUMNS
    assert tuple(cells[1]) == heading.ID_COLUMNS


def test_every_reason_of_exclusion_is_told_in_order() -> None:
    told = first_cells(section(page("members.md"), "## Why somebody is excluded"))
    assert told == [reason.value for reason in Exclusion]
    suppressed = first_cells(section(page("members.md"), "## Suppressions"))
    assert suppressed == [reason.value for reason in SuppressionReason]


def test_every_kind_of_note_of_the_doctor_is_told_in_order() -> None:
    rows = rows_of(page("members.md"), "Kind", "What it means")
    assert [kind.strip("`") for kind, _meaning in rows] == [kind.value for kind in Kind]


def test_every_state_of_a_delivery_is_told() -> None:
    told = first_cells(section(page("dispatch.md"), "## For real"))
    assert set(told) == {state.value for state in DeliveryState}
