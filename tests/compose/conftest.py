"""The options and fixtures of the tests of composing."""

from pathlib import Path

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


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with two pictures in it."""
    (tmp_path / "hills.png").write_bytes(compose_samples.png(1072, 536))
    (tmp_path / "small.png").write_bytes(compose_samples.png(120, 60))
    return tmp_path
