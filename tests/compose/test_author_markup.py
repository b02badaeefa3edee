"""Attribute lists, raw HTML and the figure, divider and emoji of authors."""

import re
from pathlib import Path

import pytest
from compose_samples import codes_of, compiled, issue_of, text_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.authorstyle import keep_styles

PICTURE = "https://example.org/a.png"


def html_of(markdown: str) -> str:
    return "".join(compiled(issue_of(markdown)).documents["-"].html.literals)


def body_of(markdown: str) -> str:
    """The text part between the headline and the footer."""
    return text_of(markdown).partition("========\n")[2].partition(f"\n{'-' * 24}")[0].strip("\n")


# --- attribute lists ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "listed",
    ["{width=200}", '{: width="200"}', "{:width='200px' .right}", "{ .wide width=200px }"],
)
def test_the_width_of_a_picture_is_the_author_s(listed: str) -> None:
    html = html_of(f"![A helix]({PICTURE}){listed}")

    assert re.search(rf'<img[^>]*src="{PICTURE}"[^>]*width="200"', html)
    assert "{" not in body_of(f"![A helix]({PICTURE}){listed}")


def test_no_width_is_more_than_there_is() -> None:
    assert 'width="536"' in html_of(f"![A]({PICTURE}){{width=2000}}")
    assert 'width="268"' in html_of(f"![A]({PICTURE}){{width=50%}}")


def test_what_an_attribute_list_is_about_stays_readable() -> None:
    markdown = (
        "{: .lead}\nFirst *words*{: .red} here.\n{: .x lang=fr}\n\n"
        "## Head {#h .wide}\n\n- one\n- two\n{: .list}\n\n|a|\n|-|\n|1|\n{: .table}\n\n> q\n{: .q}"
    )

    assert "{" not in body_of(markdown)
    assert '<p lang="fr"' in html_of(markdown)
    assert codes_of(markdown) == []


@pytest.mark.parametrize(
    "markdown",
    ["The set {a, b}.", "A {brace}", "f{x}", "`a`{b}", "{: not closed", "{}", "# A {b c}"],
)
def test_braces_that_are_no_list_stay(markdown: str) -> None:
    assert "{" in body_of(markdown + " x") or "{" in text_of(markdown)


def test_attributes_that_nobody_can_carry_are_named_once() -> None:
    markdown = "a\n{: onclick='x()'}\n\nb\n{: onclick='y()' data-x=1}"

    assert codes_of(markdown) == [("attributes", 11)]
    assert "onclick" not in html_of(markdown)


def test_a_decorative_picture_needs_no_words(tmp_path: Path) -> None:
    assert codes_of(f"![]({PICTURE}){{decorative}}", folder=tmp_path) == []
    assert codes_of(f'<img src="{PICTURE}" alt="">', folder=tmp_path) == []
    assert codes_of(f"![]({PICTURE})", folder=tmp_path) == [("image-alt", 11)]
    assert 'alt=""' in html_of(f"![]({PICTURE}){{decorative}}")


def test_a_picture_can_stand_in_the_middle() -> None:
    for markdown in (
        f'<p align="center"><img src="{PICTURE}" alt="A"></p>',
        f'<center>\n<img src="{PICTURE}" alt="A">\n</center>',
        f"![A]({PICTURE}){{: .center}}",
    ):
        assert re.search(r'text-align:\s*center"?[^>]*>\s*<img', html_of(markdown))


# --- raw HTML ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markdown",
    [
        "<div>\n\n**bold** words\n\n</div>",
        '<div class="box" markdown="1">\n**bold** words\n</div>',
        "<section markdown>\n**bold** words\n</section>",
        "<p><b>bold</b> words",
        "<center><strong>bold</strong> words</center>",
        "<article><header><p><b>bold</b> words</p></header></article>",
    ],
)
def test_html_around_words_never_hides_them(markdown: str) -> None:
    assert re.search(r"<strong>bold</strong> words", html_of(markdown))
    assert "*bold* words" in body_of(markdown)
    assert not {"html-unclosed", "html-unopened", "html-repaired"} & {
        c for c, _ in codes_of(markdown)
    }


def test_details_are_shown_open_and_say_so() -> None:
    markdown = "<details>\n<summary>Minutes</summary>\n\n- one\n- two\n\n</details>\n\nafter"

    assert codes_of(markdown) == [("html-changed", 11)]
    assert body_of(markdown) == "*Minutes*\n\n- one\n- two\n\nafter"
    assert re.search(r"<p[^>]*><strong>Minutes</strong></p>", html_of(markdown))
    assert "<details" not in html_of(markdown)


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("https://www.youtube.com/embed/abc-D_1?rel=0", "https://www.youtube.com/watch?v=abc-D_1"),
        ("//www.youtube-nocookie.com/embed/abc", "https://www.youtube.com/watch?v=abc"),
        ("https://player.vimeo.com/video/12345", "https://vimeo.com/12345"),
    ],
)
def test_a_film_becomes_a_link(source: str, page: str) -> None:
    markdown = f'a\n\n<iframe src="{source}" title="The lecture"></iframe>'

    assert codes_of(markdown) == [("html-changed", 13)]
    assert f'href="{page}"' in html_of(markdown).replace("&amp;", "&")
    assert "The lecture [1]" in body_of(markdown)


@pytest.mark.parametrize("tag", ["iframe", "video", "audio", "form", "object", "script", "select"])
def test_what_no_email_shows_goes_with_all_that_is_in_it(tag: str) -> None:
    markdown = f"before\n\n<{tag} src='https://example.org/x'>secret</{tag}>\n\nafter"

    assert ("html-dropped", 13) in codes_of(markdown)
    assert "secret" not in html_of(markdown)
    assert body_of(markdown) == "before\n\nafter"


def test_a_figure_has_its_caption_with_links() -> None:
    raw = f'<figure>\n<img src="{PICTURE}" alt="A">\n<figcaption>By <a href="https://example.org/p">Ann</a></figcaption>\n</figure>'
    block = f"::: figure\n![A]({PICTURE})\n\nBy [Ann](https://example.org/p)\n:::"

    for markdown in (raw, block):
        html = html_of(markdown)
        assert re.search(r'By <a[^>]*href="https://example.org/p"[^>]*>Ann</a>', html)
        assert body_of(markdown).startswith("[A]\n\nBy Ann [1]")
        assert codes_of(markdown) == []
        assert html.count("<img") == 1


def test_a_figure_can_lead_somewhere() -> None:
    html = html_of(f"::: figure https://example.org/more\n![A]({PICTURE})\n:::")

    assert re.search(r'<a[^>]*href="https://example.org/more"[^>]*>\s*<img', html)


def test_a_table_with_a_head_is_one_of_ours_and_a_layout_is_not() -> None:
    data = (
        "<table><tr><th>Name</th><th align=right>Sum</th></tr><tr><td>A</td><td>1</td></tr></table>"
    )
    layout = (
        f'<table width="800"><tr><td><img src="{PICTURE}" alt="A" width="400"></td>'
        "<td>Words</td></tr></table>"
    )

    assert 'class="data"' in html_of(data)
    assert "Name  Sum\n----  ---\nA       1" in body_of(data)
    html = html_of(layout)
    assert 'role="presentation"' in html
    assert 'width="800"' not in html
    assert 'width="268"' in html
    assert "[A]  Words" in body_of(layout)


def test_nothing_of_an_author_s_style_breaks_the_layout() -> None:
    kept, lost = keep_styles(
        "position:fixed; width:900px; margin:-50px 0 0 -20px; padding: 400px; font-size:0;"
        "white-space:nowrap; color:#ffffff; background:url(https://x.org/a.png); text-align:center"
    )

    assert kept == "text-align: center"
    assert set(lost) == {
        *("position", "width", "margin", "padding", "font-size", "white-space", "color"),
        "background-color",
    }


def test_colours_that_vanish_in_the_light_or_in_the_dark_are_left_out() -> None:
    assert keep_styles("color: #111")[0] == ""
    assert keep_styles("color: black")[0] == ""
    assert keep_styles("color: #d33")[0] == "color: #d33"
    assert keep_styles("background: #ffffcc")[0] == "background-color: #ffffcc; color: #14161a"


def test_the_language_and_the_direction_of_a_block_are_kept() -> None:
    html = html_of('<p dir="rtl" lang="ar">مرحبا</p>\n\n<div lang="hi">नमस्ते</div>')

    assert re.search(r'<p[^>]*dir="rtl"[^>]*lang="ar"', html)
    assert '<div lang="hi"' in html


def test_small_signs_survive_in_both_parts() -> None:
    markdown = (
        'H<sub>2</sub>O, 10<sup>-6</sup>, <abbr title="World Health Organization">WHO</abbr>, '
        "<kbd>Ctrl</kbd>, <q>so</q>, <mark>m</mark>, <u>u</u>, <font color='#c33'>red</font>"
    )

    assert body_of(markdown).replace("\n", " ") == (
        "H2O, 10⁻⁶, WHO (World Health Organization), Ctrl, “so”, m, u, red"
    )
    html = html_of(markdown)
    for part in ("<sub>2</sub>", "<sup>-6</sup>", "<kbd>Ctrl</kbd>", "<mark>m</mark>", "<u>u</u>"):
        assert part in html


def test_comments_for_the_program_of_a_web_site_are_no_finding() -> None:
    assert codes_of("a\n\n<!--more-->\n\nb <!-- truncate -->") == []


@given(
    st.lists(
        st.sampled_from(
            "<div> </div> <p> </p> <table> <tr> <td> </td> </table> <li> <b> </b> </a> text"
            " <details> <summary> <figure> <figcaption> <iframe> <pre> {:.x} <!-- --> <ul> </ul>"
            " <script> </script> <br> ** <img_src=a> <a_href='#x'> |a|+|-|+ - > + ++".replace(
                "_", "~"
            )
            .replace("+", "\n")
            .split(" ")
        ),
        max_size=25,
    )
)
def test_any_mix_of_html_and_markdown_compiles_to_well_formed_html(parts: list[str]) -> None:
    html = html_of("e " + "".join(parts).replace("~", " "))
    for tag in ("div", "table", "td", "tr", "p", "b", "pre", "ul"):
        inner = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
        assert len(re.findall(rf"<{tag}[\s>]", inner)) == inner.count(f"</{tag}>"), tag


# --- signs -------------------------------------------------------------------------------------


def test_codes_of_emoji_become_emoji_and_other_colons_stay() -> None:
    markdown = "Done :tada: :+1: at 10:30:45, :nosuch: `:tada:` https://example.org/:tada:"

    text = body_of(markdown)
    assert "Done 🎉 👍 at 10:30:45, :nosuch: :tada:" in text
    assert "https://example.org/:tada:" in text


def test_a_divider_is_a_line_in_both_parts() -> None:
    assert "<hr" in html_of("a\n\n::: divider\n:::\n\nb")
    assert "* * *" in body_of("a\n\n::: divider\n:::\n\nb")
    assert codes_of("::: divider\nwords\n:::") == [("directive", 11)]
    assert "words" in body_of("::: divider\nwords\n:::")


def test_a_figure_without_a_picture_keeps_its_words() -> None:
    assert codes_of("::: figure\nwords\n:::") == [("directive", 11)]
    assert "words" in body_of("::: figure\nwords\n:::")
