"""The options and fixtures of the tests of composing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import compose_samples
import pytest

from newsletter.compose.theme import Theme


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of tests/golden anew"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def theme() -> Theme:
    return compose_samples.theme()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, headless; tests that need it are skipped where it is missing, but not in CI."""
    from playwright.sync_api import sync_playwright

    executable = compose_samples.chromium()
    if executable is None:
        missing = "Chromium is not installed"
        if _in_ci():
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def _in_ci() -> bool:
    from os import environ  # noqa: TID251 - CI says so in no other way

    return bool(environ.get("CI"))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with two pictures in it."""
    (tmp_path / "hills.png").write_bytes(compose_samples.png(1072, 536))
    (tmp_path / "small.png").write_bytes(compose_samples.png(120, 60))
    return tmp_path
