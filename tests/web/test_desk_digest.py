"""Digests at the desk: what is in the next issue and why, and the ways from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from desk_samples import Caller, desk_of
from web_samples import Program, running, society

from newsletter.web.desk.desk import Desk

SCHEDULE = """
[schedules.monthly]
when = "first Tuesday of the month at 09:00"
digest = "monthly"
"""
POOLED = """---
title: Grants <b>for</b> "fieldwork"
section: Policy
owner: Jane Doe <jane@example.org>
deadline: 2099-02-24
expires: 2099-03-05
---

Words about grants.
"""
MARCH = "digest:monthly@2027-03-02"


def with_digest(folder: Path) -> None:
    settings = folder / "newsletter.toml"
    settings.write_text(settings.read_text("utf-8") + SCHEDULE, "utf-8")
    (folder / "announcements/grants.md").write_text(POOLED, "utf-8")
    (folder / "announcements/later.md").write_text(
        "---\ntitle: Later\nembargo: 2098-01-01T09:00+01:00\n---\n\nWords.\n", "utf-8"
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path / "society") as desk:
        with_digest(desk.root)
        yield desk


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)


def test_the_list_tells_owner_days_and_the_place_in_the_next_issue(caller: Caller) -> None:
    page = caller.get("/announcements?q=grants").body
    for words in ("owner Jane Doe", "text until 24 Feb 2099", "expires 5 Mar 2099", "Next issue"):
        assert words in page
    assert "From the Society" in page or "leads it" in page
    later = caller.get("/announcements?q=later").body
    assert "not before 1 Jan 2098" in later
    assert "not due yet" in later


def test_a_digest_that_cannot_be_assembled_leaves_the_list_as_it_is(
    caller: Caller, desk: Desk
) -> None:
    (desk.root / "announcements/broken.md").write_bytes(b"\x00\xff\x00")
    reply = caller.get("/announcements")
    assert reply.status == 200
    assert "cannot be assembled" in reply.body
    assert "owner Jane Doe" in reply.body


def test_the_page_of_a_digest_shows_what_is_in_it_and_why_the_rest_is_not(caller: Caller) -> None:
    reply = caller.get("/digests/monthly")
    assert reply.status == 200
    for words in ("The next issue goes out on", "Not in it", "not due yet"):
        assert words in reply.body
    assert "<b>for</b>" not in reply.body
    assert 'href="/announcements/grants.md"' in reply.body
    march = caller.get("/digests/monthly?as-of=2027-03-02").body
    assert "Lead" in march
    assert "monthly-digest-2027-03" in march


def test_preview_proof_and_plan_take_a_digest_as_they_take_a_file(caller: Caller) -> None:
    at = f"/announcements/{MARCH}"
    for path in (at, f"{at}/message", f"{at}/text", f"{at}/proof"):
        assert caller.get(path).status == 200, path
    plan = caller.get(f"/dispatches/plan?name={quote(MARCH)}")
    assert plan.status == 200
    assert "March at Meridian" in plan.body
    choosing = caller.get(f"/dispatches/new?name={quote(MARCH)}").body
    assert f'<option value="{MARCH}" selected>' in choosing


@pytest.mark.parametrize(
    "path",
    [
        "/digests/weekly",
        "/digests/..",
        "/digests/monthly?as-of=never",
        "/digests/monthly?as-of=0001-01-01",
        "/digests/monthly?as-of=9999-12-31",
        "/announcements/digest:weekly",
        "/announcements/digest:..",
        "/announcements/digest:monthly@never",
        "/announcements/digest:monthly@9999-12-31T23:59/message",
        "/announcements/digest:monthly@2027-03-02/write",
    ],
)
def test_what_is_no_digest_is_told_kindly(caller: Caller, path: str) -> None:
    reply = caller.get(path)
    assert reply.status == 404
    assert "Traceback" not in reply.body


@pytest.mark.parametrize("name", ["digest:weekly", "digest:../digest:monthly", "digest:monthly@x"])
def test_a_plan_of_what_is_no_digest_is_refused(caller: Caller, name: str) -> None:
    reply = caller.get(f"/dispatches/plan?name={quote(name, safe='')}")
    assert reply.status == 409
    assert "That was not done" in reply.body


def test_the_files_of_the_editor_are_made_once(caller: Caller, desk: Desk) -> None:
    for _ in range(2):
        reply = caller.post("/digests/monthly/edit", {"as-of": "2027-03-02"})
        assert reply.headers["location"] == "/digests/monthly?as-of=2027-03-02"
    assert (desk.root / "announcements/monthly-digest-2027-03.toml").is_file()
    assert "Make the files" not in caller.get("/digests/monthly?as-of=2027-03-02").body


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = society(tmp_path_factory.mktemp("digests") / "society")
    with_digest(folder)
    with running(folder, "desk", "--no-open") as program:
        yield program


@pytest.mark.browser
@pytest.mark.parametrize(
    "path", ["announcements", "digests/monthly", f"announcements/{MARCH}/proof"]
)
def test_axe_finds_nothing_in_the_pages_of_a_digest(page: Any, served: Program, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.goto(served.url + path)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (375, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
            found = Axe().run(page, context={"exclude": [["iframe"]]}).response["violations"]
            shown = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
            assert shown == []


@pytest.mark.browser
def test_from_the_list_to_the_plan_of_a_digest_by_keyboard(page: Any, served: Program) -> None:
    page.goto(f"{served.url}announcements")
    for name in ("What is in monthly", "Preview", "Plan"):
        page.get_by_role("link", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    page.get_by_role("heading", name="Who gets it").wait_for()
