"""What the tests of the commands share beside their fixtures."""

from collections.abc import Callable

from click.testing import Result

SECRET = "a secret of the tests, long enough"  # noqa: S105 - signs nothing real

Newsletter = Callable[..., Result]
"""The program, as a function of its arguments."""
