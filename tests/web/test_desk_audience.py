"""The audience at the desk: counts that follow a rule, one file, a balance that sums."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_samples import Caller, desk_of, with_rights

from newsletter.ledger.roles import Role, rights_of
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk

SEGMENTS = "recipients/segments.toml"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path / "society") as desk:
        yield desk


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)


def figures(page: str) -> dict[str, int]:
    found = re.findall(r"<dt>([^<]*)</dt><dd>([\d,]+)</dd>", page)
    return {name: int(value.replace(",", "")) for name, value in found}


def test_every_segment_says_how_many_it_finds_and_the_list_balances(caller: Caller) -> None:
    page = caller.get("/audience").body
    assert re.search(r"Students</a>.*?>71</td>", page, re.DOTALL)
    sums = figures(page)
    assert sums["On the list"] == 300
    assert sums["On the list"] == sums["Excluded"] + sums["Would get an issue to everybody"]
    reasons = re.findall(r'<tr><td>[^<]+</td><td class="num">(\d+)</td></tr>', page)
    assert sum(map(int, reasons)) == sums["Excluded"]


def test_a_segment_tells_whom_an_issue_to_it_would_reach_and_why_not_the_others(
    caller: Caller,
) -> None:
    page = caller.get("/audience/segment?name=students").body
    assert figures(page)["Would get an issue to this segment"] == 69
    assert "not in a chosen segment" in page
    assert "Nothing was dispatched to this segment yet" in page


def test_what_changed_since_the_last_dispatch_to_a_segment_is_told(
    caller: Caller, desk: Desk
) -> None:
    from newsletter.workspace.opening import Wish, open_planned
    from newsletter.workspace.prepare import prepare
    from newsletter.workspace.understand import Task

    opened = desk.open()
    task = Task(file=str(desk.root / "announcements/travel-awards.md"), segments=("students",))
    open_planned(opened, prepare(opened, task).plan, Wish(provider="outbox"))
    page = caller.get("/audience/segment?name=students").body
    assert "Twenty-four travel awards" in page
    assert "<b>0</b> members more" in page
    path = desk.root / "recipients/members.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("M10001,")]
    new = "M9,new@example.org,New,One,US,UTC,student,early,2026-01-01,,policy,X\n"
    path.write_text("".join([*kept, new]), encoding="utf-8")
    page = " ".join(caller.get("/audience/segment?name=students").body.split())
    assert "<b>1</b> member more, 1 fewer (no longer in the list)" in page


def test_rows_of_the_form_become_the_rule_of_the_file(caller: Caller, desk: Desk) -> None:
    rows = (
        "title=Young+O'Neils&name=young&join=AND&column=career_stage&operator=%3D&value=early"
        "&column=last_name&operator=contains&value=O'&column=&operator=%3D&value="
    )
    page = caller.get(f"/audience/new?{rows}").body
    rule = "career_stage = 'early' AND last_name CONTAINS 'O'''"
    assert rule.replace("'", "&#39;") in page
    assert re.search(r"<b>\d+</b> members? today", page)
    fields = {"name": "young", "title": "Young O'Neils", "rule": rule, "new": "1"}
    reply = caller.post("/audience/save", fields)
    assert reply.headers["location"] == "/audience/segment?name=young"
    tables = tomllib.loads((desk.root / SEGMENTS).read_text(encoding="utf-8"))
    assert tables["young"] == {"title": "Young O'Neils", "rule": rule}
    assert len(tables) == 12
    assert caller.post("/audience/save", fields).status == 409, "a new one replaces no other"


def test_a_segment_that_is_opened_shows_its_rows_and_a_special_rule_its_text(
    caller: Caller, desk: Desk
) -> None:
    page = caller.get("/audience/edit?name=early-career").body
    assert "<option selected>career_stage</option>" in page
    assert 'value="early"' in page
    with (desk.root / SEGMENTS).open("a") as file:
        file.write('\n[special]\nrule = "IN SEGMENT students AND joined WITHIN LAST 900 days"\n')
    special = caller.get("/audience/edit?name=special").body
    assert "<textarea" in special
    assert "IN SEGMENT students" in special
    changed = {"name": "special", "title": "Special", "rule": "country = 'US'", "new": "0"}
    assert caller.post("/audience/save", changed).status == 303
    assert "country = 'US'" in (desk.root / SEGMENTS).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("membership = ", "ends too early"),
        ("town = 'x'", "has no column"),
        ("joined > 'yesterday'", "holds dates"),
        ("IN SEGMENT nobody", "no segment"),
        ("1); DROP TABLE members; --", "cannot be read"),
        ("<script>alert(1)</script>", "cannot be read"),
    ],
)
def test_a_rule_that_is_wrong_says_so_and_is_not_saved(
    caller: Caller, desk: Desk, rule: str, problem: str
) -> None:
    before = (desk.root / SEGMENTS).read_bytes()
    from urllib.parse import quote

    page = caller.get(f"/audience/new?as=text&name=x&rule={quote(rule)}").body
    assert problem in page
    assert "<script>alert" not in page
    assert caller.post("/audience/save", {"name": "x", "rule": rule, "new": "1"}).status == 409
    assert (desk.root / SEGMENTS).read_bytes() == before


@pytest.mark.parametrize("name", ["", "A b", "../x", "x]\n[y", "<b>"])
def test_a_name_that_is_none_is_refused(caller: Caller, desk: Desk, name: str) -> None:
    before = (desk.root / SEGMENTS).read_bytes()
    fields = {"name": name, "title": "t", "rule": "country = 'US'", "new": "1"}
    reply = caller.post("/audience/save", fields)
    assert reply.status == 409
    assert "<b>&#39;" not in reply.body
    assert (desk.root / SEGMENTS).read_bytes() == before


def test_a_broken_file_of_segments_is_told_where_it_is_wrong(caller: Caller, desk: Desk) -> None:
    with (desk.root / SEGMENTS).open("a") as file:
        file.write("\n[bad]\nrule = \"membership == 'x'\"\n")
    page = caller.get("/audience")
    assert page.status == 200
    assert "segments.toml:" in page.body
    assert caller.get("/audience/segment?name=students").status == 404


def test_values_of_members_are_text_and_never_markup(caller: Caller, desk: Desk) -> None:
    (desk.root / "recipients/members.csv").write_text(
        "member_id,email,first_name,last_name,country,<b>city\n"
        '1,a@example.org,"<script>alert(1)</script>",X,"<img src=x onerror=alert(1)>",{{ 7*7 }}\n',
        encoding="utf-8",
    )
    (desk.root / SEGMENTS).write_text('[all]\nrule = "country IS NOT EMPTY"\n')
    assert "{{ 7*7 }}" in caller.get("/audience/segment?name=all").body
    for path in ("/audience/segment?name=all", "/audience/edit?name=all", "/audience"):
        body = caller.get(path).body
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_who_may_only_look_builds_nothing(desk: Desk) -> None:
    looker = Visitor(name="Lou", rights=rights_of([Role.APPROVER]), colleague=1)
    caller = Caller(with_rights(desk, looker))
    assert caller.get("/audience").status == 200
    assert caller.get("/audience/new").status == 403
    assert caller.post("/audience/save", {"name": "x"}).status == 403
