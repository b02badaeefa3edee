"""Reading announcement files: what comes out, and what is refused at which place."""

import datetime as dt
import time
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from newsletter.announcement.announcement import Announcement, Button, Byline, Image
from newsletter.announcement.parse import parse, read
from newsletter.announcement.source import Source, decode
from newsletter.errors import AnnouncementError, InputErrors
from newsletter.finding import Severity, blocks

WHOLE = """\
---
title: "Registration opens: Lisbon"
subject: "{{ first_name or 'Colleague' }}, see you in Lisbon"
preheader: Early rates end on 30 April.
byline: Inês Marques, PhD, FRCP, Chair of the Programme Committee
date: 2027-02-03
section: Annual meeting
image:
  source: images/lisbon.png
  alt: A river at dusk
  caption: Photo by a member
button:
  text: Register now
  url: https://meridian.example.org/lisbon
segments: [students, early-career]
theme: announcement
slug: lisbon-2027
lang: pt-PT
---

Dear {{ first_name }},

come to *Lisbon*.
"""


def understood(text: str, name: str = "news.md") -> Announcement:
    return parse(Source(path=name, text=text))


def refused(text: str, name: str = "news.md") -> list[str]:
    with pytest.raises(InputErrors) as caught:
        understood(text, name)
    return [str(error) for error in caught.value.errors]


def codes(announcement: Announcement) -> list[str]:
    return [finding.code for finding in announcement.findings]


def test_every_key_of_front_matter_is_understood() -> None:
    news = understood(WHOLE)
    assert news.title == "Registration opens: Lisbon"
    assert news.subject == "{{ first_name or 'Colleague' }}, see you in Lisbon"
    assert news.preheader == "Early rates end on 30 April."
    assert news.byline == Byline("Inês Marques, PhD, FRCP", "Chair of the Programme Committee")
    assert news.date == dt.date(2027, 2, 3)
    assert news.section == "Annual meeting"
    assert news.image == Image("images/lisbon.png", "A river at dusk", "Photo by a member")
    assert news.button == Button("Register now", "https://meridian.example.org/lisbon")
    assert news.segments == ("students", "early-career")
    assert (news.theme, news.slug, news.lang) == ("announcement", "lisbon-2027", "pt-PT")
    assert news.findings == ()


def test_a_line_of_the_body_knows_its_line_of_the_file() -> None:
    news = understood(WHOLE)
    written = news.body.split("\n").index("come to *Lisbon*.") + 1
    assert WHOLE.split("\n")[(news.body_place(written).line or 0) - 1] == "come to *Lisbon*."


def test_the_place_of_a_value_is_where_its_text_begins() -> None:
    news = understood(WHOLE)
    assert str(news.place("subject")) == "news.md:3:11"
    assert str(news.place("preheader")) == "news.md:4:12"
    assert str(news.place("image")) == "news.md:9:11"
    assert str(news.place("nothing")) == "news.md"


def test_byline_and_image_may_be_written_flat_or_in_parts() -> None:
    flat = understood('---\ntitle: T\nimage: a.png\nimage-alt: ""\n---\nText')
    assert flat.image == Image("a.png", "")
    parts = understood("---\ntitle: T\nbyline:\n  name: Jo\n  role: Chair\n---\nText")
    assert parts.byline == Byline("Jo", "Chair")


def test_numbers_and_words_that_yaml_reads_otherwise_stay_text() -> None:
    assert understood("---\ntitle: 2027\nsection: yes\n---\nText").title == "2027"
    assert understood("---\ntitle: 1e3\nsection: No\n---\nText").section == "No"


def test_every_problem_is_told_at_once_and_in_its_place() -> None:
    assert refused(
        "---\ntitle: [a, b]\ndate: 03/04/2027\nbutton: {label: Go, url: example.org}\n"
        "theme: ../../etc\ntitle: again\nlang: Deutsch!\nslug: Not A Slug\n---\nText"
    ) == [
        "news.md:2:8: 'title' has to be one text",
        "news.md:3:7: '03/04/2027' is not a date",
        "news.md:4:26: 'example.org' is not the URL of a button",
        "news.md:5:8: '../../etc' cannot be a theme",
        "news.md:6:1: 'title' is given twice",
        "news.md:7:7: 'Deutsch!' is not a language tag",
        "news.md:8:7: 'Not A Slug' is not a slug",
    ]


@pytest.mark.parametrize(
    ("yaml", "problem", "hint"),
    [
        ("title: Meeting: news", "news.md:2:15: ", "quotes"),
        ("subject: {{ first_name }}, hello", "news.md:2:", "subject: '{{"),
        ("subject: {{ first_name }}", "news.md:2:10: 'subject' has to be one text", "subject: '{{"),
        ("just words", "news.md:2:1: the front matter is not a list of keys", "title:"),
        ("- a\n- b", "news.md:2:1: the front matter is not a list of keys", "title:"),
        ("image:\n\tsource: a.png", "news.md:3:1: the front matter is not YAML", "tabs"),
        ("title: 'open", "news.md:", "quotes"),
        ("[" * 5000, "news.md:1: the front matter is nested too deeply", "simplify"),
        ("? [a]\n: b", "news.md:2:3: a key has to be a word", "quotes"),
    ],
)
def test_front_matter_that_is_not_yaml_is_refused_at_its_place(
    yaml: str, problem: str, hint: str
) -> None:
    with pytest.raises(InputErrors) as caught:
        understood(f"---\n{yaml}\n---\nText")
    assert str(caught.value.errors[0]).startswith(problem)
    assert hint in caught.value.errors[0].hint


def test_front_matter_that_never_ends_is_refused() -> None:
    assert refused("---\ntitle: T\n\nText") == [
        "news.md:1:1: the front matter that begins here never ends"
    ]


def test_an_unknown_key_is_named_once_with_the_one_that_was_meant() -> None:
    news = understood("---\ntitle: T\nsubjekt: a\nsubjekt: b\nauthor: Jo\n---\nText")
    assert [str(finding.at) for finding in news.findings] == ["news.md:3:1"]
    assert [finding.hint for finding in news.findings] == ["did you mean 'subject'?"]
    assert news.byline == Byline("Jo")
    assert {finding.severity for finding in news.findings} == {Severity.WARNING}


def test_a_first_heading_is_the_title_and_leaves_its_line_empty() -> None:
    news = understood("\n# The *new* board\n\nText\n")
    assert (news.title, news.title_is_derived) == ("The new board", False)
    assert news.body == "\n\n\nText\n"
    assert str(news.place("title")) == "news.md:2:3"


def test_the_subject_stands_in_for_a_title() -> None:
    news = understood("---\nsubject: Vote by Friday\n---\nText")
    assert (news.title, news.title_is_derived, codes(news)) == ("Vote by Friday", False, [])


def test_a_missing_title_is_derived_and_blocks() -> None:
    news = understood("Dear {{ first_name }},\n\nThe vote is *open*. Please take part.")
    assert news.title == "The vote is open. Please take part"
    assert news.title_is_derived
    assert [(f.code, f.severity) for f in news.findings] == [("title-missing", Severity.ERROR)]
    assert "--subject" in news.findings[0].hint


def test_a_long_first_sentence_is_cut_between_words() -> None:
    news = understood("The society has " + "very " * 30 + "much news. And more.", "n.txt")
    assert news.title == "The society has very very very very very very very very very very very…"


def test_keys_in_markdown_without_dashes_are_pointed_out() -> None:
    news = understood("Title: Hello\n\nText here")
    assert "front-matter-unmarked" in codes(news)


@pytest.mark.parametrize("key", ["title", "subject", "byline", "section", "preheader"])
@pytest.mark.parametrize("break_", [r"\r\nBcc: x@example.com", r"\n", r"\0", r"\x7f", r"\u2028x"])
def test_no_header_can_be_injected_by_a_value(key: str, break_: str) -> None:
    problems = refused(f'---\n{key}: "a{break_}b"\n---\nText')
    assert problems[0].startswith(f"news.md:2:{len(key) + 4}: '{key}' holds ")


@pytest.mark.parametrize("key", ["section", "byline", "image", "image_caption", "button_url"])
def test_slots_are_refused_where_nothing_fills_them(key: str) -> None:
    text = f"---\ntitle: T\nimage: a.png\nimage_alt: b\n{key}: '{{{{ first_name }}}}'\n---\nText"
    assert any(f"'{key}' cannot hold slots" in each for each in refused(text)) or key == "image"


@pytest.mark.parametrize("source", ["http://a.example/b.png", "/etc/b.png", "file:b", "C:\\b.png"])
def test_an_image_that_readers_cannot_see_is_refused(source: str) -> None:
    problems = refused(f"---\ntitle: T\nimage: '{source}'\nimage_alt: b\n---\nText")
    assert "cannot be shown to readers" in problems[0]


def test_an_image_without_words_blocks_unless_it_is_decoration() -> None:
    assert codes(understood("---\ntitle: T\nimage: a.png\n---\nText")) == ["image-alt-missing"]
    assert codes(understood('---\ntitle: T\nimage: a.png\nimage_alt: ""\n---\nText')) == []


def test_half_a_button_and_half_an_image_are_refused() -> None:
    text = "---\ntitle: T\nbutton: {label: Go}\nimage: {alt: Sea}\nbyline: {role: Chair}\n---\nText"
    assert refused(text) == [
        "news.md:3:9: a button needs a label and a URL",
        "news.md:4:14: there is no image for this",
        "news.md:5:9: the byline has no name",
    ]


def test_an_announcement_without_text_is_refused() -> None:
    assert refused("---\ntitle: T\n---\n \n") == ["news.md:4: there is no text"]


def test_a_slug_is_made_of_the_file_name() -> None:
    assert understood("# T\n\nText", "a/Année 2027 (final).md").slug == "annee-2027-final"
    assert understood("# T\n\nText", "公告.md").slug == understood("# T\n\nText", "公告.md").slug
    assert understood("# T\n\nText", "公告.md").slug != understood("# T\n\nText", "通知.md").slug


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b" \r\n \n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", "this is a binary file, not text"),
        (b"text\0text", "this is not text: it holds the control character U+0000"),
        (b"ok\nbell\x07", "this is not text: it holds the control character U+0007"),
        (b"\xff\xfeT\0\0", "this is a binary file, not text"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "news.md"
    path.write_bytes(content)
    with pytest.raises(InputErrors) as caught:
        read(str(path))
    assert caught.value.errors[0].problem == problem
    assert caught.value.errors[0].hint


def test_missing_files_folders_and_other_kinds_are_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "annual-meeting.md").write_text("# T\n\nText", encoding="utf-8")
    (tmp_path / "letter.odt").write_bytes(b"PK")
    for name, problem, hint in (
        ("anual-meeting.md", "there is no such file", "'annual-meeting.md'"),
        ("", "this is a folder", "name one"),
        ("letter.odt", "files of the kind '.odt' cannot be read", ".docx"),
        ("a\0b.md", "the file cannot be read: embedded null byte", "check its name"),
        ("x" * 300 + ".md", "the file cannot be read: file name too long", "check its name"),
    ):
        with pytest.raises(InputErrors) as caught:
            read(f"{tmp_path}/{name}")
        assert problem in caught.value.errors[0].problem
        assert hint in caught.value.errors[0].hint


def test_a_file_of_ten_megabytes_fails_at_once(tmp_path: Path) -> None:
    path = tmp_path / "news.md"
    path.write_bytes(b"word " * 2_000_000)
    started = time.perf_counter()
    with pytest.raises(InputErrors, match=r"10\.0 MB"):
        read(str(path))
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_files_of_every_editor_read_the_same(encoding: str, newline: str) -> None:
    content = "---\ntitle: Où\n---\n\nDéjà “vu”\n".replace("\n", newline).encode(encoding)
    news = parse(decode("news.md", content))
    assert (news.title, news.body) == ("Où", "\nDéjà “vu”\n")
    assert codes(news) == (["encoding-guessed"] if encoding == "windows-1252" else [])


@settings(max_examples=300)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text(alphabet="-:{}[]'\"#&*|>% \n\tab", max_size=80).map(
            lambda text: f"---\n{text}\n---\nText".encode()
        ),
        st.text(alphabet="titleby: \n{}#'", max_size=80).map(str.encode),
    ),
    name=st.sampled_from(["news.md", "news.txt"]),
)
def test_any_bytes_are_understood_or_refused_with_input_errors(content: bytes, name: str) -> None:
    try:
        news = parse(decode(name, content))
    except (InputErrors, AnnouncementError) as refusal:
        event(type(refusal).__name__)
    else:
        assert news.title
        assert news.slug


@pytest.mark.parametrize(
    "piece", ["[", "![", "{{", "{{ ", "`", "# ", "a: ", "<", "- ", "*_", "\t "]
)
@pytest.mark.parametrize("name", ["news.md", "news.txt"])
def test_a_hostile_file_costs_no_more_than_a_long_one(piece: str, name: str) -> None:
    started = time.perf_counter()
    understood("Words\n" + piece * (300_000 // len(piece)), name)
    assert time.perf_counter() - started < 5


JEKYLL = """\
---
layout: post
title: "The Messenger"
subtitle: News for March
date: 2024-03-01 09:00:00 -0500
author: [Jane Doe, Ravi Patel, Zoë Lang]
categories: [policy, grants]
tags: [a, b]
image: https://example.org/a.png
image_alt: Hills
permalink: /news/march/
---
Text.
"""

HUGO = """\
---
title: Spring news
description: What changes in spring
date: 2024-03-01T09:00:00Z
draft: true
authors:
  - name: Jane Doe
weight: 3
---
Text.
"""

BUTTONDOWN = """\
---
subject: Spring news
email_type: public
id: 1b2
status: draft
---
Text.
"""


def read_front(tmp_path: Path, text: str) -> Announcement:
    path = tmp_path / "news.md"
    path.write_text(text, encoding="utf-8")
    return read(str(path))


def test_the_front_matter_of_jekyll_is_understood(tmp_path: Path) -> None:
    found = read_front(tmp_path, JEKYLL)
    assert found.byline == Byline("Jane Doe, Ravi Patel and Zoë Lang")
    assert (found.preheader, found.section) == ("News for March", "policy")
    assert found.date == dt.date(2024, 3, 1)
    assert [(f.code, f.message) for f in found.findings] == [
        ("unused-keys", "these keys mean nothing here: layout, permalink")
    ]
    assert found.tags == ("a", "b")


def test_the_front_matter_of_hugo_is_understood_and_a_draft_stays_one(tmp_path: Path) -> None:
    found = read_front(tmp_path, HUGO)
    assert (found.byline, found.preheader) == (Byline("Jane Doe"), "What changes in spring")
    assert [f.code for f in found.findings] == ["draft", "unused-keys"]
    assert blocks(found.findings)


def test_the_front_matter_of_buttondown_is_understood(tmp_path: Path) -> None:
    found = read_front(tmp_path, BUTTONDOWN)
    assert found.title == "Spring news"
    assert [f.code for f in found.findings] == ["unused-keys"]


def test_our_own_key_wins_over_that_of_a_web_site(tmp_path: Path) -> None:
    text = "---\ntitle: T\ndescription: theirs\npreheader: ours\n---\nText.\n"
    assert read_front(tmp_path, text).preheader == "ours"
