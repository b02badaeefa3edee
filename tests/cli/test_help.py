"""The program as somebody meets it first: `--help`, in each of its three forms."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from newsletter.cli.main import _COMMANDS, cli

ROOT = Path(__file__).parents[2]
SLOW = {
    *("sqlalchemy", "jinja2", "premailer", "sendgrid", "starlette", "lark", "lxml", "mjml", "nh3"),
    *("markdown_it", "uvicorn", "watchfiles", "yaml", "dateutil", "email_validator", "filelock"),
    *("asyncio", "smtplib", "http", "urllib.request"),
}


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["send", "--help"], ["--version"]])
def test_the_three_forms_are_the_same_program(arguments: list[str]) -> None:
    installed = run(str(Path(sys.executable).with_name("newsletter")), *arguments)
    module = run(sys.executable, "-m", "newsletter", *arguments)
    script = run(sys.executable, "send.py", *arguments)
    assert installed == module
    assert script.replace("send.py", "newsletter").split() == installed.split()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["send", "--help"]])
def test_help_waits_for_no_vendor(arguments: list[str]) -> None:
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from newsletter.cli.main import cli\ncli(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    assert not SLOW & set(json.loads(done.stderr))


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_the_summary_of_a_command_is_its_own(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.short_help == _COMMANDS[name].summary


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_option_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.opts
            assert parameter.help[0].isupper()
            assert parameter.help.endswith(".")


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"], ["send", "-h"]])
def test_help_is_found_however_it_is_asked_for(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).output.startswith("Usage: cli")
