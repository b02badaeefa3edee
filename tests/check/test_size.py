"""Sizes: of the HTML, and of whole messages with their files."""

import pytest

from newsletter.check.size import check_message_size, check_size


@pytest.mark.parametrize(
    ("size", "most", "found"),
    [
        (10_000_000, None, []),
        (10_000_001, None, ["message-large"]),
        (40_000_000, None, ["message-large"]),
        (10_000_001, 30_000_000, ["message-large"]),
        (30_000_001, 30_000_000, ["message-too-large"]),
        (9_000_000, 8_000_000, ["message-too-large"]),
    ],
)
def test_a_message_is_held_against_usual_servers_and_its_provider(
    size: int, most: int | None, found: list[str]
) -> None:
    assert [each.code for each in check_message_size(size, most)] == found


def test_the_finding_says_how_large_it_is_and_what_the_provider_takes() -> None:
    (finding,) = check_message_size(31_400_000, 30_000_000)

    assert "31.4 MB" in finding.message
    assert "30 MB" in finding.message


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (90_000, []),
        (90_001, ["html-large"]),
        (102_000, ["html-large"]),
        (102_001, ["html-clipped"]),
    ],
)
def test_html_is_held_against_where_gmail_clips(size: int, found: list[str]) -> None:
    assert [each.code for each in check_size(size)] == found
