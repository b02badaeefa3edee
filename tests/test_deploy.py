"""What `docs/deploy` shows is what the program can do."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from newsletter.cli.main import cli
from newsletter.cli.run import PARTS

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"
UNIT, CONTAINER = DEPLOY / "newsletter.service", DEPLOY / "Containerfile"


def settings_of(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def read_as_a_command(words: list[str]) -> click.Context:
    """Read the words after the program's name as the program would, without running anything."""
    at = words.index("run")
    outer = cli.make_context("newsletter", words[: at + 1])
    command = cli.get_command(outer, "run")
    assert command is not None
    return command.make_context("run", words[at + 1 :], parent=outer)


def test_the_unit_starts_the_program_with_options_that_it_has(tmp_path: Path) -> None:
    (started,) = settings_of(UNIT.read_text())["ExecStart"]
    program, *words = shlex.split(started)
    assert program.endswith("/newsletter")
    words[words.index("/srv/newsletter")] = str(tmp_path)
    context = read_as_a_command(words)
    assert context.info_name == "run"
    assert (context.params["port"], context.params["desk_port"]) == (8025, 8030)


def test_the_unit_may_write_the_workspace_and_nothing_else() -> None:
    unit = settings_of(UNIT.read_text())
    assert unit["ReadWritePaths"] == unit["WorkingDirectory"] == ["/srv/newsletter"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["CapabilityBoundingSet"] == [""]
    # SIGTERM, as the program wants it, and longer than a request may take.
    assert unit["KillSignal"] == ["SIGTERM"]
    assert int(unit["TimeoutStopSec"][0]) > 120


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    text = UNIT.read_text().replace("/opt/newsletter/bin/newsletter", "/bin/true")
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/srv/newsletter", str(tmp_path)))
    told = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert [line for line in told.stderr.splitlines() if UNIT.name in line] == []


def test_the_container_starts_the_program_with_options_that_it_has() -> None:
    text = CONTAINER.read_text()
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
    (words,) = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    assert json.loads(entry) == ["/opt/newsletter/bin/newsletter"]
    assert read_as_a_command(json.loads(words)).info_name == "run"
    assert "STOPSIGNAL SIGTERM" in text
    assert "USER 10001" in text
    assert "http://127.0.0.1:8025/health" in text


def test_the_container_gets_every_file_that_the_wheel_is_made_of() -> None:
    text = CONTAINER.read_text()
    project = (DEPLOY.parents[1] / "pyproject.toml").read_text()
    wheel = project.split("[tool.hatch.build.targets.wheel.force-include]")[1].split("\n[")[0]
    for name in re.findall(r'^"([^"]+)" =', wheel, re.MULTILINE):
        assert re.search(rf"^COPY .*\b{re.escape(name)}\b", text, re.MULTILINE), name


def test_no_secret_stands_in_what_is_deployed() -> None:
    for path in DEPLOY.iterdir():
        assert not re.search(r"(SECRET|KEY|PASSWORD)=(?!\.\.\.)\S", path.read_text()), path.name


def test_the_page_names_every_part_of_the_program() -> None:
    page = (DEPLOY.parent / "run.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(PARTS)


def test_what_is_installed_by_the_lock_file_can_use_postgresql_and_build_the_package() -> None:
    lock = (DEPLOY.parents[1] / "requirements.lock").read_text()
    for name in ("psycopg", "psycopg-binary", "psycopg-pool", "procrastinate", "hatchling"):
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name
    for page in (CONTAINER, DEPLOY / "README.md"):
        assert "--require-hashes -r requirements.lock" in page.read_text()
        assert "--no-deps --no-build-isolation ." in page.read_text()
