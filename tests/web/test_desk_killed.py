"""A desk that is killed in the middle of a dispatch, and the next one that takes it up."""

import re
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic, sleep  # noqa: TID251 - it waits for another process
from urllib.parse import urlencode

from web_samples import Answer, Program, running, society

from newsletter.ledger.dispatches import Balance, balance_of, find_dispatch
from newsletter.web.desk.door import token_of
from newsletter.workspace.workspace import open_workspace

COOKIE = token_urlsafe(32)
PACE = "\n[pace.outbox]\nper_second = 20\n[dispatch]\n"


def ask(desk: Program, path: str, fields: dict[str, str] | None = None) -> Answer:
    headers = {"Cookie": f"desk-{desk.port}={COOKIE}"}
    if fields is None:
        return desk.ask(path, headers=headers)
    body = urlencode({**fields, "token": token_of(COOKIE)})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return desk.ask(path, method="POST", body=body, headers={**headers, **kind})


def balance(folder: Path) -> Balance:
    with open_workspace(str(folder)) as opened:
        found = find_dispatch(opened.ledger, 1)
        assert found is not None
        return balance_of(opened.ledger, found)


def until(folder: Path, accepted: int) -> None:
    ends = monotonic() + 60
    while balance(folder).accepted < accepted:
        assert monotonic() < ends
        sleep(0.05)


def test_what_a_killed_desk_leaves_the_next_one_takes_up_and_nobody_gets_it_twice(
    tmp_path: Path,
) -> None:
    folder = society(tmp_path / "society")
    settings = folder / "newsletter.toml"
    text = settings.read_text("utf-8").replace("\n[dispatch]\n", PACE)
    settings.write_text(text, "utf-8")
    with running(folder, "desk", "--no-open") as desk:
        plan = ask(desk, "/dispatches/plan?name=travel-awards.md&undo=0").body
        form = re.search(r'<form[^>]*action="/dispatches/open".*?</form>', plan, re.DOTALL)
        assert form is not None, plan
        pairs = re.findall(r'name="(\w+)" value="([^"]*)"', form[0])
        fields = {name: unescape(value) for name, value in pairs}
        opened = ask(desk, "/dispatches/open", {**fields, "number": "127"})
        assert opened.headers["location"] == "/dispatches/1"
        until(folder, 10)
        desk.process.kill()
        desk.process.wait()
    left = balance(folder)
    assert left.balances
    assert 0 < left.accepted < 127
    with running(folder, "desk", "--no-open") as desk:
        assert ask(desk, "/dispatches/1/resume", {}).status == 303
        until(folder, 127 - left.under_way)
    after = balance(folder)
    assert after.balances
    assert after.accepted + after.unsure == 127
    got = [
        message_from_bytes(path.read_bytes(), policy=policy.default)["To"]
        for path in (folder / "outbox").rglob("*.eml")
    ]
    assert len(got) == len(set(got))
    assert after.accepted <= len(got) <= 127
