import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.safecsv import harmless, write_csv


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"))), min_size=1)
)
def test_no_cell_that_is_written_begins_a_formula(rows: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    write_csv(stream, ["a"], rows)
    for row in csv.reader(io.StringIO(stream.getvalue(), newline="")):
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("cell", ["M1001", "ann@example.org", "2026-11-23", "Zoë -", ""])
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell
