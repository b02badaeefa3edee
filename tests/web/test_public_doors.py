"""Asking for the preferences link, and signing up: no answer tells who is on the list."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - a letter is sent on a thread of the program
from typing import Any
from urllib.parse import urlencode

import pytest
from accessible import faults
from public_samples import FORM, NOW, Society, key, newsletter, sending
from sqlalchemy import text
from web_samples import Answer, running, society

from newsletter.audience.consent import Act, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.suppressions import suppress
from newsletter.message.token import stamp

LONG_AGO = 5


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Society]:
    folder = society(tmp_path_factory.mktemp("open") / "society")
    path = folder / "newsletter.toml"
    told = '[list]\nsign_up = true\nproxies = ["127.0.0.1"]\n'
    path.write_text(path.read_text("utf-8").replace("[list]\n", told), "utf-8")
    with sending(folder) as found:
        yield found


def letters(of: Society) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for path in sorted(of.program.folder.glob("outbox/*/messages/*.eml")):
        message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if "sign-up" in str(path) or "preferences-link" in str(path):
            found.setdefault(message["To"].addresses[0].addr_spec, []).append(message)
    return found


def soon(see: Callable[[], Any]) -> Any:
    end = monotonic() + 30
    while not (seen := see()) and monotonic() < end:
        sleep(0.05)
    return seen


def path_in(message: Any, page: str) -> str:
    html = message.get_body(("html",)).get_content()
    assert "{{" not in html + message.get_body(("plain",)).get_content()
    found = re.search(rf'href="https://news\.meridian\.example\.org(/{page}/[\w-]+)"', html)
    assert found, html
    assert found[1] in message.get_body(("plain",)).get_content()
    return found[1]


NETWORKS = iter(range(1, 60_000))


def somewhere() -> dict[str, str]:
    number = next(NETWORKS)
    return {"X_Forwarded_For": f"198.{18 + number // 256}.{number % 256}.7"}


def sign_up(of: Society, address: str, *topics: str, **more: str) -> Answer:
    seen = more.get("seen") or stamp(key(), int(now()) - LONG_AGO)
    fields = [("address", address), ("seen", seen), *(("topic", topic) for topic in topics)]
    fields += [(name, more[name]) for name in ("name", "website") if name in more]
    return of.submit("/join", fields, **somewhere())


def now() -> float:
    from newsletter.clock import SystemClock

    return SystemClock().now().timestamp()


def test_the_link_goes_to_who_is_on_the_list_and_the_answer_is_the_same(
    open_house: Society,
) -> None:
    address, _ = open_house.somebody()
    answers = [
        open_house.submit("/me", [("address", each)], **somewhere())
        for each in (address, address.upper(), "nobody@example.net")
    ]
    assert {(each.status, each.body) for each in answers} == {(200, answers[0].body)}
    assert "If the address is on our list" in answers[0].body
    (letter,) = soon(lambda: letters(open_house).get(address))
    assert letter["Subject"] == "Your preferences link"
    shown = open_house.program.ask(path_in(letter, "p"))
    assert "Your email preferences" in shown.body
    assert f"{address[0]}…@" in shown.body
    token = path_in(letter, "p").rpartition("/")[2]
    open_house.submit(f"/u/{token}")
    assert open_house.reason(address) is SuppressionReason.UNSUBSCRIBED
    # Another one within a quarter of an hour is answered and not sent.
    assert open_house.submit("/me", [("address", address)], **somewhere()).status == 200
    sleep(0.5)
    assert len(letters(open_house)[address]) == 1
    assert "nobody@example.net" not in letters(open_house)


def test_who_must_not_be_mailed_gets_no_letter_either(open_house: Society) -> None:
    (address, _), (last, _) = open_house.somebody(), open_house.somebody()
    suppress(
        open_house.ledger, Person(address), SuppressionReason.HARD_BOUNCE, source="test", now=NOW
    )
    for each in (address, last):
        assert open_house.submit("/me", [("address", each)], **somewhere()).status == 200
    assert soon(lambda: letters(open_house).get(last))
    assert address not in letters(open_house)


def test_signing_up_takes_two_steps_and_is_recorded(open_house: Society) -> None:
    address = "ada@example.net"
    answer = sign_up(open_house, address, "jobs", "events", name="Ada <b>{{7*7}}</b> Ǝ")
    assert (answer.status, "An email is on its way" in answer.body) == (200, True)
    (letter,) = soon(lambda: letters(open_house).get(address))
    assert letter["Subject"] == "Please confirm your address"
    path = path_in(letter, "c")
    with open_house.ledger.read() as connection:
        listed = text("SELECT count(*) FROM members WHERE address_key = :key")
        assert connection.scalar(listed, {"key": address}) == 0
    for method in ("GET", "HEAD"):
        assert open_house.program.ask(path, method=method).status == 200
    assert open_house.record(address) == ()
    assert open_house.submit(path, Sec_Fetch_Site="cross-site").status == 403
    assert "Welcome" in open_house.submit(path).body
    assert open_house.wishes(address).opted_out == {"news", "digest"}
    record = open_house.record(address)
    assert (record[0].act, record[0].topic, record[0].source) == (Act.OPT_IN, None, "sign-up")
    assert record[0].words.startswith("Get the email of Meridian\nWhat do you want to get?\n[ ] ")
    assert "[x] Jobs and fellowships" in record[0].words
    assert record[0].words.endswith("[Yes, sign me up]")
    # Once in, the old link changes nothing more.
    token = path.rpartition("/")[2]
    shown = [("shown", "news"), ("topic", "news"), ("mail", "on")]
    assert open_house.submit(f"/p/{token}", shown).status == 200
    assert "Welcome" in open_house.submit(path).body
    assert open_house.wishes(address).opted_out == {"digest"}


def test_the_letters_do_not_fill_the_table_of_dispatches(open_house: Society) -> None:
    sign_up(open_house, "counted@example.net", "news")
    assert soon(lambda: letters(open_house).get("counted@example.net"))
    status = newsletter(open_house.program.folder, "status").stdout
    assert "travel-awards" in status
    assert "sign-up" not in status


def test_who_is_on_the_list_already_is_told_so_by_mail_alone(open_house: Society) -> None:
    address, _ = open_house.somebody()
    answers = [sign_up(open_house, each, "news") for each in (address, "grace@example.net")]
    assert answers[0].body == answers[1].body
    (letter,) = soon(lambda: letters(open_house).get(address))
    assert letter["Subject"] == "You are on the list already"
    assert path_in(letter, "p")


def test_programs_that_fill_in_everything_get_the_same_answer_and_no_letter(
    open_house: Society,
) -> None:
    trapped = sign_up(open_house, "bot@example.net", "news", website="https://buy.example.net")
    honest = sign_up(open_house, "mary@example.net", "news")
    assert trapped.body == honest.body
    assert soon(lambda: letters(open_house).get("mary@example.net"))
    assert "bot@example.net" not in letters(open_house)


def test_a_form_with_mistakes_comes_back_as_it_was_filled_in(open_house: Society) -> None:
    quick = sign_up(open_house, "x@example.net", "jobs", seen=stamp(key(), int(now())))
    forged = sign_up(open_house, "x@example.net", "jobs", seen="A" * 40)
    for answer in (quick, forged):
        assert answer.status == 422
        assert "Please press the button once more." in answer.body
        assert 'value="jobs" checked' in answer.body
        assert 'value="x@example.net"' in answer.body
    none = sign_up(open_house, "x@example.net")
    assert "Please tick at least one." in none.body
    wrong = sign_up(open_house, '"><script>alert(1)</script>', "news")
    assert wrong.status == 422
    assert "<script>" not in wrong.body
    assert "Please write an email address" in wrong.body
    for bad in ("", "a@b@c", "x\r\nBcc: y@example.net", "a" * 300 + "@example.net", "\0@\0"):
        assert open_house.submit("/me", [("address", bad)], **somewhere()).status == 422


def test_one_network_cannot_make_us_write_to_everybody(open_house: Society) -> None:
    here = somewhere()
    body = urlencode([("address", "stranger@example.net")])
    headers = {**FORM, "X-Forwarded-For": here["X_Forwarded_For"]}
    statuses = [
        open_house.program.ask("/me", method="POST", body=body, headers=headers).status
        for _ in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2
    assert open_house.submit("/me", [("address", "s@example.net")], **somewhere()).status == 200


def test_an_old_link_to_confirm_lets_nobody_in(open_house: Society) -> None:
    address = "late@example.net"
    sign_up(open_house, address, "news")
    (letter,) = soon(lambda: letters(open_house).get(address))
    with open_house.ledger.write() as connection:
        old = text(
            "UPDATE dispatches SET opened = '2020-01-01T00:00:00+00:00' WHERE id IN"
            " (SELECT dispatch FROM deliveries WHERE address_key = :key)"
        )
        connection.execute(old, {"key": address})
    path = path_in(letter, "c")
    for answer in (open_house.program.ask(path), open_house.submit(path)):
        assert answer.status == 410
        assert "too old" in answer.body
    assert open_house.record(address) == ()


def test_the_link_of_an_announcement_confirms_nothing(open_house: Society) -> None:
    _, token = open_house.somebody()
    for answer in (open_house.program.ask(f"/c/{token}"), open_house.submit(f"/c/{token}")):
        assert answer.status == 404


def test_without_the_setting_nobody_signs_up(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    with running(folder, "serve", "--port", "0") as program:
        assert program.ask("/join").status == 404
        assert program.ask("/join", method="POST").status == 404
        assert program.ask("/me").status == 200


@pytest.mark.browser
def test_somebody_signs_up_by_keyboard(page: Any, open_house: Society) -> None:
    page.goto(f"{open_house.program.url}join")
    page.keyboard.press("Tab")
    page.keyboard.type("keys@example.net")
    page.keyboard.press("Tab")
    page.keyboard.type("Keys")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_timeout(2_100)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Please look into your mailbox").wait_for()
    (letter,) = soon(lambda: letters(open_house).get("keys@example.net"))
    page.goto(open_house.program.url + path_in(letter, "c")[1:])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Welcome").wait_for()
    assert open_house.wishes("keys@example.net").opted_out == {"digest", "events", "jobs"}


@pytest.mark.browser
def test_axe_finds_nothing_in_the_forms(browser: Any, open_house: Society) -> None:
    headers = {"X-Forwarded-For": somewhere()["X_Forwarded_For"]}
    page = browser.new_page(extra_http_headers=headers)
    found = []
    for path, presses in (("me", False), ("join", False), ("join", True)):
        page.goto(open_house.program.url + path)
        if presses:
            page.get_by_label("Email address").fill("somebody@example.net")
            with page.expect_navigation():
                page.get_by_role("button").click()
            assert page.get_by_role("alert").count() >= 1
        found += faults(page, 320, 1240)
    page.close()
    assert found == []
