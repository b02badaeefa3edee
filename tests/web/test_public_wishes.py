"""The preferences page: topics, a pause, a language, leaving and coming back."""

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from public_samples import FORM, NOW, ONE_CLICK, Society

from newsletter.audience.consent import Act, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.suppressions import suppress
from newsletter.web.months import months_after

TOPICS = ("news", "digest", "events", "jobs")
SHOWN = [("shown", topic) for topic in TOPICS]


def every(*topics: str) -> list[tuple[str, str]]:
    return [*SHOWN, *(("topic", topic) for topic in topics)]


def test_topics_are_opted_out_of_one_by_one_and_back_again(sent: Society) -> None:
    address, token = sent.somebody()
    saved = sent.submit(f"/p/{token}", [*every("news", "events"), ("mail", "on")])
    assert saved.status == 200
    assert "Saved." in saved.body
    assert "some of the email" in saved.body
    assert sent.wishes(address).opted_out == {"digest", "jobs"}
    assert sent.reason(address) is None
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "on")])
    assert sent.wishes(address).opted_out == frozenset()
    record = sent.record(address)
    assert [(each.act, each.topic, each.source) for each in record] == [
        (Act.OPT_OUT, "digest", "page"),
        (Act.OPT_OUT, "jobs", "page"),
        (Act.OPT_IN, "digest", "page"),
        (Act.OPT_IN, "jobs", "page"),
    ]
    assert record[0].words == (
        "What do you want to get?\n"
        "[x] News of the society Policy, publications and people: about twice a month.\n"
        "[ ] Monthly digest Everything of the month in one email.\n"
        "[x] Meetings and webinars\n"
        "[ ] Jobs and fellowships"
    )


def test_a_topic_that_the_page_did_not_show_stays_as_it_is(sent: Society) -> None:
    address, token = sent.somebody()
    sent.submit(f"/p/{token}", [("shown", "news"), ("topic", "news"), ("topic", "nonsense")])
    assert sent.wishes(address).opted_out == frozenset()
    assert sent.record(address) == ()


def test_a_pause_of_three_months_is_kept_shown_and_ended(sent: Society) -> None:
    address, token = sent.somebody()
    paused = sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "pause")])
    until = sent.wishes(address).paused_until
    assert until == months_after(dt.datetime.now(dt.UTC).date(), 3)  # noqa: TID251 - of the program
    assert "gets no email from Meridian Society of Genetics up to and including" in paused.body
    assert "Take a break" not in sent.program.ask(f"/u/{token}").body, "there is one already"
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "stay")])
    assert sent.wishes(address).paused_until == until
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "on")])
    assert sent.wishes(address).paused_until is None
    record = sent.record(address)
    assert [each.act for each in record] == [Act.PAUSE, Act.RESUME]
    assert "[x] After a break of 3 months: nothing up to and including" in record[0].words


def test_leaving_and_coming_back_by_the_form(sent: Society) -> None:
    address, token = sent.somebody()
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "off")])
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED
    # Saving the page as it stands brings nobody back.
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "stay")])
    sent.submit(f"/p/{token}", every(*TOPICS))
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "nonsense")])
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED
    sent.submit(f"/p/{token}", [*every(*TOPICS), ("mail", "on")])
    assert sent.reason(address) is None
    assert [each.act for each in sent.record(address)] == [Act.OPT_OUT, Act.OPT_IN]


def test_the_record_tells_the_button_of_the_mail_program_from_that_of_the_page(
    sent: Society,
) -> None:
    (first, one), (second, other) = sent.somebody(), sent.somebody()
    sent.program.ask(f"/u/{one}", method="POST", body=ONE_CLICK, headers=FORM)
    sent.submit(f"/u/{other}")
    (clicked,), (pressed,) = sent.record(first), sent.record(second)
    assert (clicked.source, clicked.words) == ("one-click", ONE_CLICK)
    assert pressed.source == "page"
    assert pressed.words.startswith("Unsubscribe from Meridian?")
    assert pressed.words.endswith("[Unsubscribe]")


def test_less_than_everything_is_offered_beside_leaving(sent: Society) -> None:
    (address, token), (other, second) = sent.somebody(), sent.somebody()
    asked = sent.program.ask(f"/u/{token}").body
    assert "Or only less" in asked
    assert "No more “News of the society”" in asked, "what this email was about"
    dropped = sent.submit(f"/t/{token}", [("topic", "news")])
    assert "Saved." in dropped.body
    assert sent.wishes(address).opted_out == {"news"}
    assert sent.record(address)[0].words == "[No more “News of the society”]"
    sent.submit(f"/p/{second}", [("mail", "pause")])
    assert sent.wishes(other).paused_until
    assert sent.wishes(other).opted_out == frozenset(), "the button shows no topics"
    assert sent.submit(f"/t/{token}", [("topic", "nonsense")]).status == 200


def test_a_page_speaks_the_chosen_language_then_the_browsers(sent: Society) -> None:
    _, token = sent.somebody()
    path = f"/p/{token}"
    for accepted, lang in (
        ("de-AT, fr;q=0.3", "de"),
        ("xx, fr;q=0.3, es;q=0.2", "fr"),
        ("ar", "ar"),
        ("fr;q=0, *", "en"),
        (";;q=,,\t\0"[:6], "en"),
        ("a" * 10_000, "en"),
    ):
        body = sent.program.ask(path, headers={"Accept-Language": accepted}).body
        assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in body
    sent.submit(path, [*every(*TOPICS), ("mail", "on"), ("lang", "es")])
    answer = sent.program.ask(path, headers={"Accept-Language": "de"})
    assert answer.headers["content-language"] == "es"
    assert "Sus preferencias de correo" in answer.body
    sent.submit(path, [*every(*TOPICS), ("mail", "on"), ("lang", "../etc")])
    assert sent.program.ask(path).headers["content-language"] == "es"


def test_the_preferences_of_the_barred_cannot_be_saved(sent: Society) -> None:
    address, token = sent.somebody()
    suppress(sent.ledger, Person(address), SuppressionReason.COMPLAINT, source="test", now=NOW)
    for path in (f"/p/{token}", f"/t/{token}"):
        answer = sent.submit(path, [*every(), ("mail", "on"), ("topic", "news")])
        assert "<form" not in answer.body
    assert sent.wishes(address).opted_out == frozenset()
    assert sent.record(address) == ()


def test_no_page_says_what_the_state_before_would_give_away(sent: Society) -> None:
    _, token = sent.somebody()
    for answer in (sent.program.ask(f"/p/{token}"), sent.program.ask("/p/wrong")):
        assert not re.search(r"[\w.]+@(?!meridian\.example\.org)\w+\.example\.org", answer.body)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2200, 1, 1)), st.integers(0, 30))
def test_so_many_months_on_is_never_the_month_after(day: dt.date, months: int) -> None:
    there = months_after(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == day.day or (there + dt.timedelta(days=1)).day == 1


@pytest.mark.browser
def test_preferences_are_saved_by_keyboard(page: Any, sent: Society) -> None:
    address, token = sent.somebody()
    page.goto(f"{sent.program.url}p/{token}")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first topic: off
    for _ in range(len(TOPICS)):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from "as it comes" to the pause
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    wishes = sent.wishes(address)
    assert wishes.opted_out == {"news"}
    assert wishes.paused_until
    assert not page.get_by_label("News of the society").is_checked()
    assert page.get_by_label("Not before the break ends").is_checked()
