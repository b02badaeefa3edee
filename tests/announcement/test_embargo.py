"""Until when an announcement is held back."""

import datetime as dt
from pathlib import Path

import pytest

from newsletter.announcement.parse import read
from newsletter.errors import InputErrors


def embargo(folder: Path, text: str) -> dt.datetime | None:
    path = folder / "news.md"
    path.write_text(f"---\ntitle: News\nembargo: {text}\n---\nHello.\n")
    return read(str(path)).embargo


@pytest.mark.parametrize(
    "text", ["2027-03-15T14:00+01:00", "2027-03-15 13:00Z", '"2027-03-15T08:00-05:00"']
)
def test_a_time_is_read_with_its_zone(tmp_path: Path, text: str) -> None:
    assert embargo(tmp_path, text) == dt.datetime(2027, 3, 15, 13, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["2027-03-15", "15 March 2027"])
def test_a_day_ends_it_as_the_day_begins(tmp_path: Path, text: str) -> None:
    assert embargo(tmp_path, text) == dt.datetime(2027, 3, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["soon", "2027-03-15T14:00", "14:00"])
def test_what_is_no_moment_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputErrors) as refused:
        embargo(tmp_path, text)
    (problem,) = refused.value.errors
    assert problem.at is not None
    assert problem.at.line == 3


def test_most_have_none(tmp_path: Path) -> None:
    assert embargo(tmp_path, '""') is None
