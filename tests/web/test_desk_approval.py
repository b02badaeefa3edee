"""Approval at the desk: asked for, given or refused, void after any edit, and held by commands."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - letters are sent by a thread of their own

import pytest
from desk_samples import Caller, Reply, desk_of, with_rights
from test_desk_dispatches import form_of, issues, open_it, planned

from newsletter.address import parse_address
from newsletter.errors import Refused
from newsletter.ledger.colleagues import Colleague, add_colleague, give_roles
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import all_entries
from newsletter.ledger.roles import Role
from newsletter.web.desk.desk import Desk, Limits
from newsletter.web.desk.opened import visitor
from newsletter.workspace.approving import check_agreed
from newsletter.workspace.opening import Wish
from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task

PLAN = "/dispatches/plan?name=travel-awards.md&undo=60"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NEWSLETTER_SECRET", "a secret of the tests, long enough")
    with desk_of(tmp_path / "society") as opened:
        yield replace(opened, limits=Limits())
        opened.runs.close()


@pytest.fixture(params=["any", "all"])
def needs(request: pytest.FixtureRequest, desk: Desk) -> str:
    need(desk, request.param)
    return str(request.param)


def need(desk: Desk, needs: str, more: str = "") -> None:
    path = desk.root / "newsletter.toml"
    text = path.read_text("utf-8")
    path.write_text(f'{text}\n[approval]\nneeds = "{needs}"\n{more}\n', "utf-8")


def somebody(desk: Desk, name: str, *roles: Role) -> Colleague:
    address = parse_address(f"{name}@example.org")
    by = Author("root", desk.clock.now())
    return add_colleague(desk.open().ledger, address, name, roles, by)


def as_(desk: Desk, who: Colleague) -> Caller:
    return Caller(with_rights(desk, visitor(who)))


def ask(caller: Caller, plan: str = PLAN, **more: object) -> Reply:
    form = form_of(caller.get(plan), "/approvals/ask")
    return caller.post("/approvals/ask", {**form, "token": caller.token, **more})


def sends(desk: Desk) -> None:
    """Do what `newsletter send --for-real` does before it asks for the number."""
    workspace = desk.open()
    file = str(desk.root / "announcements" / "travel-awards.md")
    prepared = prepare(workspace, Task(file=file))
    check_agreed(workspace, prepared.plan, Wish(provider="outbox"))


def test_nothing_goes_out_before_those_agreed_who_have_to(desk: Desk, needs: str) -> None:
    author = somebody(desk, "ann", Role.AUTHOR, Role.SENDER, Role.ADMIN)
    two = [somebody(desk, name, Role.APPROVER) for name in ("bo", "cy")]
    caller = as_(desk, author)
    assert "Send to" not in caller.get(PLAN).body
    with pytest.raises(Refused, match="nobody was asked"):
        sends(desk)
    assert ask(caller).headers["location"] == "/approvals/1"
    with pytest.raises(Refused, match="not given yet"):
        sends(desk)
    as_(desk, two[0]).post("/approvals/1/say", {"verdict": "agree"})
    if needs == "all":
        with pytest.raises(Refused, match="not given yet"):
            sends(desk)
        as_(desk, two[1]).post("/approvals/1/say", {"verdict": "agree"})
    sends(desk)
    # Letters are dispatches, too, and may have taken the first numbers.
    assert open_it(caller, planned(caller, PLAN)).headers["location"].startswith("/dispatches/")
    acts = [(each.who, each.act) for each in all_entries(desk.open().ledger)]
    assert ("ann", "asked for") in acts
    assert ("bo", "approved") in acts
    assert ("ann", "opened") in acts


def _content(root: Path) -> None:
    path = root / "announcements" / "travel-awards.md"
    path.write_text(path.read_text("utf-8") + "\n\nOne more.\n", "utf-8")


def _rule(root: Path) -> None:
    path = root / "recipients" / "segments.toml"
    text = path.read_text("utf-8")
    changed = text.replace("membership = 'student'\"", "membership = 'student' OR country = 'US'\"")
    assert changed != text
    path.write_text(changed, "utf-8")


def _sender(root: Path) -> None:
    path = root / "newsletter.toml"
    text = path.read_text("utf-8").replace("news@meridian", "other@meridian")
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("edit", [_content, _rule, _sender])
def test_any_edit_of_content_rule_or_sender_voids_it(
    desk: Desk, edit: Callable[[Path], None]
) -> None:
    need(desk, "any")
    author, bo = (
        somebody(desk, "ann", Role.AUTHOR, Role.SENDER),
        somebody(desk, "bo", Role.APPROVER),
    )
    ask(as_(desk, author))
    as_(desk, bo).post("/approvals/1/say", {"verdict": "agree"})
    sends(desk)
    edit(desk.root)
    with pytest.raises(Refused, match="changed since approval"):
        sends(desk)
    assert "holds for nothing" in as_(desk, bo).get("/approvals/1").body
    assert "Ask for approval" in as_(desk, author).get(PLAN).body


def test_another_time_voids_it_and_another_member_does_not(desk: Desk) -> None:
    need(desk, "any")
    author, bo = (
        somebody(desk, "ann", Role.AUTHOR, Role.SENDER),
        somebody(desk, "bo", Role.APPROVER),
    )
    ask(as_(desk, author))
    as_(desk, bo).post("/approvals/1/say", {"verdict": "agree"})
    caller = as_(desk, author)
    assert "Send to" in caller.get(PLAN).body
    assert "Send to" not in caller.get(f"{PLAN}&not_after=2090-01-01T09:00").body
    assert "Send to" not in caller.get(f"{PLAN}&hours=3").body
    path = desk.root / "recipients" / "members.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    student = next(line for line in lines if ",student," in line)
    path.write_text("".join(line for line in lines if line != student), "utf-8")
    assert "Send to" in caller.get(PLAN).body


def test_what_was_changed_cannot_be_agreed_to(desk: Desk) -> None:
    need(desk, "any")
    author, bo = somebody(desk, "ann", Role.AUTHOR), somebody(desk, "bo", Role.APPROVER)
    ask(as_(desk, author))
    _content(desk.root)
    assert as_(desk, bo).post("/approvals/1/say", {"verdict": "agree"}).status == 409


def test_a_refusal_needs_a_reason_and_blocks(desk: Desk) -> None:
    need(desk, "any")
    author, bo = (
        somebody(desk, "ann", Role.AUTHOR, Role.SENDER),
        somebody(desk, "bo", Role.APPROVER),
    )
    ask(as_(desk, author))
    approver = as_(desk, bo)
    assert approver.post("/approvals/1/say", {"verdict": "refuse"}).status == 409
    assert approver.post("/approvals/1/say", {"verdict": ""}).status == 409
    approver.post("/approvals/1/say", {"verdict": "refuse", "reason": "<i>too</i> long"})
    with pytest.raises(Refused, match="bo refused it"):
        sends(desk)
    page = as_(desk, author).get("/approvals/1").body
    assert "&lt;i&gt;too&lt;/i&gt; long" in page
    assert "refused" in as_(desk, author).get(PLAN).body


def test_nobody_approves_their_own_unless_that_is_set(desk: Desk) -> None:
    need(desk, "any")
    ann = somebody(desk, "ann", *Role)
    assert "nobody else may give it" in as_(desk, ann).get(PLAN).body
    caller = as_(desk, ann)
    form = {"name": "travel-awards.md", "undo": "60", "approver": str(ann.number)}
    assert caller.post("/approvals/ask", form).status == 409
    path = desk.root / "newsletter.toml"
    path.write_text(path.read_text("utf-8") + "own = true\n", "utf-8")
    ask(caller)
    caller.post("/approvals/1/say", {"verdict": "agree"})
    sends(desk)


def letter(desk: Desk) -> str:
    ends = monotonic() + 20
    while monotonic() < ends:
        for path in (desk.root / "outbox").rglob("*.eml"):
            part = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
            assert part is not None
            found = re.search(r"http://127\.0\.0\.1:8766(/verdict/\S+)", str(part.get_content()))
            if found:
                return found[1]
        sleep(0.05)
    raise AssertionError("no letter came")


def test_the_link_in_the_letter_is_enough_to_agree_and_for_nothing_else(desk: Desk) -> None:
    need(desk, "any")
    author = somebody(desk, "ann", Role.AUTHOR, Role.ADMIN)
    bo = somebody(desk, "bo", Role.APPROVER)
    ask(as_(desk, author), note="Please look at the second date")
    link = letter(desk)
    stranger = Caller(with_rights(desk, None))
    page = stranger.get(link)
    assert page.status == 200
    assert "Please look at the second date" in page.body
    assert stranger.get("/approvals/1").status == 303
    assert stranger.get("/dispatches").status == 303
    for _ in range(2):
        stranger.get(link)  # a program that scans mail
    with pytest.raises(Refused, match="not given yet"):
        sends(desk)
    assert stranger.post(link, {"verdict": "agree"}).status == 303
    sends(desk)
    assert stranger.post(link, {"verdict": "refuse", "reason": "no"}).status == 409
    give_roles(desk.open().ledger, bo, [Role.AUTHOR], Author("root", desk.clock.now()))
    assert stranger.get(link).status == 410


@pytest.mark.parametrize("token", ["x", "A" * 40, "0" * 40, "../../approvals/1"])
def test_a_guessed_link_shows_nothing(desk: Desk, token: str) -> None:
    need(desk, "any")
    author = somebody(desk, "ann", Role.AUTHOR, Role.ADMIN)
    somebody(desk, "bo", Role.APPROVER)
    ask(as_(desk, author))
    stranger = Caller(with_rights(desk, None))
    assert stranger.get(f"/verdict/{token}").status in (404, 410)
    assert stranger.post(f"/verdict/{token}", {"verdict": "agree"}).status in (404, 410)
    with pytest.raises(Refused):
        sends(desk)


def test_without_the_setting_nobody_is_asked(desk: Desk) -> None:
    somebody(desk, "ann", *Role)
    sends(desk)
    assert issues(desk) == []
