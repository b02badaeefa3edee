"""Events: understood, attached as calendar files, and shown on the clock of each member."""

import datetime as dt

import icalendar
import pytest
from compose_samples import (
    BRAND,
    EVERYTHING,
    MEMBER,
    codes_of,
    document_of,
    issue_of,
    places,
    theme,
)
from hypothesis import given
from hypothesis import strategies as st

from newsletter.compose.calendar import reading_in
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue, documents_from_json, documents_to_json
from newsletter.compose.localtime import unknown_zones
from newsletter.compose.when import read_when

WEBINAR = (
    "::: event Spring webinar, part 1\nWhen: {}\nWhere: online\n"
    "Link: https://example.org/w\n\nRavi *shows* how.\n:::"
)
CET = "Thursday 4 March 2027, 17:00-18:30 CET"


def _compiled(body: str, **values: object) -> CompiledIssue:
    return compile_issue(
        issue_of(body, **values),
        theme=theme(),
        brand=BRAND,
        images=places(),
        variants=EVERYTHING,
        zone_column="time_zone",
    )


@pytest.mark.parametrize(
    ("lang", "text", "start", "end"),
    [
        ("en", CET, "2027-03-04 17:00:00+01:00", "2027-03-04 18:30:00+01:00"),
        ("en", "March 4, 2027, 5-6:30 pm ET",
         "2027-03-04 17:00:00-05:00", "2027-03-04 18:30:00-05:00"),
        ("en", "4 March 2027, 5 pm New York time", "2027-03-04 17:00:00-05:00", None),
        ("en", "2027-03-04 17:00 UTC+2", "2027-03-04 17:00:00+02:00", None),
        ("en", "2027-03-04T17:00+05:30", "2027-03-04 17:00:00+05:30", None),
        ("en", "4 March 2027, 17:00 Europe/Berlin", "2027-03-04 17:00:00+01:00", None),
        ("en", "4 March 2027, 23:00-01:00 UTC",
         "2027-03-04 23:00:00+00:00", "2027-03-05 01:00:00+00:00"),
        ("en", "12 October 2027, 9:00 to 15 October 2027, 17:00 CEST",
         "2027-10-12 09:00:00+02:00", "2027-10-15 17:00:00+02:00"),
        ("de", "Donnerstag, 4. März 2027, 17:00 Uhr MEZ", "2027-03-04 17:00:00+01:00", None),
        ("fr", "jeudi 4 mars 2027 à 17h30 CET", "2027-03-04 17:30:00+01:00", None),
        ("es", "4 de marzo de 2027, 17:00 CET", "2027-03-04 17:00:00+01:00", None),
        ("ja", "2027年3月4日 17:00 JST", "2027-03-04 17:00:00+09:00", None),
    ],
)  # fmt: skip
def test_a_moment_is_understood(lang: str, text: str, start: str, end: str | None) -> None:
    when = read_when(text, reading_in(lang, today=None, zone=""))

    assert when
    assert str(when.start) == start
    assert (str(when.end) if when.end else None) == end


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("12-15 October 2027", (10, 12), (10, 15)),
        ("Tuesday 12 to Friday 15 October 2027", (10, 12), (10, 15)),
        ("October 12\u201315, 2027", (10, 12), (10, 15)),
        ("30 September to 2 October 2027", (9, 30), (10, 2)),
        ("5 May", (5, 5), (5, 5)),
    ],
)
def test_days_are_understood(text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    when = read_when(text, reading_in("en", today=dt.date(2027, 2, 1), zone=""))

    assert when
    assert (when.first, when.last) == (dt.date(2027, *first), dt.date(2027, *last))
    assert when.start is None


@pytest.mark.parametrize(
    "text",
    ["", "soon", "next Tuesday", "31 February 2027", "4 March 2027, 25:00 CET", "5 May",
     "4 March 2027, 17:00 IST", "03/04/2027", "15 to 12 May 2027"],
)  # fmt: skip
def test_whatever_may_mean_two_things_is_not_guessed(text: str) -> None:
    assert read_when(text, reading_in("en", today=None, zone="")) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    read_when(text, reading_in("en", today=dt.date(2027, 2, 1), zone="UTC"))


def test_an_event_is_attached_as_a_calendar_file() -> None:
    document = document_of(WEBINAR.format(CET), date=dt.date(2027, 2, 1))
    (attached,) = document.attachments

    assert attached.name == "spring-webinar-part-1.ics"
    assert attached.kind.startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(attached.content).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Spring webinar, part 1"
    assert event.decoded("DTSTART") == dt.datetime(2027, 3, 4, 16, tzinfo=dt.UTC)
    assert event.decoded("DTEND") == dt.datetime(2027, 3, 4, 17, 30, tzinfo=dt.UTC)
    assert event.decoded("DTSTAMP") == dt.datetime(2027, 2, 1, tzinfo=dt.UTC)
    assert str(event["LOCATION"]) == "online"
    assert str(event["URL"]) == "https://example.org/w"


def test_days_without_a_time_are_days_of_the_calendar() -> None:
    (attached,) = document_of(WEBINAR.format("12-15 October 2027")).attachments

    (event,) = icalendar.Calendar.from_ical(attached.content).walk("VEVENT")
    assert event.decoded("DTSTART") == dt.date(2027, 10, 12)
    assert event.decoded("DTEND") == dt.date(2027, 10, 16)


def _uids(body: str) -> list[str]:
    return [
        str(event["UID"])
        for each in document_of(body).attachments
        for event in icalendar.Calendar.from_ical(each.content).walk("VEVENT")
    ]


def test_a_moved_event_keeps_its_uid_and_two_events_never_share_one() -> None:
    moved = WEBINAR.format("5 March 2027, 17:00 CET")
    both = f"{WEBINAR.format(CET)}\n\n{moved}"

    assert _uids(WEBINAR.format(CET)) == _uids(moved)
    assert len(set(_uids(both))) == 2
    names = [each.name for each in document_of(both).attachments]
    assert names == ["spring-webinar-part-1.ics", "spring-webinar-part-1-2.ics"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("some day soon", "event-when"),
        ("4 March 2027, 17:00", "event-zone"),
        ("4 July 2027, 17:00 CET", "event-season"),
    ],
)
def test_what_a_calendar_cannot_know_is_a_finding_at_its_line(written: str, code: str) -> None:
    assert (code, 11) in codes_of(WEBINAR.format(written))


def test_a_member_sees_the_event_on_their_own_clock() -> None:
    document = _compiled(WEBINAR.format(CET)).documents["-"]
    tokyo = MEMBER | {"time_zone": "Asia/Tokyo"}

    shown = "Your time: Friday, 5 March 2027, 01:00\u201302:30 (Tokyo)"
    assert f"{CET}\n|   {shown}\n| Where: online" in document.text.fill(tokyo)
    assert f"> {shown}</span>" in document.html.fill(tokyo)


def test_it_is_written_in_the_language_of_the_issue() -> None:
    document = _compiled(WEBINAR.format("4. März 2027, 17:00 MEZ"), lang="de").documents["-"]

    shown = document.text.fill(MEMBER | {"time_zone": "America/New_York"})
    assert "Ihre Zeit: Donnerstag, 4. März 2027, 11:00 (New York)" in shown


@pytest.mark.parametrize("zone", ["", "Mars/Base", "Europe/Paris", "<b>", "{{ x }}", "../etc"])
def test_an_unknown_zone_and_the_events_own_clock_say_it_once(zone: str) -> None:
    document = _compiled(WEBINAR.format(CET)).documents["-"]

    assert "Your time" not in document.text.fill(MEMBER | {"time_zone": zone})
    assert f"{CET}\n| Where: online" in document.text.fill(MEMBER | {"time_zone": zone})


def test_members_without_a_known_zone_are_counted() -> None:
    (found,) = unknown_zones("time_zone", {"Asia/Tokyo": 4, "": 2, "Mars": 1})

    assert found.code == "zone-unknown"
    assert found.message.startswith("3 members have no time zone that is known, such as 'Mars'")
    assert unknown_zones("time_zone", {"UTC": 4}) == ()


def test_what_the_ledger_keeps_is_what_was_compiled() -> None:
    issue = _compiled(WEBINAR.format(CET))

    assert documents_from_json(documents_to_json(issue.documents)) == issue.documents
    assert issue.content_hash == _compiled(WEBINAR.format(CET)).content_hash
    assert issue.content_hash != _compiled(WEBINAR.format("5 March 2027, 17:00 CET")).content_hash
