"""Providers of other packages: the example of the docs is built, installed and sent through."""

import json
import os
import re
import subprocess
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "providers" / "README.md").read_text("utf-8")


def shown(language: str) -> str:
    """Give the one block of the page in `language`."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def environment(*folders: Path) -> dict[str, str]:
    path = os.pathsep.join(map(str, [*folders, ROOT]))
    return {
        "PATH": os.defpath,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "NEWSLETTER_SECRET": "a secret of the tests, long enough",
    }


def run(
    *arguments: object, cwd: Path, folders: tuple[Path, ...]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=environment(*folders),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package of the page and install it, as pip does."""
    source = tmp_path_factory.mktemp("pipe")
    (source / "newsletter_pipe.py").write_text(shown("python"), encoding="utf-8")
    (source / "pyproject.toml").write_text(shown("toml"), encoding="utf-8")
    target = tmp_path_factory.mktemp("installed")
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    done = run(
        *("-m", "pip", "install", "--quiet", *offline, "--target", target, source),
        cwd=source,
        folders=(),
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def society(tmp_path: Path, installed: Path) -> Path:
    folder = tmp_path / "society"
    made = run("-m", "newsletter", "new", folder, cwd=tmp_path, folders=(installed,))
    assert made.returncode == 0, made.stderr
    settings = folder / "newsletter.toml"
    # A file for each process, so for each message.
    added = """\n[providers.pipe]\ncommand = "sh -c 'cat > $$.eml'"\n"""
    settings.write_text(settings.read_text("utf-8") + added, encoding="utf-8")
    return folder


SEND = ("-m", "newsletter", "send", "announcements/travel-awards.md", "--segment", "students")


def test_the_example_of_the_page_carries_a_dispatch(society: Path, installed: Path) -> None:
    through = (*SEND, "--provider", "pipe")
    plan = run(*through, "--json", cwd=society, folders=(installed,))
    assert plan.returncode == 0, plan.stderr
    number = json.loads(plan.stdout)["recipients"]
    assert not list(society.glob("*.eml"))

    sent = run(*through, "--for-real", "--yes-to", number, cwd=society, folders=(installed,))

    assert sent.returncode == 0, sent.stderr
    assert f"{number} accepted + 0 rejected + 0 unsure + 0 pending" in sent.stdout
    messages = [message_from_bytes(p.read_bytes(), policy=default) for p in society.glob("*.eml")]
    assert len({message["To"] for message in messages}) == len(messages) == number
    assert all(message["List-Unsubscribe"] for message in messages)


def test_a_mistake_in_its_settings_names_the_line(society: Path, installed: Path) -> None:
    settings = society / "newsletter.toml"
    settings.write_text(settings.read_text("utf-8").replace("command =", "comand ="), "utf-8")
    line = settings.read_text("utf-8").split("\n").index("[providers.pipe]") + 2

    told = run(*SEND, "--provider", "pipe", cwd=society, folders=(installed,))

    assert told.returncode != 0
    assert f"newsletter.toml:{line}: unknown key 'comand' in [providers.pipe]" in told.stderr
    assert "did you mean 'command'?" in told.stderr
    assert "Traceback" not in told.stderr


def test_its_secrets_come_from_the_environment_like_ours(installed: Path, tmp_path: Path) -> None:
    code = "from newsletter.providers.registry import all_secrets as a; print(*a())"

    assert "PIPE_TOKEN" in run("-c", code, cwd=tmp_path, folders=(installed,)).stdout.split()


def package(folder: Path, module: str, *points: str) -> Path:
    """Write a package as an installer leaves it behind."""
    info = folder / "strange-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "strange.py").write_text(module, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[newsletter.providers]", *points]))
    return folder


STRANGE = {
    "a package that breaks": ("import nothing_like_this", "cannot be loaded: ModuleNotFoundError"),
    "a package that stops": ("raise SystemError('no')", "cannot be loaded: SystemError: no"),
    "no provider": ("OFFER = 3", "of the package 'strange' is no provider"),
    "nothing at all": ("", "cannot be loaded: AttributeError"),
}
BUILD = """
from newsletter.errors import NewsletterError, render_error
from newsletter.providers.registry import all_secrets, build, names
print(names(), all_secrets())
try:
    print(type(build("{name}", {{}}, {{}})).__module__)
except NewsletterError as error:
    print(render_error(error))
"""


@pytest.mark.parametrize(("module", "said"), STRANGE.values(), ids=STRANGE)
def test_what_is_wrong_with_a_package_is_told_when_its_provider_is_asked_for(
    tmp_path: Path, module: str, said: str
) -> None:
    folder = package(tmp_path / "strange", module, "strange = strange:OFFER")

    done = run("-c", BUILD.format(name="strange"), cwd=tmp_path, folders=(folder,))

    assert done.stderr == ""
    assert said in done.stdout
    assert "hint: " in done.stdout
    assert "'strange'" in done.stdout.splitlines()[0]

    ours = run("-c", BUILD.format(name="outbox"), cwd=tmp_path, folders=(folder,))
    assert ours.stdout.splitlines()[-1] == "newsletter.providers.outbox"


def test_no_package_takes_the_place_of_a_provider_of_ours(tmp_path: Path) -> None:
    folder = package(tmp_path / "strange", "raise SystemError", "outbox = strange:OFFER")

    done = run("-c", BUILD.format(name="outbox"), cwd=tmp_path, folders=(folder,))

    assert done.stdout.splitlines()[-1] == "newsletter.providers.outbox"
