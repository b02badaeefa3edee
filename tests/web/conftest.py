from collections.abc import Iterator
from pathlib import Path
from time import sleep  # noqa: TID251 - the watcher has a clock of its own
from typing import Any

import pytest
from public_samples import Society, sending
from web_samples import MEETING, Program, contents, put_back, running, society, version

Before = dict[Path, bytes]


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A preview of the annual meeting, to look at."""
    folder = society(tmp_path_factory.mktemp("looked-at") / "society")
    with running(folder, "preview", MEETING, "--no-open") as program:
        yield program


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Society]:
    """A society that sent an announcement, and answers its links."""
    with sending(society(tmp_path_factory.mktemp("sent") / "society")) as found:
        yield found


@pytest.fixture(scope="module")
def _edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Before]]:
    folder = society(tmp_path_factory.mktemp("edited") / "society")
    before = contents(folder)
    with running(folder, "preview", MEETING, "--no-open") as program:
        yield program, before


@pytest.fixture
def edited(_edited: tuple[Program, Before]) -> Iterator[Program]:
    """A preview of the annual meeting in a folder that the test may change: it is put back."""
    program, before = _edited
    yield program
    put_back(program.folder, before)
    seen = -1
    while seen != (seen := version(program)):
        sleep(0.2)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A tab of a screen as many people have; what goes wrong in its scripts fails the test."""
    faults: list[str] = []
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.set_default_timeout(20_000)
    yield tab
    tab.close()
    assert faults == []
