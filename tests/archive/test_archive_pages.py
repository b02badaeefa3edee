"""The pages of the archive: what stands in them, and nothing of any member."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from archive_samples import (
    BRAND,
    SENT,
    UNSUBSCRIBE,
    URL,
    announced,
    document,
    past,
    site,
    with_picture,
)
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from newsletter.archive.neutral import NOWHERE, fill_for_nobody
from newsletter.archive.sheet import take_apart
from newsletter.message.frozen import Choices, Context, Document, Frozen, Slot

ATOM = "{http://www.w3.org/2005/Atom}"


def read(files: Mapping[str, str]) -> Any:
    return etree.fromstring(files["feed.xml"].encode())


def taken(given: Document) -> str:
    return take_apart(given, member="member", own="", pictures={}).body


# --- nothing of a member -------------------------------------------------------------------------

SLOTS = st.builds(
    Slot,
    st.sampled_from(["first_name", "email", "number", "unsubscribe_url", "preferences_url"]),
    st.sampled_from(Context),
    st.none() | st.sampled_from(["", "colleague"]),
    st.none() | st.just(Choices((("Europe/Berlin", "16:00"), ("Secret", "Secret")))),
)


@given(st.lists(SLOTS, max_size=6))
def test_a_filled_slot_holds_a_word_of_the_author_or_of_ours(slots: list[Slot]) -> None:
    filled = fill_for_nobody(Frozen(("|",) * (len(slots) + 1), tuple(slots)), "member")
    words = filled.strip("|").split("|") if slots else []
    assert {word for word in words if word} <= {"member", "…", "colleague", NOWHERE}


def test_a_name_without_a_fallback_becomes_a_member() -> None:
    names = tuple(Slot(name, Context.HTML) for name in ("first_name", "number"))
    assert fill_for_nobody(Frozen(("Dear ", ", no. ", "."), names), "member") == (
        "Dear member, no. …."
    )


def test_the_links_of_a_member_are_taken_out_with_what_is_empty_then() -> None:
    body = taken(document())
    assert "Unsubscribe" not in body
    assert "·" not in body
    assert "foot" not in body
    assert "Spores." in body


def test_a_link_that_stands_among_others_leaves_them() -> None:
    pieces = ('<html><body><p><a href="', '">Leave</a> · <a href="https://e.org/">Web</a></p>')
    given = replace(document(), html=Frozen(pieces, (UNSUBSCRIBE,)))
    assert taken(given) == '<p><a href="https://e.org/">Web</a></p>'


def test_a_link_written_out_is_taken_out_too() -> None:
    slot = Slot("unsubscribe_url", Context.HTML)
    given = replace(document(), html=Frozen(("<html><body><p>Or open ", "</p>"), (slot,)))
    assert "nobody.invalid" not in taken(given)


def test_a_page_does_not_lead_to_itself() -> None:
    here = f"{URL}/march/"
    given = document(f'<p><a href="{here}">View in browser</a></p><p>Text</p>')
    assert "View in browser" not in site(past(document=given))["march/index.html"]


def test_why_a_member_gets_it_is_not_said_to_everybody() -> None:
    brand = replace(BRAND, reason="You get this because you are a fern.")
    given = document("<p><span>You get this because you are a fern.</span></p><p>Text</p>")
    page = site(past(document=given), brand=brand)["march/index.html"]
    assert "because you are" not in page
    assert "<p>Text</p>" in page


def test_comments_and_scripts_of_an_email_do_not_come_along() -> None:
    given = document("<!--[if mso]><b>x</b><![endif]--><script>alert(1)</script><p>Text</p>")
    body = taken(given)
    assert "mso" not in body
    assert "alert" not in body


# --- the site ------------------------------------------------------------------------------------


def test_issues_stand_by_year_the_newest_first() -> None:
    index = site(past("one", 1), past("two", 2), past("old", sent=SENT.replace(year=2025)))[
        "index.html"
    ]
    assert re.findall(r'href="(\w+)/"', index) == ["two", "one", "old"]
    assert re.findall(r'id="y(\d+)"', index) == ["2027", "2025"]


def test_the_same_issues_make_the_same_bytes_in_any_order() -> None:
    issues = [past("one", 1, announced=(announced("a", "News", "b", "a"),)), past("two", 1)]
    assert site(*issues) == site(*reversed(issues))


def test_an_archive_without_issues_says_so() -> None:
    files = site()
    assert "No issue has been sent yet." in files["index.html"]
    assert read(files).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_each_section_and_each_tag_has_a_list_that_needs_no_script() -> None:
    files = site(
        past("one", 1, announced=(announced("a", "Policy", "dna"),)),
        past("two", 2, announced=(announced("b", "Policy"), announced("c", "News", "dna"))),
    )
    assert re.findall(r'href="(\w+)/"', files["section.policy.html"]) == ["two", "one"]
    assert re.findall(r'href="(\w+)/"', files["section.news.html"]) == ["two"]
    assert re.findall(r'href="(\w+)/"', files["tag.dna.html"]) == ["two", "one"]
    assert 'href="section.policy.html"' in files["index.html"]
    assert "script" not in files["tag.dna.html"].replace("script-src", "")


def test_tags_that_are_spelled_alike_have_lists_of_their_own() -> None:
    files = site(past(announced=(announced("a", "", "C", "C++", "תורשה"),)))
    lists = sorted(path for path in files if path.startswith("tag."))
    assert len(lists) == 3
    for path, name in (("tag.c.html", "C"), ("tag.c-2.html", "C++")):
        assert f"<h1><bdi>{name}</bdi></h1>" in files[path]


def test_no_slug_can_be_a_page_of_the_archive_itself() -> None:
    files = site(past("section"), past("search", 3), past("index", 4), past("feed", 5))
    assert {"section/index.html", "search/index.html", "search.html", "feed.xml"} <= set(files)


def test_what_an_issue_has_an_excerpt_of_has_a_page_in_full() -> None:
    whole = document("<p>All about spores.</p>", title="Spores")
    files = site(past(announced=(announced("spores", "News", "dna", full=whole),)))
    page = files["march/spores/index.html"]
    assert "All about spores." in page
    assert 'href="../"' in page
    assert 'href="spores/"' in files["march/index.html"]
    assert 'href="march/spores/"' in files["tag.dna.html"]


def test_pictures_and_files_within_a_message_lie_beside_its_page() -> None:
    files = site(past(document=with_picture('<img src="cid:fern" alt="A fern">')))
    page = files["march/index.html"]
    picture = re.findall(r'<img src="([0-9a-f]+\.png)"', page)[0]
    assert files[f"march/{picture}"] == "PNG"
    calendar = re.findall(r'href="([0-9a-f]+\.ics)" download="walk.ics"', page)[0]
    assert files[f"march/{calendar}"] == "BEGIN:VCALENDAR"
    assert "cid:" not in page


def test_words_of_authors_are_never_markup() -> None:
    wild = '<script>alert("x")</script> & {{ x }}'
    files = site(
        past(announced=(announced("a", wild, wild),)),
        brand=replace(BRAND, name=wild, legal_name=wild),
    )
    for path, text in files.items():
        if path.endswith(".html"):
            assert "<script>alert" not in text, path


def test_the_search_has_the_words_that_a_reader_sees_and_no_others() -> None:
    hidden = '<div style="display:none">Secret preheader</div><p>Spores and <b>ferns</b></p>'
    words = site(past(document=document(hidden)))["search-words.js"]
    entries = json.loads(words.removeprefix("const ARCHIVED = ").rstrip(";\n"))
    assert entries == [{"t": "Ferns in March", "s": [], "g": [], "w": "Spores and ferns"}]


def test_the_pages_let_in_nothing_but_their_own() -> None:
    files = site(past(announced=(announced("a", "News", "b"),)))
    pages = {path: text for path, text in files.items() if path.endswith(".html")}
    for path, text in pages.items():
        policy = re.findall(r'Content-Security-Policy" content="(.*?)"', text)[0]
        assert policy.startswith("default-src &#39;none&#39;;"), path
        assert ("script-src" in policy) == (path == "search.html"), path
        assert ("unsafe-inline" in policy) == (path == "march/index.html"), path


@pytest.mark.parametrize("lang", ["en", "de", "ar", "he", "ja", "zh-Hant", "xx"])
def test_the_archive_speaks_the_language_of_the_society(lang: str) -> None:
    direction = "rtl" if lang in ("ar", "he") else "ltr"
    files = site(past(), brand=replace(BRAND, lang=lang, dir=direction))
    assert f'<html lang="{lang}" dir="{direction}">' in files["index.html"]


# --- the feed ------------------------------------------------------------------------------------


def test_the_feed_is_what_rfc_4287_asks_for() -> None:
    changed = SENT.replace(day=9)
    wild = document("<p>x</p>", title="Ferns &amp; “moss”")
    feed = read(
        site(
            past("one", 1, changed=changed, announced=(announced("a", "News", "dna"),)),
            past("two", 2, document=wild),
        )
    )
    assert feed.tag == f"{ATOM}feed"
    # Section 4.1.1: exactly one id, title and updated; an author, as entries have none.
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            found = element.findall(f"{ATOM}{name}")
            assert len(found) == 1, name
            assert (found[0].text or "").strip()
        # Section 3.3: a date and time of RFC 3339, in UTC as we write it.
        moment = element.findtext(f"{ATOM}updated") or ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Society of Ferns"
    links = {each.get("rel"): each.get("href") for each in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{URL}/feed.xml", "alternate": f"{URL}/"}
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}id") for each in entries] == [f"{URL}/one/", f"{URL}/two/"]
    assert [each.findtext(f"{ATOM}title") for each in entries] == [
        "Ferns in March",
        "Ferns & “moss”",
    ]
    assert [each.get("term") for each in entries[0].findall(f"{ATOM}category")] == ["News", "dna"]
    assert entries[0].findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    assert "Changed on 9 March 2027" in site(past(changed=changed))["march/index.html"]
