from pathlib import Path

import pytest

from newsletter.audience.segment import find_segments
from newsletter.audience.tomlfile import read_segments
from newsletter.errors import InputErrors


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "segments.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_segment_knows_where_its_rule_begins(tmp_path: Path) -> None:
    path = write(
        tmp_path, "[a]\nrule = \"x = '1'\"\n\n[early-career]\ntitle = 'E'\nrule = 'y = 1'\n"
    )
    segments = read_segments(path)
    assert (segments["early-career"].at.line, segments["early-career"].at.column) == (6, 9)
    assert segments["a"].title == "A"


def test_all_wrong_tables_are_reported_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path, "[a]\nrule = \"x == '1'\"\n[b]\n[C_D]\nrule='x=1'\n[e]\nrule='x=1'\nx=2\n"
    )
    with pytest.raises(InputErrors) as caught:
        read_segments(path)
    assert len(caught.value.errors) == 4


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"segments\.toml:2:\d+: the segments cannot be read"):
        read_segments(write(tmp_path, "[a]\nrule = x\n"))


def test_a_missing_file_holds_no_segments(tmp_path: Path) -> None:
    assert read_segments(tmp_path / "none.toml") == {}


def test_an_unknown_segment_suggests_the_nearest(tmp_path: Path) -> None:
    segments = read_segments(write(tmp_path, "[students]\nrule='x=1'\n"))
    with pytest.raises(InputErrors) as caught:
        find_segments(segments, ["studnts"])
    assert caught.value.errors[0].hint == "did you mean 'students'?"
