"""The blocks between colons: what they become in both parts, and what they lack."""

import re

import pytest
from compose_samples import codes_of, compiled, issue_of, text_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.directives import DIRECTIVES


def html_of(markdown: str) -> str:
    return "".join(compiled(issue_of(markdown)).documents["-"].html.literals)


EVENT = """\
::: event Spring webinar
When: Thursday 4 March 2027, 17:00 CET
Where: online
Link: https://example.org/webinar

Ravi Patel *shows how*.
:::
"""


def test_a_button_can_be_pressed_in_every_mail_program() -> None:
    markdown = "::: button https://example.org/apply\nApply now\n:::"

    html = html_of(markdown)
    assert re.search(r'<a[^>]*href="https://example.org/apply"[^>]*>\s*Apply now', html)
    assert "Apply now\nhttps://example.org/apply" in text_of(markdown)


def test_a_callout_has_its_title_and_its_text() -> None:
    markdown = "::: callout Moved\nDue on **15 January**.\n:::"

    assert re.search(r"<strong>Moved</strong></p><p[^>]*>Due on <strong>15", html_of(markdown))
    assert "| Moved\n|\n| Due on *15 January*." in text_of(markdown)


def test_a_quote_says_who_spoke() -> None:
    markdown = "::: quote Marta Kovač, warden\nA forecast is a promise.\n:::"

    html = html_of(markdown)
    assert re.search(r"<blockquote[^>]*>.*A forecast.*— Marta Kovač, warden</p></blockquote>", html)
    assert "> A forecast is a promise." in text_of(markdown)
    assert "> Marta Kovač, warden" in text_of(markdown)


def test_columns_stand_side_by_side() -> None:
    html = html_of("::: columns\nleft words\n\n---\n\nright words\n:::\n\nafter")

    assert html.index("left words") < html.index("right words") < html.index("after")
    assert "<hr" not in html
    assert text_of("::: columns\nleft\n\n---\n\nright\n:::").count("* * *") == 0


def test_an_event_has_its_facts_and_its_link() -> None:
    html = html_of(EVENT)

    assert re.search(r"<h2[^>]*>Spring webinar</h2>", html)
    assert re.search(r"<strong>When:</strong> Thursday 4 March 2027, <[^>]*>17:00 CET<", html)
    assert 'href="https://example.org/webinar"' in html
    assert "Link:" not in html
    assert "| When: Thursday 4 March 2027, 17:00 CET\n| Where: online" in text_of(EVENT)
    assert "| https://example.org/webinar" in text_of(EVENT)


def test_a_deadline_begins_with_its_date() -> None:
    markdown = "::: deadline 15 January 2027\nTravel awards.\n:::"

    assert re.search(
        r"<strong>15 January 2027</strong></p><p[^>]*>Travel awards", html_of(markdown)
    )
    assert "| 15 January 2027\n|\n| Travel awards." in text_of(markdown)


def test_a_card_leads_somewhere_by_picture_and_by_words() -> None:
    picture = "![A helix](https://example.org/a.png)"
    markdown = f"::: card https://example.org/s\n{picture}\n\n### Boom\nText.\n:::"

    html = html_of(markdown)
    assert html.count('href="https://example.org/s"') == 2
    assert 'alt="A helix"' in html
    assert "https://example.org/s" in text_of(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "::: button\nApply\n:::",
        "::: button https://example.org\n:::",
        "::: callout\n:::",
        "::: card javascript:alert(1)\nText\n:::",
        "::: columns\nonly one\n:::",
        "::: columns\na\n\n---\n\nb\n\n---\n\nc\n:::",
        "::: deadline\nText\n:::",
        "::: event\nWhen: now\n:::",
        "::: event Webinar\nno facts\n:::",
        "::: quote Somebody\n:::",
        ":::: columns\na\n\n---\n\n::: button https://example.org\nb\n:::\n::::",
    ],
)
def test_what_a_block_lacks_is_an_error_at_its_line_and_its_words_stay(markdown: str) -> None:
    assert ("directive", 11) in codes_of(markdown)
    for word in re.findall(r"(?m)^[A-Za-z][a-z ]*$", markdown):
        assert word in text_of(markdown)


def test_a_link_of_a_block_is_judged_as_any_other() -> None:
    assert codes_of("::: button http://example.org\nApply\n:::") == [("link-insecure", 11)]


def test_slots_work_in_blocks() -> None:
    markdown = '::: callout For {{ first_name or "you" }}\nDear {{ first_name or "you" }}.\n:::'
    document = compiled(issue_of(markdown)).documents["-"]
    values = {"first_name": "<b>", "unsubscribe_url": "u", "preferences_url": "p"}

    assert "For &lt;b&gt;</strong>" in document.html.fill(values)
    assert "| For <b>\n|\n| Dear <b>." in document.text.fill(values)


@given(
    name=st.sampled_from(DIRECTIVES),
    argument=st.sampled_from(["", "x", "https://example.org", "<b>", "a: b"]),
    inner=st.lists(st.sampled_from(["text", "---", "", "When: x", "![a](b.png)", "- a", "# h"])),
)
def test_any_block_compiles(name: str, argument: str, inner: list[str]) -> None:
    body = "\n".join([f"::: {name} {argument}", *inner, ":::"])
    compiled(issue_of(body))
