"""The announcements and members that the repository brings along."""

import csv
import io
import tomllib
import zoneinfo
from pathlib import Path

import pytest

from newsletter.address import parse_address
from newsletter.announcement.parse import read
from newsletter.errors import InputError
from newsletter.issue.assemble import assemble

ROOT = Path(__file__).parents[2]
ANNOUNCEMENTS = sorted(
    path for path in (ROOT / "announcements").iterdir() if path.suffix in {".md", ".txt"}
)
MEMBERS = list(
    csv.DictReader(io.StringIO((ROOT / "recipients/members.csv").read_text(encoding="utf-8")))
)
SEGMENTS = tomllib.loads((ROOT / "recipients/segments.toml").read_text(encoding="utf-8"))

TOPICS = tomllib.loads((ROOT / "newsletter.toml").read_text(encoding="utf-8"))["topics"]


@pytest.mark.parametrize("path", ANNOUNCEMENTS, ids=lambda path: path.name)
def test_every_sample_announcement_makes_an_issue_without_findings(path: Path) -> None:
    announcement = read(str(path))
    issue = assemble(
        announcement, subject=None, attributes=MEMBERS[0], segments=SEGMENTS, topics=TOPICS
    )
    is_draft = path.stem == "summer-school"
    assert [each.code for each in issue.findings] == ["draft"] * is_draft
    assert announcement.date is not None
    if announcement.pooled.owner:
        assert announcement.pooled.owner.address
        return  # a short one, written for the digest
    assert announcement.byline is not None
    assert announcement.byline.role
    assert announcement.button is not None
    if announcement.image:
        image = path.parent / announcement.image.source
        assert image.stat().st_size < 150_000


def test_the_sample_members_have_the_faults_of_a_real_list_and_no_others() -> None:
    addresses: list[str] = []
    malformed = 0
    for member in MEMBERS:
        zoneinfo.ZoneInfo(member["time_zone"])
        try:
            addresses.append(parse_address(member["email"]).key)
        except InputError:
            malformed += 1
    assert len(MEMBERS) == 300
    assert malformed == 2
    assert len(addresses) - len(set(addresses)) == 2
    domains = {address.rpartition("@")[2] for address in addresses}
    assert {".".join(domain.split(".")[-2:]) for domain in domains} == {
        "example.com",
        "example.net",
        "example.org",
    }
