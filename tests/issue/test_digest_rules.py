"""The rules by which a digest assembles itself, read from the settings."""

import datetime as dt
import tomllib

import pytest

from newsletter.announcement.digest import Part
from newsletter.errors import InputErrors
from newsletter.issue.digestrules import DigestRules, read_digests
from newsletter.tables import Problems, lines_of


def read(text: str) -> dict[str, DigestRules]:
    problems = Problems("newsletter.toml", lines_of(text))
    found = read_digests(tomllib.loads(text), problems)
    problems.raise_if_any()
    return dict(found)


def told(text: str) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read(text)
    return [f"{each.at}: {each.problem}" for each in caught.value.errors]


def test_a_title_is_enough() -> None:
    rules = read('[digests.weekly]\ntitle = "This week"\n')["weekly"]
    assert rules.slug_on(dt.date(2027, 3, 2)) == "weekly-2027-03-02"
    (section,) = rules.sections
    assert (section.part, section.takes_others) == (Part.CARD, True)


def test_sections_stand_in_their_order_and_take_by_their_names() -> None:
    rules = read(
        '[digests.m]\ntitle = "M"\nslug = "m-%Y-%m"\nstarting = 2027-01-01\n'
        'button = "Write to us mailto:a@example.org"\n'
        '[digests.m.sections.grants]\npart = "deadlines"\n'
        '[digests.m.sections.news]\nheading = "All the rest"\nothers = true\nwords = 30\n'
        '[digests.m.sections.dates]\npart = "events"\ngathers = true\n'
    )["m"]
    grants, news, dates = rules.sections
    assert grants.takes == ("grants", "grants")
    assert (news.takes, news.words) == (("all the rest", "news"), 30)
    assert dates.takes == ()
    assert rules.starting == dt.date(2027, 1, 1)
    assert rules.button == ("Write to us", "mailto:a@example.org")


def test_everything_wrong_is_told_with_its_line() -> None:
    assert told(
        '[digests.Monthly]\ntitle = "M"\n'
        '[digests.m]\nslug = "M %Y"\nstarting = "soon"\nbutton = "here"\ncolour = 1\n'
        '[digests.m.sections.a]\npart = "lead"\ntakes = ["News"]\nmost = 0\nothers = true\n'
        '[digests.m.sections.b]\ntakes = ["news"]\nothers = true\ngathers = true\n'
    ) == [
        "newsletter.toml:1: 'Monthly' cannot name a digest",
        "newsletter.toml:3: digests.m.title is missing",
        "newsletter.toml:3: digests.m.sections a and b take all others",
        "newsletter.toml:4: digests.m.slug has to be like monthly-digest-%Y-%m, not 'M %Y'",
        "newsletter.toml:5: digests.m.starting has to be a day, not 'soon'",
        "newsletter.toml:6: digests.m.button needs a label and a link",
        "newsletter.toml:7: unknown key 'colour' in [digests.m]",
        (
            "newsletter.toml:9: digests.m.sections.a.part has to be card or items or events or"
            " deadlines or jobs, not 'lead'"
        ),
        (
            "newsletter.toml:11: digests.m.sections.a.most has to be a whole number from 1 to 100,"
            " not 0"
        ),
        "newsletter.toml:16: digests.m.sections.b.gathers needs dates",
    ]


def test_one_section_cannot_be_taken_twice() -> None:
    assert told(
        '[digests.m]\ntitle = "M"\n[digests.m.sections.a]\ntakes = ["News"]\n'
        '[digests.m.sections.b]\ntakes = ["news"]\n'
    ) == ["newsletter.toml:1: digests.m.sections 'news' is taken by 'a' and by 'b'"]
