"""The address of an issue in the archive is known from its slug alone."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.archived import issue_address, item_address

URL = "https://news.example.org/archive"
SLUGS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


def test_a_page_is_a_folder_named_by_the_slug() -> None:
    assert issue_address(URL, "march-2027") == f"{URL}/march-2027/"
    assert item_address(URL, "march-2027", "prize") == f"{URL}/march-2027/prize/"


@given(SLUGS, SLUGS, SLUGS)
def test_no_two_announcements_share_a_page(issue: str, one: str, other: str) -> None:
    pages = {item_address(URL, issue, each) for each in (one, other)} | {issue_address(URL, issue)}
    assert len(pages) == 1 + len({one, other})
