"""The blocks of a digest in both parts, and what they lack."""

import re

import pytest
from compose_samples import codes_of, html_of, text_of

CARD = "::: card https://example.org/{0}\n### Card {0}\nText {0}.\n:::\n\n"


def test_cards_that_follow_each_other_stand_in_pairs() -> None:
    html = html_of("".join(map(CARD.format, "abc")))

    assert html.count('class="side') == 4 or html.count("mj-column-per-50") >= 2
    assert html.index("Card a") < html.index("Card b") < html.index("Card c")
    assert html.count('href="https://example.org/a"') == 1


def test_words_between_two_cards_part_them() -> None:
    parted = html_of(f"{CARD.format('a')}Between.\n\n{CARD.format('b')}")

    assert "mj-column-per-50" not in parted


def test_an_event_has_a_plate_in_the_language_of_the_issue() -> None:
    markdown = "::: events\n- {}: [Tides](https://example.org/t), Hamburg\n:::"

    english = html_of(markdown.format("12 to 15 October 2027"))
    german = html_of(markdown.format("12. bis 15. Oktober 2027"), lang="de")
    assert re.search(r"Oct</span><br><b[^>]*>12\u201315</b>", english)
    assert re.search(r"Okt</span><br><b[^>]*>12\u201315</b>", german)


def test_a_date_that_is_not_understood_stands_without_a_plate() -> None:
    html = html_of("::: events\n- some time in autumn: [Tides](https://example.org/t)\n:::")

    assert 'class="plate"' not in html
    assert "some time in autumn" in html


def test_the_text_part_reads_as_if_written_by_hand() -> None:
    markdown = (
        "::: events Calendar\n"
        "- 16 April 2026, 17:00 CEST: [Old ink](https://example.org/ink), online\n\n"
        "  Bring a page.\n"
        ":::\n\n"
        "::: items\n- [Dues stay](https://example.org/dues): the board left them.\n"
        "- **A warden**, Ifeoma Brandt.\n:::\n\n"
        "::: jobs Positions\n- Keeper, North\n:::"
    )

    assert (
        "Calendar\n--------\n"
        "- 16 April 2026, 17:00 CEST: Old ink [1], online\n  Bring a page.\n\n"
        "- Dues stay [2]: the board left them.\n- A warden, Ifeoma Brandt.\n\n"
        "Positions\n---------\n- Keeper, North\n"
    ) in text_of(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "::: events\n- Tides, without a date\n:::",
        "::: deadlines\n- [Grants](https://example.org)\n:::",
        "::: items\nno list\n:::",
        "::: items\n:::",
        "::: jobs\n- \n:::",
        "::: lead notalink\n### T\n:::",
        "::: card\n:::",
    ],
)
def test_what_a_block_lacks_is_an_error_at_its_line(markdown: str) -> None:
    assert ("directive", 11) in codes_of(markdown)


def test_a_link_in_a_list_is_judged() -> None:
    assert codes_of("::: items\n- [A](http://example.org)\n:::") == [("link-insecure", 12)]


def test_the_cards_of_a_pair_have_pictures_of_one_shape(workspace: object) -> None:
    html = html_of(
        f"::: card\n![a](hills.png)\n\n### A\n:::\n\n{CARD.format('b')}", folder=workspace
    )

    assert re.search(r'src="https://news\.example\.org/images/hills-[0-9a-f]{8}-w536\.png"', html)
