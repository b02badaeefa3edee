"""What an editor decides about one issue, read from its small file."""

import pytest

from newsletter.errors import InputErrors
from newsletter.issue.decisions import Decision, read_decisions

KNOWN = ("travel-awards", "library-moves", "dues")
SECTIONS = ("society", "brief")


def told(text: str) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read_decisions("march.toml", text, KNOWN, SECTIONS)
    return [f"{each.at}: {each.problem} ({each.hint})" for each in caught.value.errors]


def read(text: str) -> dict[str, Decision]:
    return dict(read_decisions("march.toml", text, KNOWN, SECTIONS))


def test_each_table_is_a_decision_and_its_record() -> None:
    decisions = read(
        '[travel-awards]\nlead = true\nby = "Jane"\nwhy = "It closes on Friday."\n'
        '[dues]\nsection = "brief"\nplace = 2\nwords = 20\nrepeat = true\n'
        "[library-moves]\nhold = true\n"
    )
    assert str(decisions["travel-awards"]) == "leads by Jane: It closes on Friday."
    assert str(decisions["dues"]) == (
        "pinned to place 2, moved to brief, shortened to 20 words, repeated"
    )
    assert str(decisions["library-moves"]) == "held"
    assert str(decisions["dues"].at) == "march.toml:5"


def test_an_empty_file_decides_nothing() -> None:
    assert read("") == {}
    assert read("# [travel-awards]\n# hold = true\n") == {}


def test_unknown_names_are_told_with_their_line_and_the_one_that_was_meant() -> None:
    assert told('[travel-award]\nhold = true\n[dues]\nsection = "breif"\nplaces = 1\n') == [
        (
            "march.toml:1: no announcement of the pool is named 'travel-award'"
            " (did you mean 'travel-awards'?)"
        ),
        (
            "march.toml:4: dues.section names no section of the digest: 'breif';"
            " it has society, brief (did you mean 'brief'?)"
        ),
        "march.toml:5: unknown key 'places' in [dues] (did you mean 'place'?)",
    ]


def test_what_contradicts_itself_is_told() -> None:
    assert told('[dues]\nhold = true\nplace = 1\nwords = 3\nexcerpt = "No"\n') == [
        "march.toml:2: dues.hold contradicts the rest (delete one of the two)",
        "march.toml:4: dues.words and excerpt both shorten it (delete one of the two)",
    ]
    assert told("[dues]\nlead = true\n[travel-awards]\nlead = true\n") == [
        "march.toml:4: 'dues' leads already (let one of them lead)"
    ]


def test_what_is_no_table_and_what_is_no_toml_is_told() -> None:
    assert told("dues = 3\n")[0].startswith("march.toml:1: dues has to be a table")
    assert told("[dues\n")[0].startswith("march.toml:1:6: it cannot be read")
    assert told('[dues]\nlead = "yes"\nplace = 0\n') == [
        "march.toml:2: dues.lead has to be true or false, not 'yes' (write lead = true)",
        "march.toml:3: dues.place has to be a whole number from 1 to 100, not 0 (write place = 1)",
    ]
