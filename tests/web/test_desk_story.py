"""The whole way at the desk in a real browser: from a new announcement to a finished dispatch."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import faults
from web_samples import Program, running, society

from newsletter.address import parse_address
from newsletter.ledger.colleagues import add_colleague, set_password
from newsletter.ledger.decisions import Author
from newsletter.ledger.roles import Role
from newsletter.workspace.passwords import hash_password
from newsletter.workspace.workspace import open_workspace

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = society(tmp_path_factory.mktemp("story") / "society")
    with running(folder, "desk", "--no-open") as program:
        yield program


def outbox(desk: Program) -> int:
    return len(list((desk.folder / "outbox").rglob("*.eml")))


def written(page: Any, desk: Program) -> str:
    """Begin an announcement at the desk, and write it in the file."""
    page.goto(f"{desk.url}announcements/new")
    page.get_by_label("Title").fill("Library hours <b>over</b> the holidays")
    page.locator("main form button.main").first.click()
    page.wait_for_url(re.compile(r"/announcements/.+\.md"))
    found = re.search(r"/announcements/([^/]+\.md)", page.url)
    assert found is not None
    path = desk.folder / "announcements" / found[1]
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text.rstrip()}\n\nThe library is open until noon.\n", encoding="utf-8")
    return found[1]


def send(page: Any, number: str) -> None:
    page.get_by_label("Type the number of recipients").fill(number)
    page.get_by_role("button", name="Send to").click()


def test_from_a_new_announcement_to_a_finished_dispatch(page: Any, desk: Program) -> None:
    name = written(page, desk)
    page.goto(f"{desk.url}announcements/{name}")
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("link", name="Change").click()
    assert page.get_by_label("Announcement").input_value() == name
    page.locator("input[name=segment][value=students]").check()
    page.get_by_label("Time to take it back").select_option("1")
    page.get_by_role("button", name="Show the plan").click()
    number = page.locator(".figures dd").first.inner_text()
    send(page, "7")
    assert "is not the number of recipients" in page.locator("main").inner_text()
    page.go_back()
    send(page, number)
    it_is_taken_back(page)
    assert outbox(desk) == 0
    page.goto(f"{desk.url}dispatches/plan?name={name}&segment=students&undo=0")
    send(page, number)
    it_goes_out(page, number)
    assert outbox(desk) == int(number)
    it_is_told_everywhere(page, desk)


def it_is_taken_back(page: Any) -> None:
    page.locator("[data-until]").wait_for()
    before = page.locator("[data-until]").inner_text()
    page.wait_for_function(
        "before => document.querySelector('[data-until]').textContent !== before", arg=before
    )
    page.get_by_role("button", name="Take it back").click()
    page.locator(".badge", has_text="cancelled").wait_for()


def it_goes_out(page: Any, number: str) -> None:
    page.locator("#live .badge", has_text="finished").wait_for()
    assert page.locator(".balance .accepted dd").inner_text() == number
    report = page.frame_locator("iframe.report").locator("h1")
    report.wait_for()
    assert "Library hours <b>over</b>" in report.inner_text()


def it_is_told_everywhere(page: Any, desk: Program) -> None:
    for path, place, words in (
        ("dispatches", "tbody tr:first-child", "finished"),
        ("calendar", ".month .today", "Library hours"),
        ("log", "tbody", "opened"),
    ):
        page.goto(desk.url + path)
        assert words in page.locator(place).inner_text()


def test_everything_can_be_reached_and_sent_by_keyboard(page: Any, desk: Program) -> None:
    page.goto(f"{desk.url}dispatches")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


PAGES = (
    *("dispatches", "dispatches?proofs=1", "dispatches/new", "dispatches/1", "dispatches/99"),
    *("dispatches/plan?name=travel-awards.md", "approvals", "calendar", "people", "log", "sign-in"),
)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Any, desk: Program, path: str
) -> None:
    page.goto(desk.url + path)
    look(page)


def look(page: Any) -> None:
    """Let axe look at a page and its first dialog: on a phone and a desktop, light and dark."""
    for opener in page.locator("[data-opens]").all()[:1]:
        opener.click()
    assert faults(page, 375, 1280, frames=False) == []
    for closer in page.locator("dialog[open] [data-closes]").all()[:1]:
        closer.click()


PASSWORD = "four words without sense"  # noqa: S105 - of nobody real


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A society whose desk two people share: one writes and sends, one approves."""
    folder = society(tmp_path / "society")
    settings = folder / "newsletter.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[approval]\nneeds = "any"\n', "utf-8")
    with open_workspace(str(folder)) as opened:
        by, hashed = Author("root", opened.clock.now()), hash_password(PASSWORD)
        for name, roles in (
            ("ann", [Role.AUTHOR, Role.SENDER, Role.ADMIN]),
            ("bo", [Role.APPROVER]),
        ):
            address = parse_address(f"{name}@example.org")
            who = add_colleague(opened.ledger, address, name.title(), roles, by)
            set_password(opened.ledger, who, hashed, by)
    return folder


def signed_in(browser: Any, desk: Program, name: str) -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{desk.url}dispatches/plan?name=travel-awards.md&undo=0")
    page.get_by_label("Your address").fill(f"{name}@example.org")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".me-name", has_text=name.title()).wait_for()
    return page


def test_a_team_signs_in_asks_and_approves(browser: Any, team: Path) -> None:
    with running(team, "desk", "--no-open") as desk:
        ann, bo = signed_in(browser, desk, "ann"), signed_in(browser, desk, "bo")
        assert ann.get_by_role("button", name="Send to").count() == 0
        look(ann)
        ann.get_by_role("button", name="Ask for approval").click()
        ann.locator(".badge", has_text="waiting").wait_for()
        bo.goto(ann.url)
        assert bo.get_by_role("link", name="People").count() == 0
        with bo.expect_popup() as opened:
            bo.get_by_role("link", name="Look at the email").click()
        opened.value.locator("iframe").first.wait_for()
        look(bo)
        bo.get_by_role("button", name="I agree").click()
        bo.locator(".badge", has_text="approved").wait_for()
        for path in ("people", "me", "approvals"):
            ann.goto(desk.url + path)
            look(ann)
        ann.goto(f"{desk.url}dispatches/plan?name=travel-awards.md&undo=0")
        send(ann, "127")
        ann.locator("#live .badge", has_text="finished").wait_for()
        assert outbox(desk) >= 127
        for page in (ann, bo):
            page.context.close()
