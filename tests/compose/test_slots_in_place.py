import re
from html.parser import HTMLParser

import pytest
from compose_samples import MEMBER, compiled, document_of, html_of, issue_of, shown
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.tokens import mint
from newsletter.errors import InputErrors
from newsletter.message.frozen import Context, Document


def _contexts(document: Document, part: str) -> set[tuple[str, Context]]:
    return {(slot.name, slot.context) for slot in getattr(document, part).slots}


def test_each_slot_is_escaped_for_the_place_it_stands_in() -> None:
    document = document_of(
        "Dear {{ first_name }}, [enter](https://example.org/?id={{ member_id }})",
        title="For {{ first_name }}",
    )

    assert _contexts(document, "html") == {
        ("first_name", Context.HTML),
        ("member_id", Context.URL),
        ("unsubscribe_url", Context.LINK),
        ("preferences_url", Context.LINK),
    }
    assert _contexts(document, "text") == {
        ("first_name", Context.PLAIN),
        ("member_id", Context.URL),
        ("unsubscribe_url", Context.PLAIN),
        ("preferences_url", Context.PLAIN),
    }


def test_subject_and_preheader_hold_slots_as_plain_text() -> None:
    document = document_of(
        "a", subject="Dear {{ first_name }}", preheader='{{ first_name or "You" }} & we'
    )

    assert shown(document.preheader) == "{{ first_name:plain:You }} & we"
    assert "For" not in document.subject.literals


def test_an_author_can_link_to_the_unsubscribe_page() -> None:
    document = document_of("[stop]({{ unsubscribe_url }})")

    assert shown(document.html).count("{{ unsubscribe_url:link }}") == 2


def test_a_slot_in_code_stays_what_the_author_wrote() -> None:
    html = html_of(
        "Write `{{ first_name }}` like this:\n\n    {{ first_name }}\n\n{{ first_name }}"
    )

    assert html.count("{{ first_name }}") == 2
    assert html.count("Zoë") == 1


def test_a_slot_works_within_emphasis_headings_tables_and_attributes() -> None:
    html = html_of(
        "## Dear **{{ first_name }}**\n\n|a|\n|-|\n|{{ first_name }}|\n\n"
        '<p title="{{ first_name }}">x</p>'
    )

    assert "<strong>Zoë</strong>" in html
    assert 'title="Zoë"' in html


@pytest.mark.parametrize(
    "body",
    ['<p style="color:{{ first_name }}">a</p>', '<p dir="{{ first_name }}">a</p>'],
)
def test_a_slot_where_no_value_may_stand_is_an_error_at_its_place(body: str) -> None:
    with pytest.raises(InputErrors, match=r"sample\.md:1: \{\{ first_name \}\} cannot be filled"):
        html_of(body)


@pytest.mark.parametrize(
    "url",
    [
        "{{ member_id }}",
        "https://{{ member_id }}/",
        "https://{{ member_id }}.example.org/",
        "https://example.org{{ member_id }}",
        "{{ unsubscribe_url }}?x=1",
        "javascript:{{ member_id }}",
    ],
)
def test_a_members_value_never_decides_where_a_link_leads(url: str) -> None:
    result = compiled(issue_of(f"[a]({url})"))

    assert any(each.code in {"link-slot", "link-refused"} for each in result.findings)
    assert "member_id" not in shown(result.documents["-"].html)


def test_nobody_can_write_a_token_by_hand() -> None:
    first = mint(issue_of("a {{ first_name }}"))
    forged = issue_of(f"a {{{{ first_name }}}} {first.token(0)}")

    assert mint(forged).nonce != first.nonce
    assert first.token(0) in shown(compiled(forged).documents["-"].html)


def test_tokens_are_the_same_for_the_same_source() -> None:
    assert mint(issue_of("a {{ first_name }}")) == mint(issue_of("a {{ first_name }}"))


class _Shape(HTMLParser):
    """The elements and attribute names of a document, without what people wrote."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: list[object] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.shape.append(tag)


_DOCUMENT = document_of(
    "Dear {{ first_name }}, *{{ first_name }}* [x](https://example.org/?a={{ first_name }}&b=2)\n\n"
    '<p title="{{ first_name }}">b</p>',
    title="For {{ first_name }}",
)
_SHAPE = _Shape(_DOCUMENT.html.fill(MEMBER)).shape


@given(
    st.one_of(st.text(min_size=1), st.sampled_from(["</style><script>", '" onload="', "{{7*7}}"]))
)
def test_a_members_value_is_never_read_as_markup_or_template(value: str) -> None:
    values = MEMBER | {"first_name": value}

    assert _Shape(_DOCUMENT.html.fill(values)).shape == _SHAPE
    assert value in _DOCUMENT.text.fill(values)
    href = re.search(
        r'href="https://example\.org/\?a=([^"]*)&amp;b=2"', _DOCUMENT.html.fill(values)
    )
    assert href
    assert re.fullmatch(r"[\w.~%-]*", href[1], re.ASCII)
