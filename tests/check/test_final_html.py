"""The final HTML: structure, links, accessibility, marks of template languages."""

import pytest
from check_samples import codes, document_of, issue_of, lines, page_of, places_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check.access import check_access
from newsletter.check.law import check_law, check_one_click
from newsletter.check.leftovers import check_leftovers, check_written_marks, find_marks
from newsletter.check.page import Page, read_page
from newsletter.check.place import Places
from newsletter.check.structure import check_structure, check_weight
from newsletter.check.targets import check_targets, is_example, is_private
from newsletter.check.twin import check_twin, shared_words
from newsletter.errors import Location
from newsletter.message.headers import Header

# --- structure ---------------------------------------------------------------------------------


def structure(body: str) -> list[str]:
    return codes(check_structure(page_of(body), places_of()))


def test_one_main_heading_and_no_level_left_out_are_no_findings() -> None:
    assert structure("<h1>A</h1><h2>B</h2><h3>C</h3><h2>D</h2>") == []
    assert structure("<p>no heading at all</p>") == []


def test_headings_without_or_with_two_main_ones_are_a_finding() -> None:
    assert structure("<h2>B</h2>") == ["heading-main"]
    assert structure("<h1>A</h1><h1>B</h1>") == ["heading-main"]


def test_a_level_that_is_left_out_is_a_finding_at_its_line() -> None:
    page = page_of("<h1>A</h1><h4>Far below</h4>")
    assert lines(check_structure(page, places_of("\n#### Far below"))) == [("heading-jump", 6)]


def test_anchors_are_there_once_and_links_find_them() -> None:
    assert structure('<h2 id="a">A</h2><h1>B</h1><a href="#a">up</a><a href="#">x</a>') == []
    assert structure('<h1 id="a">A</h1><a name="a">B</a>') == ["anchor-twice"]
    assert structure('<h1>A</h1><a href="#b">B</a>') == ["link-anchor"]
    assert structure('<h1 id="über">A</h1><a href="#%C3%BCber">B</a>') == []


def test_an_image_needs_a_width() -> None:
    assert structure('<img src="a.png" width="100"><img src="b.png" width="100%">') == []
    assert structure('<img src="a.png"><img src="a.png" width="auto">') == ["image-width"] * 2


def test_images_are_weighed_together() -> None:
    assert codes(check_weight([900_000, 900_000], places_of())) == []
    assert codes(check_weight([900_000, 900_000, 900_000], places_of())) == ["images-heavy"]


# --- links -------------------------------------------------------------------------------------


def targets(body: str, *, own: str = "society.org") -> list[str]:
    return codes(check_targets(page_of(body), places_of(), own_domain=own))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://society.org/x", ""),
        ("https://slot.invalid/unsubscribe_url", ""),
        ("http://society.org", "link-insecure"),
        ("http://localhost:8000/x", "link-local"),
        ("https://127.0.0.1/", "link-local"),
        ("https://[::1]/", "link-local"),
        ("https://192.168.1.4/report", "link-local"),
        ("https://intranet/x", "link-local"),
        ("https://files.corp/x", "link-local"),
        ("https://printer.local/x", "link-local"),
        ("https://8.8.8.8/", ""),
        ("https://www.example.com/x", "left-to-fill"),
        ("https://something.example/x", "left-to-fill"),
        ("https://[broken", "link-broken"),
        ("https://host:port/", "link-broken"),
        ("mailto:office@society.org?subject=a@b", ""),
        ("mailto:office", "link-address"),
        ("tel:+49301234", ""),
    ],
)
def test_a_link_is_judged_by_where_it_leads(url: str, code: str) -> None:
    assert targets(f'<a href="{url}">words</a>') == ([code] if code else [])


def test_a_society_that_is_an_example_may_link_to_its_own_kind() -> None:
    assert targets('<a href="https://www.example.org">x</a>', own="tide.example.org") == []
    assert targets('<a href="https://www.example.com">x</a>', own="tide.example.org") == [
        "left-to-fill"
    ]


def test_a_link_needs_words_or_a_picture_that_says_something() -> None:
    assert targets('<a href="https://society.org"><img src="x" alt="Home"></a>') == []
    assert targets('<a href="https://society.org" aria-label="Home"></a>') == []
    assert targets('<a href="https://society.org"><img src="x" alt=""></a>') == ["link-empty"]
    assert targets('<a name="place"></a>') == []


def test_an_image_on_the_machine_of_its_author_is_a_finding() -> None:
    assert targets('<img src="http://localhost/x.png" alt="">') == ["link-local"]


@given(st.text(max_size=60))
def test_any_host_can_be_judged(host: str) -> None:
    is_private(host)
    is_example(host)
    targets(f'<a href="https://{host}">x</a>')


# --- accessibility -----------------------------------------------------------------------------


def access(body: str, css: str = "", attributes: str = 'lang="en" dir="ltr"') -> list[str]:
    return codes(check_access(page_of(body, css=css, attributes=attributes), places_of()))


def test_the_email_says_its_language_and_direction() -> None:
    assert access("<p>A</p>") == []
    assert access("<p>A</p>", attributes="") == ["language-missing", "direction-missing"]
    assert access("<p>A</p>", attributes='lang="" dir="up"') == [
        "language-missing",
        "direction-missing",
    ]


def test_a_table_is_for_layout_or_has_headings() -> None:
    assert access('<table role="presentation"><tr><td>a</td></tr></table>') == []
    assert access("<table><tr><th>a</th></tr><tr><td>b</td></tr></table>") == []
    assert access("<table><tr><td>a</td></tr></table>") == ["table-role"]


def test_an_image_says_what_it_shows_or_that_it_shows_nothing() -> None:
    assert access('<img src="a.png" alt="">') == []
    assert access('<img src="a.png">') == ["image-alt-attribute"]


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("color:#767676", []),  # 4.54
        ("color:#777777", ["contrast-low"]),  # 4.48
        ("color:#949494;font-size:24px", []),  # 3.03, large
        ("color:#949494;font-size:19px;font-weight:700", []),
        ("color:#949494;font-size:19px", ["contrast-low"]),
        ("color:#eeeeee;background:#222222", []),
        ("color:#eeeeee;background:url(x.png)", []),  # nobody knows
        ("color:#ffffff;display:none", []),
    ],
)
def test_words_are_held_against_what_is_behind_them(style: str, codes: list[str]) -> None:
    assert access(f'<p style="{style}">words</p>') == codes


def test_the_dark_look_is_judged_where_there_is_one() -> None:
    dark = "@media (prefers-color-scheme:dark) { body { background:#111 } %s }"
    body = '<p style="color:#222222">words</p>'
    assert access(body, dark % "p { color: #eee !important }") == []
    assert access(body, dark % "") == ["contrast-low"]


def test_the_finding_says_the_words_the_look_and_the_line() -> None:
    page = page_of('<p style="color:#aaaaaa">Hard to read</p>')
    (finding,) = check_access(page, places_of("a\nHard to read"))
    assert "'Hard to read' is hard to read in the light look" in finding.message
    assert "#aaaaaa on #ffffff has a contrast of 2.3" in finding.message
    assert finding.at is not None
    assert finding.at.line == 6


def test_a_link_within_words_is_marked_by_more_than_a_little_colour() -> None:
    link = '<p style="color:#222222">See <a href="x" style="%s">this</a> now.</p>'
    assert access(link % "color:#222222") == []  # underlined by the mail program
    assert access(link % "color:#222222;text-decoration:none") == ["link-unmarked"]
    assert access(link % "color:#0a58ca;text-decoration:none") == ["link-unmarked"]
    assert access(link % "color:#767676;text-decoration:none") == []  # 3.5 against the words
    assert access('<p><a href="x" style="text-decoration:none">Alone</a></p>') == []
    assert access(link % "color:#222222;text-decoration:none;font-weight:700") == []


def test_words_of_less_than_12_pixels_are_a_finding_but_for_raised_ones() -> None:
    assert access('<p style="font-size:11px">small</p>') == ["font-small"]
    assert access('<p style="font-size:13px">H<sub>2</sub>O</p>') == []
    assert access('<p style="font-size:1px">hidden preheader</p>') == []


# --- leftovers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark",
    [
        *("{{ first_name }}", "{{{name}}}", "{% if x %}", "{{< figure >}}", "{{% note %}}"),
        *("*|FNAME|*", "%%FirstName%%", "[[firstname]]", "${first_name}", "{$name}", "@@NAME@@"),
        *("<%= name %>", "%recipient.name%", "%FIRSTNAME%", "[% name %]", "{# note #}"),
        *("«First_Name»", "«FirstName»", "*|MC:SUBJECT|*", "QZ0123ABCD_3ZQ"),
    ],
)
def test_the_marks_of_template_languages_are_found(mark: str) -> None:
    assert list(find_marks(f"Dear {mark}, hello")) == [mark]


@pytest.mark.parametrize(
    "text",
    [
        "a 100% sure thing, 50% of it",
        "https://example.org/a%20b%C3%A9%ABCD%20x",
        "see [1] and [[2]] and {x} in the set {1, 2}",
        "price: $5 {sic}",
        "« oui » and «Ja»",
        "write to me@x.org or @@",
        "#1 {#anchor}",
        "a <b and c> d",
    ],
)
def test_what_only_looks_a_little_like_a_mark_is_left_alone(text: str) -> None:
    assert list(find_marks(text)) == []


def leftovers(html: str, text: str = "", subject: str = "News") -> list[tuple[str, int | None]]:
    document = document_of(html, text, subject=subject)
    found = check_leftovers(document, read_page(document), Places(issue_of("\n*|FNAME|*")))
    return lines(found)


def test_leftovers_are_found_in_every_part_and_told_once_with_their_line() -> None:
    expected = [("template-leftover", 6)]
    assert leftovers("<p>*|FNAME|*</p>") == expected
    assert leftovers("<p></p>", "Dear *|FNAME|*") == expected
    assert leftovers("<p>*|FNAME|*</p>", "*|FNAME|*", "*|FNAME|*") == expected
    assert leftovers('<a href="https://x.org/?n=*%7CFNAME%7C*">x</a>') == expected


def test_what_an_author_shows_as_code_is_no_leftover_in_either_part() -> None:
    assert leftovers("<pre><code>{{ name }} and ${x}</code></pre>", "{{ name }} and ${x}") == []
    assert leftovers("<p><code>{{ name }}</code> {{ name }}</p>") != []


def test_a_mark_whose_stars_are_emphasis_in_markdown_is_found_as_written() -> None:
    found = check_written_marks(issue_of("Dear *|FNAME|*,\n`*|LNAME|*` and *|a|* | *b*"))
    assert lines(found) == [("template-leftover", 5)]


# --- law ---------------------------------------------------------------------------------------

ADDRESS = ("12 Main Street", "Springfield")
FOOTER = '<p>Society, 12 Main Street · Springfield <a href="@@">Unsubscribe</a></p>'
TEXT = "Society, 12 Main Street, Springfield\nUnsubscribe: "


def law(html: str, text: str = TEXT) -> list[str]:
    document = document_of(html, text)
    return codes(check_law(document, read_page(document), ADDRESS))


def test_an_email_with_address_and_way_out_is_lawful() -> None:
    assert law(FOOTER) == []


def test_the_address_has_to_be_seen_in_both_parts() -> None:
    assert law('<p><a href="@@">Unsubscribe</a></p>') == ["address-missing"]
    assert law(FOOTER, "Unsubscribe: ") == ["address-missing"]
    assert law(FOOTER.replace("<p>", '<p style="display:none">')) == [
        "address-missing",
        "unsubscribe-hidden",
    ]


def test_a_way_out_that_nobody_sees_is_none() -> None:
    assert law(FOOTER.replace(">Unsubscribe<", "><")) == ["unsubscribe-hidden"]


def test_one_click_needs_both_headers() -> None:
    link = Header("List-Unsubscribe", "", "<https://news.society.org/u/1>")
    post = Header("List-Unsubscribe-Post", "", "List-Unsubscribe=One-Click")
    assert codes(check_one_click([link, post])) == []
    for headers in ([link], [post], [link._replace(wire="<mailto:a@b.c>"), post], []):
        assert codes(check_one_click(headers)) == ["one-click-missing"]


# --- two parts ---------------------------------------------------------------------------------

WORDS = " ".join(f"word{number}" for number in range(30))


def test_a_text_part_with_other_words_is_a_finding() -> None:
    def found(text: str) -> list[str]:
        document = document_of(f'<p>{WORDS}</p><a href="@@">x</a>', text)
        return codes(check_twin(document, read_page(document)))

    assert found(WORDS) == []
    assert found("Open this email in a browser.") == ["parts-differ"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_share_of_words_is_between_0_and_1_and_whole_for_the_same(one: str, two: str) -> None:
    assert 0 <= shared_words(one, two) <= 1
    assert shared_words(one, one) == 1


def test_a_page_without_anything_is_a_page() -> None:
    empty: Page = page_of("")
    assert empty.seen_words() == ""
    assert empty.root.tag == "html"


def test_what_no_author_can_mend_names_the_file_of_the_theme() -> None:
    at = Location("templates/circular/issue.mjml.j2", 5)
    places = Places(issue_of("Words of the author."), at)
    page = page_of("<table><tr><td>a</td></tr></table>", attributes="")
    small = page_of("<p style='font-size: 9px'>words of the theme</p>")
    written = page_of("<p style='font-size: 9px'>Words of the author.</p>")

    found = {each.code: each.at for each in check_access(page, places)}
    assert found == dict.fromkeys(("language-missing", "direction-missing", "table-role"), at)
    assert [str(each.at) for each in check_access(small, places)] == [at.path]
    assert [str(each.at) for each in check_access(written, places)] == ["news.md:5"]


def test_a_third_level_below_the_first_is_a_jump_whoever_wrote_it() -> None:
    assert structure("<h1>A</h1><h3>B</h3>") == ["heading-jump"]
    assert structure("<h1>A</h1><h2>B</h2><h3>C</h3><h2>D</h2>") == []
