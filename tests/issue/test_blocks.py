"""Segment-only blocks: where they begin and end, and what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Location
from newsletter.issue.blocks import Blocks, find_blocks
from newsletter.issue.issue import OnlyBlock
from newsletter.issue.literal import find_literals


def found(text: str) -> Blocks:
    return find_blocks(text, lambda line, column: Location("f", line, column), find_literals(text))


def problems(text: str) -> list[str]:
    return [str(problem) for problem in found(text).problems]


def test_a_block_names_its_segments_and_its_lines() -> None:
    text = "a\n::: only students, early-career, students\nb\n:::\nc\n:::only fellows\n:::\n"
    assert found(text) == Blocks(
        (OnlyBlock(("students", "early-career"), 2, 4), OnlyBlock(("fellows",), 6, 7)), ()
    )


def test_a_fence_in_code_is_text() -> None:
    assert found("```\n::: only students\n```\n") == Blocks((), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n:::", ["f:2:1: there is no block to close here"]),
        ("::: only a\ntext", ["f:1:1: this block is never closed"]),
        ("::: only\ntext\n:::", ["f:1:1: this block names no segment"]),
        ("::: only ,\ntext\n:::", ["f:1:1: this block names no segment"]),
        ("::: note\ntext\n:::", ["f:1:1: '::: note' is not understood"]),
        (
            "::: only a\n::: only b\n:::\n:::\n:::",
            [
                "f:2:1: a block cannot begin inside the block of line 1",
                "f:5:1: there is no block to close here",
            ],
        ),
    ],
)
def test_a_wrong_block_is_refused_at_its_line(text: str, expected: list[str]) -> None:
    assert problems(text) == expected
    assert all(problem.hint for problem in found(text).problems)


@given(st.lists(st.sampled_from(["::: only a", ":::", "::: x", "text", "```", ""])))
def test_blocks_never_overlap_and_lie_in_the_text(lines: list[str]) -> None:
    last = 0
    for block in found("\n".join(lines)).found:
        assert last < block.first < block.last <= len(lines)
        last = block.last
