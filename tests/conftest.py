"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import postgres
import pytest
from absent import IN_CI, do_without
from hypothesis import settings

# Seconds belong into benchmarks/: a busy machine must not fail a test of behaviour. In CI the
# same examples come each time, so that a red run is about the change; elsewhere new ones do.
settings.register_profile("newsletter", deadline=None, derandomize=IN_CI)
settings.load_profile("newsletter")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, headless; tests that need it are skipped where it is missing, but not in CI."""
    from playwright.sync_api import sync_playwright

    executable = chromium.executable()
    if executable is None:
        do_without("Chromium is not installed")
    with sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """PostgreSQL, of the tests' own: its URL without a database; missing only outside of CI."""
    with postgres.running(_binaries()) as server:
        yield server.url


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[postgres.Server]:
    """Another one, which the tests of a module may restart."""
    with postgres.running(_binaries()) as server:
        yield server


def _binaries() -> Path:
    binaries = postgres.find_binaries()
    if binaries is None:
        do_without("PostgreSQL is not installed")
    return binaries


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes: who begins them last waits for them alone."""
    items.sort(key=lambda item: item.path.name not in _LONG)


_LONG = frozenset(
    {
        "test_torture.py",
        "test_workers.py",
        "test_kill_the_program.py",
        "test_run.py",
        "test_in_the_browser.py",
        "test_desk_writing.py",
        "test_desk_story.py",
        "test_preview_follows.py",
        "test_bad_input.py",
        "test_benchmarks.py",
    }
)
