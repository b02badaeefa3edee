"""From announcement to issue."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.announcement.parse import parse
from newsletter.announcement.source import Source
from newsletter.errors import InputErrors
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Issue, Variant

ATTRIBUTES = ("first_name", "last_name", "membership")
SEGMENTS = ("students", "early-career", "fellows")


def assembled(text: str, *, subject: str | None = None, name: str = "news.md") -> Issue:
    announcement = parse(Source(path=name, text=text))
    return assemble(announcement, subject=subject, attributes=ATTRIBUTES, segments=SEGMENTS)


def refused(text: str, *, subject: str | None = None, name: str = "news.md") -> InputErrors:
    with pytest.raises(InputErrors) as caught:
        assembled(text, subject=subject, name=name)
    return caught.value


def test_slots_of_subject_preheader_headline_and_body_are_found_in_order() -> None:
    issue = assembled(
        "---\ntitle: 'For {{ membership }}'\nsubject: '{{ first_name or \"You\" }}: news'\n"
        "preheader: Dear {{ last_name }}\n---\nHello {{ email }}: [leave]({{ unsubscribe_url }})"
    )
    assert [(use.name, str(use.at)) for use in issue.slots] == [
        ("first_name", "news.md:3:11"),
        ("last_name", "news.md:4:17"),
        ("membership", "news.md:2:13"),
        ("email", "news.md:6:7"),
        ("unsubscribe_url", "news.md:6:28"),
    ]


def test_every_problem_is_told_at_once_with_what_was_meant() -> None:
    error = refused(
        "---\ntitle: 'Hi {{ fist_name }}'\nsegments: [students, felows]\n---\n"
        "{{ name | upper }}\n::: only student\nText\n:::\n:::\n"
    )
    known = "email, first_name, last_name, membership, preferences_url, unsubscribe_url"
    assert [str(each) for each in error.errors] == [
        f"news.md:2:12: unknown slot 'fist_name'; known are {known}",
        "news.md:3:11: unknown segment 'felows'; known are early-career, fellows, students",
        "news.md:5:1: '{{ name | upper }}' is not a slot",
        "news.md:6:10: unknown segment 'student'; known are early-career, fellows, students",
        "news.md:9:1: there is no block to close here",
    ]
    assert [each.hint for each in error.errors][:2] == [
        "did you mean 'first_name'?",
        "did you mean 'fellows'?",
    ]


def test_a_slot_of_plain_text_has_its_place_in_the_file() -> None:
    error = refused("Title: T\n\n  *Stars* & {{ frist_name }}", name="letter.txt")
    assert str(error.errors[0].at) == "letter.txt:3:13"


def test_code_in_plain_text_is_no_code_and_its_slots_are_filled() -> None:
    issue = assembled("Title: T\n\n`Hi {{ first_name }}`", name="letter.txt")
    assert [use.name for use in issue.slots] == ["first_name"]


def test_a_subject_given_with_the_command_stands_in_for_a_missing_title() -> None:
    assert [each.code for each in assembled("Text").findings] == ["title-missing"]
    issue = assembled("Text", subject=" Vote, {{ first_name }} ")
    assert issue.findings == ()
    assert issue.announcement.findings == ()
    assert (issue.subject, issue.announcement.title) == ("Vote, {{ first_name }}",) * 2


def test_a_subject_given_with_the_command_leaves_a_title_alone() -> None:
    issue = assembled("---\ntitle: T\nsubject: S\n---\nText", subject="Given")
    assert (issue.subject, issue.announcement.title) == ("Given", "T")
    assert assembled("---\ntitle: T\nsubject: S\n---\nText").subject == "S"
    assert assembled("---\ntitle: T\n---\nText").subject == "T"


@pytest.mark.parametrize("subject", ["a\r\nBcc: b@example.com", "a\nb", "a\0b", "a\u2028b"])
def test_no_header_can_be_injected_by_the_command(subject: str) -> None:
    assert "--subject: the subject holds" in str(refused("# T\n\nText", subject=subject))


def test_an_unknown_slot_in_the_subject_of_the_command_is_refused() -> None:
    assert str(refused("# T\n\nText", subject="{{ nme }}")).startswith("--subject: unknown slot")


def test_text_for_segments_only_is_pointed_out() -> None:
    issue = assembled("# T\n\n::: only students\nText\n:::\n")
    assert [each.code for each in issue.findings] == ["text-only-for-segments"]


def test_the_segments_of_blocks_decide_the_variant() -> None:
    issue = assembled("# T\nAll\n::: only students, fellows\nA\n:::\n::: only fellows\nB\n:::\n")
    assert issue.segments == ("students", "fellows")
    assert issue.variant_of(frozenset({"students"})).key == "10"
    assert issue.variant_of(frozenset({"fellows", "other"})).key == "11"
    assert issue.variant_of(frozenset()).key == "00"


BODY = st.lists(st.sampled_from(["text", "", "- item"]), max_size=4).map("\n".join)
BLOCK = st.builds("::: only {}\n{}\n:::".format, st.sampled_from(SEGMENTS), BODY)


@given(st.lists(BODY | BLOCK, max_size=6))
def test_every_variant_has_as_many_lines_as_the_body_and_no_fence(parts: list[str]) -> None:
    issue = assembled("# T\n\nText\n" + "\n".join(parts))
    lines = issue.announcement.body.split("\n")
    for shown in itertools.product((False, True), repeat=len(issue.blocks)):
        body = issue.body_of(Variant(shown)).split("\n")
        assert len(body) == len(lines)
        assert not any(line.startswith(":::") for line in body)
        assert all(new in {"", old} for new, old in zip(body, lines, strict=True))
        hidden = [b for b, is_shown in zip(issue.blocks, shown, strict=True) if not is_shown]
        for block in hidden:
            assert not any(body[block.first - 1 : block.last])
