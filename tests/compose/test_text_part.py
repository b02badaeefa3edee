from compose_samples import text_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.wrap import WIDTH, width_of, wrap


def _body(markdown: str) -> str:
    return text_of(markdown).partition("========\n")[2].partition(f"\n{'-' * 24}")[0].strip("\n")


def test_links_become_numbered_footnotes_and_each_address_comes_once() -> None:
    text = _body(
        "Read [this](https://a.example.org) and [that](https://b.example.org/), "
        "then [this again](https://a.example.org)."
    )

    assert "Read this [1] and that [2], then this again [1]." in text.replace("\n", " ")
    assert "[1] https://a.example.org\n[2] https://b.example.org/" in text


def test_an_address_that_is_its_own_words_is_written_once() -> None:
    assert "[1]" not in _body("See https://example.org/x or a@example.org or <https://e.org/>.")


def test_words_that_are_no_address_never_hide_one() -> None:
    assert "[1] https://evil.example.org" in _body("[example.org](https://evil.example.org)")


def test_lists_hang_and_nest() -> None:
    assert _body("- one\n- two\n  - three\n\n7. seven\n8. eight") == (
        "- one\n- two\n  - three\n\n7. seven\n8. eight"
    )


def test_a_loose_list_keeps_its_air() -> None:
    assert _body("- one\n\n  more\n\n- two") == "- one\n\n  more\n\n- two"


def test_quotes_headings_code_and_rules_read_as_if_typed() -> None:
    text = _body("## Head\n\n> said\n>\n> — she\n\n```\nx =  1\n```\n\n***\n\n*a* **b** ~~c~~ `d`")

    assert text.startswith("Head\n----\n\n> said\n>\n> — she\n\n    x =  1\n\n")
    assert "* * *" in text
    assert text.endswith("_a_ *b* ~c~ d")


def test_a_narrow_table_keeps_its_columns_and_a_wide_one_becomes_records() -> None:
    assert "Site   Infants\n-----  -------\nPorto    1,530" in _body(
        "|Site|Infants|\n|-|-:|\n|Porto|1,530|"
    )
    wide = _body("|Name|What|\n|-|-|\n|" + "long " * 9 + "|" + "longer " * 9 + "|")
    assert wide.startswith("Name: long")
    assert "\nWhat: longer" in wide


def test_raw_html_is_read_as_a_reader_would() -> None:
    assert "One two [1]\nthree" in _body(
        '<p>One <a href="https://example.org/2">two</a><br>three</p>'
    )


@given(st.text(max_size=300), st.integers(20, 80))
def test_wrapping_loses_nothing_but_space(text: str, width: int) -> None:
    written = text.replace("\r", "")
    lines = wrap(written, width=width)

    assert "".join("".join(lines).split()) == "".join(written.split())


@given(st.lists(st.text("abc", min_size=1, max_size=12), max_size=60))
def test_no_line_is_wider_than_a_line_where_the_words_allow_it(words: list[str]) -> None:
    assert all(width_of(line) <= WIDTH for line in wrap(" ".join(words)))


def test_chinese_is_wrapped_although_it_has_no_spaces() -> None:
    assert all(width_of(line) <= WIDTH for line in wrap("遗传学会的年度会议将于三月举行。" * 20))
