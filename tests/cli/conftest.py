from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from program import SECRET, Newsletter

from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a copy of the sample society and go there."""
    folder = tmp_path / "society"
    copy_sample(folder)
    monkeypatch.chdir(folder)
    for name in ("NEWSLETTER_LEDGER", "SENDGRID_API_KEY", "NEWSLETTER_SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEWSLETTER_SECRET", SECRET)
    return folder


@pytest.fixture
def newsletter(workspace: Path) -> Newsletter:
    """Give the program, as a function of its arguments."""
    assert workspace.is_dir()

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - click's word
        return CliRunner().invoke(cli, list(arguments), input=input, catch_exceptions=False)

    return run
