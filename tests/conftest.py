"""The fixtures of all tests."""

from collections.abc import Iterator
from typing import Any

import chromium
import pytest


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, headless; tests that need it are skipped where it is missing, but not in CI."""
    from playwright.sync_api import sync_playwright

    executable = chromium.executable()
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
