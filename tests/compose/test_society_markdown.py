"""Markdown as societies write it: footnotes, definitions, tasks, DOIs and ORCID iDs."""

import re

from compose_samples import codes_of, compiled, issue_of, text_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.autolink import split_at_addresses


def html_of(markdown: str) -> str:
    return "".join(compiled(issue_of(markdown)).documents["-"].html.literals)


def flat(markdown: str) -> str:
    return " ".join(text_of(markdown).split())


NOTES = (
    "Fact[^a] and claim[^long].\n\nMore.\n\n[^a]: One *source*.\n[^long]: Two,\n    on two lines.\n"
)


def test_footnotes_are_numbered_and_stand_at_the_end() -> None:
    html = html_of(NOTES)

    assert re.search(r"Fact<sup[^>]*>1</sup> and claim<sup[^>]*>2</sup>", html)
    notes = re.search(r'<ol class="notes".*?</ol>', html, re.DOTALL)
    assert notes
    assert "One <em>source</em>." in notes[0]
    assert html.index("More.") < notes.start()


def test_footnotes_read_well_as_text() -> None:
    text = text_of(NOTES)

    assert "Fact (1) and claim (2)." in text
    assert "------------\n(1) One _source_.\n(2) Two, on two lines." in text


def test_a_footnote_that_is_nowhere_written_is_a_finding() -> None:
    assert codes_of("a[^1]") == [("markup-unsupported", 11)]


def test_definition_lists_keep_their_terms() -> None:
    markdown = "Allele\n: One of the forms of a gene.\n\nLocus\n: Where a gene sits.\n"

    assert re.search(r"<dt[^>]*>Allele</dt><dd[^>]*>.*One of the forms", html_of(markdown))
    assert "Allele\n  One of the forms of a gene.\n\nLocus\n  Where a gene sits." in text_of(
        markdown
    )


def test_task_lists_get_boxes_that_need_no_form() -> None:
    markdown = "- [ ] Register\n- [x] Submit *it*\n- [y] no task\n"

    html = html_of(markdown)
    assert "\u2610\u00a0Register" in html
    assert "\u2611\u00a0Submit <em>it</em>" in html
    assert "[y] no task" in html
    assert "<input" not in html
    assert "- \u2610\u00a0Register\n- \u2611\u00a0Submit _it_" in text_of(markdown)


def test_a_doi_and_an_orcid_lead_where_they_should() -> None:
    html = html_of("See doi:10.1038/s41586-020-2649-2. By ORCID 0000-0002-1825-0097 (ORCID iD).")

    assert 'href="https://doi.org/10.1038/s41586-020-2649-2"' in html
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in html


def test_a_doi_in_brackets_and_with_brackets_ends_where_it_should() -> None:
    pieces = list(split_at_addresses("(doi:10.1016/S0140-6736(20)30183-5)."))

    assert [piece.url for piece in pieces if piece.url] == [
        "https://doi.org/10.1016/S0140-6736(20)30183-5"
    ]


@given(st.text(st.sampled_from("ab doi:10.1234/x ORCID 0-@.w:/)("), max_size=80))
def test_splitting_at_addresses_loses_no_letter(text: str) -> None:
    assert "".join(piece.text for piece in split_at_addresses(text)) == text


@given(
    st.lists(st.sampled_from(["[^a]", "[^b]", "\n\n", "[^a]: x\n", "a\n: b\n", "- [ ] c\n", "d "]))
)
def test_any_mix_of_them_compiles(parts: list[str]) -> None:
    compiled(issue_of("e" + "".join(parts)))
