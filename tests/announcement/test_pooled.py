"""What an announcement says to the digests that may take it in."""

import datetime as dt

import pytest

from newsletter.address import parse_address
from newsletter.announcement.announcement import Announcement
from newsletter.announcement.parse import parse, understand
from newsletter.announcement.pooled import Owner, Pooled
from newsletter.announcement.source import Source


def read(keys: str, path: str = "news.md") -> Announcement:
    return parse(Source(path=path, text=f"---\ntitle: News\n{keys}\n---\nHello.\n"))


def test_every_key_of_the_pool_is_understood() -> None:
    news = read(
        "owner: Zoë Lang <zoe@example.org>\ndeadline: 2027-03-01\nexpires: 3 April 2027\n"
        "priority: high\nwords: 250 words\nrepeat: yes\ndigest: [monthly, weekly]\n"
        "tags:\n  - grants\n  - études\n  - grants\n"
    )
    assert news.pooled == Pooled(
        owner=Owner("Zoë Lang", parse_address("zoe@example.org")),
        deadline=dt.date(2027, 3, 1),
        expires=dt.date(2027, 4, 3),
        priority=2,
        words=250,
        is_repeated=True,
        digests=("monthly", "weekly"),
    )
    assert news.tags == ("grants", "études")
    assert news.findings == ()


def test_what_says_nothing_is_of_normal_priority_and_for_all_digests() -> None:
    assert read("section: News").pooled == Pooled()


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Jane Doe", "Jane Doe", None),
        ("jane@example.org", "jane@example.org", "jane@example.org"),
        ("'\"Doe, Jane\" <jane@example.org>'", "Doe, Jane", "jane@example.org"),
    ],
)
def test_an_owner_is_a_name_an_address_or_both(
    written: str, name: str, address: str | None
) -> None:
    owner = read(f"owner: {written}").pooled.owner
    assert owner == Owner(name, parse_address(address) if address else None)


def test_no_digest_takes_what_says_no() -> None:
    assert read("digest: no").pooled.digests == ()


def test_plain_text_says_it_in_lines() -> None:
    text = (
        "Title: News\nOwner: Jane <jane@example.org>\nExpires: 1 May 2027\nTags: a, b\n\nHello.\n"
    )
    news = parse(Source(path="news.txt", text=text))
    assert news.pooled.expires == dt.date(2027, 5, 1)
    assert news.tags == ("a", "b")


def test_everything_wrong_is_told_at_its_place() -> None:
    text = (
        "---\ntitle: News\nowner: Jane <ja ne>\ndeadline: soon\nexpires: 04/03/2027\npriority: 12\n"
        "words: 0\nrepeat: maybe\ndigest: The Monthly!\n---\nHello.\n"
    )
    problems = understand(Source(path="news.md", text=text)).problems
    assert [f"{each.at}: {each.problem}".partition(": 'ja ne' is")[0] for each in problems] == [
        "news.md:3:8: the owner's address cannot be used",
        "news.md:4:11: 'soon' is not a date",
        "news.md:5:10: '04/03/2027' is not a date",
        "news.md:6:11: '12' is no priority",
        "news.md:7:8: '0' is no number of words",
        "news.md:8:9: 'maybe' is neither yes nor no",
        "news.md:9:9: 'The Monthly!' cannot be a digest",
    ]
    assert all(each.hint for each in problems)
