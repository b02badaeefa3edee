"""From the plan to the balance at the desk, and whatever can go wrong between."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - dispatches go out on threads of their own
from typing import Any

import pytest
from desk_samples import Caller, Reply, desk_of, with_rights

from newsletter.ledger.course import pause
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import Balance, balance_of, find_dispatch, list_dispatches
from newsletter.ledger.journal import all_entries
from newsletter.ledger.roles import RIGHTS, Role
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk, Limits
from newsletter.workspace.runs import Runs

PLAN = "/dispatches/plan?name=travel-awards.md"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NEWSLETTER_SECRET", "a secret of the tests, long enough")
    with desk_of(tmp_path / "society") as opened:
        yield replace(opened, limits=Limits())
        opened.runs.close()


def form_of(reply: Reply, action: str) -> dict[str, Any]:
    """Give the fields of a form as a browser would send them untouched."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', reply.body, re.DOTALL)
    assert found is not None, reply.body
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", found[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_off = "checkbox" in tag and "checked" not in tag
        if name and not is_off:
            fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def recipients(reply: Reply) -> str:
    found = re.search(r"Send to ([\d,]+) member", reply.body)
    assert found is not None, reply.body
    return found[1]


def planned(caller: Caller, plan: str = f"{PLAN}&undo=0") -> dict[str, Any]:
    reply = caller.get(plan)
    return {**form_of(reply, "/dispatches/open"), "number": recipients(reply)}


def open_it(caller: Caller, form: dict[str, Any]) -> Reply:
    given = {name: value for name, value in form.items() if name != "token"}
    return caller.post("/dispatches/open", given)


def until(is_so: Callable[[], bool]) -> None:
    ends = monotonic() + 30
    while not is_so():
        assert monotonic() < ends
        sleep(0.05)


def balance(desk: Desk, number: int = 1) -> Balance:
    found = find_dispatch(desk.open().ledger, number)
    assert found is not None
    return balance_of(desk.open().ledger, found)


def issues(desk: Desk) -> Sequence[int]:
    return [each.id for each in list_dispatches(desk.open().ledger) if each.kind == "issue"]


def test_a_dispatch_goes_out_and_balances(desk: Desk) -> None:
    caller = Caller(desk)
    reply = open_it(caller, planned(caller))
    assert reply.headers["location"] == "/dispatches/1"
    until(lambda: balance(desk).is_finished)
    stands = balance(desk)
    assert stands.balances
    assert (stands.listed, stands.accepted) == (300, 127)
    until(lambda: not desk.runs.is_sending(1))
    page = caller.get("/dispatches/1").body
    assert "finished" in page
    assert caller.get("/dispatches/1/report").status == 200
    assert [(e.who, e.act, e.about) for e in all_entries(desk.open().ledger)] == [
        ("ada", "opened", "dispatch 1")
    ]
    assert len(list((desk.root / "outbox").rglob("*.eml"))) == 127


@pytest.mark.parametrize("number", ["", "126", "128", "all", "<b>127</b>", "1e9"])
def test_another_number_opens_nothing(desk: Desk, number: str) -> None:
    caller = Caller(desk)
    reply = open_it(caller, {**planned(caller), "number": number})
    assert reply.status == 409
    assert "is not the number of recipients" in reply.body
    assert "<b>127" not in reply.body
    assert issues(desk) == []


def test_a_second_click_never_begins_a_second_dispatch(desk: Desk) -> None:
    caller = Caller(desk)
    form = planned(caller, f"{PLAN}&undo=0&again=1")
    replies: list[Reply] = []
    clicks = [
        threading.Thread(
            target=lambda: replies.append(open_it(Caller(desk, dict(caller.jar)), form))
        )
        for _ in range(4)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert sorted(reply.headers["location"] for reply in replies) == [
        *("/dispatches",) * 3,
        "/dispatches/1",
    ]
    assert issues(desk) == [1]


def test_a_second_plan_of_what_is_under_way_leads_to_it(desk: Desk) -> None:
    caller = Caller(desk)
    first, second = planned(caller, f"{PLAN}&undo=60"), planned(caller, f"{PLAN}&undo=60")
    assert open_it(caller, first).headers["location"] == "/dispatches/1"
    assert open_it(caller, second).headers["location"] == "/dispatches/1"
    assert issues(desk) == [1]


def test_what_changed_since_somebody_looked_is_not_sent(desk: Desk) -> None:
    caller = Caller(desk)
    form = planned(caller)
    path = desk.root / "announcements" / "travel-awards.md"
    path.write_text(path.read_text("utf-8") + "\n\nAnd one more thing.\n", "utf-8")
    reply = open_it(caller, form)
    assert reply.status == 409
    assert "changed since you looked" in reply.body
    assert issues(desk) == []


def test_within_its_window_it_is_taken_back_and_nobody_gets_it(desk: Desk) -> None:
    caller = Caller(desk)
    open_it(caller, planned(caller, f"{PLAN}&undo=60"))
    page = caller.get("/dispatches/1").body
    assert "data-until=" in page
    assert "Take it back" in page
    caller.post("/dispatches/1/undo")
    until(lambda: not desk.runs.is_sending(1))
    stands = balance(desk)
    assert (stands.accepted, stands.pending, stands.balances) == (0, 0, True)
    assert not list((desk.root / "outbox").rglob("*.eml"))
    assert caller.post("/dispatches/1/undo").status == 409


def test_it_is_paused_resumed_and_the_rest_cancelled(desk: Desk) -> None:
    caller = Caller(desk)
    open_it(caller, planned(caller, f"{PLAN}&undo=60"))
    caller.post("/dispatches/1/pause", {"note": "wait for <b>the board</b>"})
    page = caller.get("/dispatches/1").body
    assert "wait for &lt;b&gt;the board" in page
    assert "Go on" in page
    caller.post("/dispatches/1/resume")
    assert "waiting" in caller.get("/dispatches/1").body
    assert caller.post("/dispatches/1/cancel", {"number": "1"}).status == 409
    caller.post("/dispatches/1/cancel", {"number": "127"})
    assert balance(desk).reasons["cancelled"] == 127
    assert caller.post("/dispatches/1/resume").status == 409
    decided = [(e.act, e.about) for e in all_entries(desk.open().ledger)]
    assert [act for act, _about in decided] == ["opened", "pause", "resume", "cancel"]


def test_what_a_killed_desk_leaves_is_told_and_taken_up(desk: Desk) -> None:
    caller = Caller(desk)
    open_it(caller, planned(caller, f"{PLAN}&undo=60"))
    desk.runs.close()  # it ends as a killed one does not; the ledger looks the same
    desk = begun_again(desk)
    caller = Caller(desk)
    with desk.open().ledger.write() as connection:
        from sqlalchemy import update

        from newsletter.ledger.schema import dispatches

        connection.execute(update(dispatches).values(release=None))
    page = caller.get("/dispatches/1").body
    assert "nobody sends it" in page
    caller.post("/dispatches/1/resume")
    until(lambda: balance(desk).is_finished)
    assert balance(desk).accepted == 127


def begun_again(desk: Desk) -> Desk:
    """Give the desk of a program that was started again."""
    return replace(desk, runs=Runs(desk.open))


def unsure(desk: Desk) -> Desk:
    """Leave a dispatch as a run does that died in the middle of a request."""
    from newsletter.ledger.claiming import Attempt, claim
    from newsletter.ledger.unsure import recover

    caller = Caller(desk)
    open_it(caller, planned(caller, f"{PLAN}&undo=60"))
    desk.runs.close()
    ledger = desk.open().ledger
    with ledger.write() as connection:
        from sqlalchemy import update

        from newsletter.ledger.schema import dispatches

        connection.execute(update(dispatches).values(release=None))
    assert claim(ledger, 1, 1, Attempt(desk.clock.now())) is not None
    recover(ledger, 1)
    pause(ledger, 1, Author("bo", desk.clock.now()))
    return begun_again(desk)


@pytest.mark.parametrize("choice", ["sent", "again"])
def test_the_unsure_are_settled_by_a_person_who_reads_what_follows(desk: Desk, choice: str) -> None:
    desk = unsure(desk)
    caller = Caller(desk)
    count = balance(desk).unsure
    assert count
    page = caller.get("/dispatches/1").body
    assert "Nobody gets it twice. Some may not have it." in page
    assert "Everybody has it. Some may get it twice." in page
    assert caller.post("/dispatches/1/settle", {"choice": choice, "number": "1"}).status == 409
    assert caller.post("/dispatches/1/settle", {"number": str(count)}).status == 409
    assert balance(desk).unsure == count
    caller.post("/dispatches/1/settle", {"choice": choice, "number": str(count)})
    if choice == "sent":
        assert balance(desk).accepted == count
    else:
        until(lambda: balance(desk).is_finished)
        assert balance(desk).accepted == 127
    assert balance(desk).unsure == 0


def test_its_progress_is_told_live(desk: Desk) -> None:
    caller = Caller(desk)
    open_it(caller, planned(caller))
    until(lambda: not desk.runs.is_sending(1))
    from newsletter.web.desk.dispatches import places as of
    from newsletter.web.live import Hub

    fresh = replace(desk, hub=Hub())
    assert any(place.path.endswith("/live") for place in of(fresh))
    body = Caller(fresh, patience=10).get("/dispatches/1/live").body
    assert "event: part" in body
    assert "127" in body
    assert body.endswith("event: over\ndata: over\n\n")


@pytest.mark.parametrize(
    "query",
    [
        "name=../newsletter.toml",
        "name=..%2f..%2fetc%2fpasswd",
        "name=%2fetc%2fpasswd",
        "name=none.md",
        "name=",
        "name=travel-awards.md&segment=nobody",
        "name=travel-awards.md&provider=nobody",
        "name=travel-awards.md&hours=x",
        "name=travel-awards.md&hours=nan",
        "name=travel-awards.md&not_after=tomorrow",
        "name=travel-awards.md&subject=%7B%7Bnobody%7D%7D",
    ],
)
def test_a_plan_of_nonsense_is_refused_in_words(desk: Desk, query: str) -> None:
    reply = Caller(desk).get(f"/dispatches/plan?{query}")
    assert reply.status == 409
    assert "Traceback" not in reply.body


def test_what_authors_and_members_write_is_text_on_every_page(desk: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    path = desk.root / "announcements" / "travel-awards.md"
    text = re.sub(r"(?m)^(title|subject): .*$", rf"\1: '{evil}'", path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    members = desk.root / "recipients" / "members.csv"
    rows = members.read_text("utf-8").replace("Ama", evil)
    members.write_text(rows, "utf-8")
    caller = Caller(desk)
    open_it(caller, planned(caller))
    until(lambda: not desk.runs.is_sending(1))
    for page in (PLAN, "/dispatches", "/dispatches/1", "/calendar", "/log", "/approvals"):
        body = caller.get(page).body
        assert "<script>alert" not in body, page
        assert "<img src=x" not in body, page


def test_only_a_sender_sends(desk: Desk) -> None:
    form = planned(Caller(desk))
    for role in (Role.AUTHOR, Role.APPROVER, Role.ADMIN):
        other = Caller(with_rights(desk, Visitor(name="bo", rights=RIGHTS[role])))
        assert "Send to" not in other.get(PLAN).body
        assert open_it(other, form).status == 403
    assert issues(desk) == []


def test_a_dispatch_that_is_not_there_is_told_so(desk: Desk) -> None:
    caller = Caller(desk)
    for number in ("9", "99999999999999999999"):
        assert caller.get(f"/dispatches/{number}").status == 404
        assert caller.get(f"/dispatches/{number}/live").status == 404
        assert caller.get(f"/dispatches/{number}/report").status == 404
        for deed in ("pause", "resume", "cancel", "undo", "settle"):
            assert caller.post(f"/dispatches/{number}/{deed}").status == 409


def test_the_calendar_shows_what_was_sent_and_who_got_how_much(desk: Desk) -> None:
    caller = Caller(desk)
    for name in ("travel-awards.md", "variant-commons.md"):
        open_it(caller, planned(caller, f"/dispatches/plan?name={name}&undo=0"))
    until(lambda: not any(desk.runs.is_sending(number) for number in (1, 2)))
    page = caller.get("/calendar").body
    assert page.count('href="/dispatches/1"') == 2
    assert "2 emails" in page
    assert "Who gets the most" in page
    for odd in ("month=x", "month=0000-00", "month=9999-12", "week=x", "month=2026-13&week=1"):
        assert caller.get(f"/calendar?{odd}").status == 200
    assert "Nobody got anything" in caller.get("/calendar?month=2031-01").body


def test_no_two_fields_of_a_page_have_one_name_for_their_label(desk: Desk) -> None:
    desk = unsure(desk)
    caller = Caller(desk)
    for page in ("/dispatches/1", "/dispatches/new", PLAN, "/people"):
        ids = re.findall(r'\sid="([^"]+)"', caller.get(page).body)
        assert len(ids) == len(set(ids)), page
