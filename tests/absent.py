"""What a test needs and this machine has not: skipped loudly, and a failure in CI."""

from os import environ  # noqa: TID251 - CI says so in no other way
from typing import NoReturn

import pytest

IN_CI = bool(environ.get("CI"))


def do_without(missing: str) -> NoReturn:
    """Skip the test that asks, and say why; nothing is skipped in CI."""
    if IN_CI:
        pytest.fail(missing)
    pytest.skip(missing)
