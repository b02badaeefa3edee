"""Proofs and review links: the identical path, exactly the frozen email, and nothing to guess."""

import datetime as dt
import email
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest
from desk_samples import Caller, desk_of, with_rights
from web_samples import MEETING, change

from newsletter.message.token import ForgedToken
from newsletter.web.desk.desk import Desk
from newsletter.workspace.reviewing import Review, Reviewing

AT = "/announcements/annual-meeting-2027.md"
KEY = b"a key of the tests, long enough"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path / "society") as desk:
        opened = desk.open()
        secrets = replace(opened.secrets, links_key=KEY)
        signed = replace(opened, secrets=secrets)
        yield replace(desk, open=lambda: signed)


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)


def link(caller: Caller) -> str:
    assert caller.post(f"{AT}/review", {"days": "7"}).status == 303
    found = re.search(r"/review/([0-9a-f]{64})", caller.get(f"{AT}/proof").body)
    assert found
    return found[1]


# --- proofs ---------------------------------------------------------------------------------------


def messages(desk: Desk) -> list[email.message.Message]:
    paths = sorted((desk.root / "outbox").rglob("*.eml"))
    return [email.message_from_bytes(path.read_bytes()) for path in paths]


def test_a_proof_goes_to_each_reviewer_with_the_values_of_a_member(
    caller: Caller, desk: Desk
) -> None:
    fields = {"to": "ada@example.org, bob@example.org; ada@example.org", "as": "M10015"}
    reply = caller.post(f"{AT}/proof", fields)
    assert reply.status == 303, reply.body
    sent = messages(desk)
    assert sorted(re.sub(r".*<|>", "", each["To"]) for each in sent) == [
        "ada@example.org",
        "bob@example.org",
    ]
    for each in sent:
        text = each.get_payload(0).get_payload(decode=True).decode()
        assert "Dear Olivia" in text
        assert each["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # It counts for nobody's having got it.
    assert "draft" in caller.get("/announcements?q=annual-meeting").body


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("", "Nobody is named|nobody is named"),
        ("not an address", "address|@"),
        ("<script>@x.org", "address|@"),
        (" ".join(f"a{n}@example.org" for n in range(21)), "20 people"),
        ("a@example.org\r\nBcc: all@example.org", "address|@"),
    ],
)
def test_an_address_that_is_none_sends_nothing(
    caller: Caller, desk: Desk, to: str, problem: str
) -> None:
    reply = caller.post(f"{AT}/proof", {"to": to})
    assert reply.status == 409
    assert re.search(problem, reply.body)
    assert "<script>@" not in reply.body
    assert messages(desk) == []


def test_a_member_who_does_not_get_it_lends_no_values(caller: Caller, desk: Desk) -> None:
    reply = caller.post(f"{AT}/proof", {"to": "ada@example.org", "as": "nobody"})
    assert reply.status == 409
    assert "is not among the recipients" in reply.body
    assert messages(desk) == []


# --- review links ---------------------------------------------------------------------------------


def test_a_link_shows_the_email_as_it_was_whatever_is_written_afterwards(
    caller: Caller, desk: Desk
) -> None:
    token = link(caller)
    change(desk.root / MEETING, "comes home to Baltimore", "comes home to Lisbon")
    stranger = Caller(with_rights(desk, None))
    page = stranger.get(f"/review/{token}")
    assert page.status == 200
    frame = stranger.get(f"/review/{token}/message?look=dark")
    assert "comes home to Baltimore" in frame.body
    assert "data:image/jpeg" in frame.body
    assert "sandbox allow-popups" in frame.headers["content-security-policy"]
    assert "allow-same-origin" not in frame.headers["content-security-policy"]
    for each in (page.body, frame.body):
        assert "@mail.example.com" not in each, "no member's own values"
        assert "민준" not in each
    # It is read-only, and leads nowhere else.
    assert stranger.get(AT).status == 303
    assert stranger.post(f"/review/{token}").status == 405


def test_a_link_ends_after_its_days_or_when_somebody_ends_it(caller: Caller, desk: Desk) -> None:
    token = link(caller)
    reviews = Reviewing(desk.root, (KEY,))
    now = desk.clock.now()
    assert reviews.find(token, now + dt.timedelta(days=6)).file == "annual-meeting-2027.md"
    with pytest.raises(ForgedToken):
        reviews.find(token, now + dt.timedelta(days=7, minutes=1))
    caller.post(f"{AT}/review/end", {"review": token})
    assert caller.get(f"/review/{token}").status == 404
    other = link(caller)
    reviews.tidy(now + dt.timedelta(days=8))
    assert caller.get(f"/review/{other}").status == 404
    assert not list((desk.root / ".newsletter/reviews").glob("*.json"))


def test_whoever_guesses_is_stopped_and_finds_nothing(caller: Caller, desk: Desk) -> None:
    token = link(caller)
    name, mac = token[:32], token[32:]
    forged = [
        *(f"{name}{token_hex(16)}", f"{token_hex(16)}{mac}", token[:-1], token.upper(), name),
        *(f"{name}{'0' * 32}", "..%2f..%2fnewsletter", "none", f"{token}0"),
    ]
    stranger = Caller(with_rights(desk, None))
    for each in forged:
        assert stranger.get(f"/review/{each}").status == 404, each
    told = {stranger.get(f"/review/{token_hex(32)}").status for _ in range(30)}
    assert told == {404, 429}
    # Who has a link that works is not kept from it by others.
    assert stranger.get(f"/review/{token}").status == 200


def test_another_key_signs_other_links(desk: Desk, caller: Caller) -> None:
    token, now = link(caller), desk.clock.now()
    assert Reviewing(desk.root, (b"a new key that is long enough", KEY)).find(token, now)
    with pytest.raises(ForgedToken):
        Reviewing(desk.root, (b"a new key that is long enough",)).find(token, now)


def test_what_lies_in_the_folder_but_is_no_review_is_passed_over(desk: Desk) -> None:
    reviews, now = Reviewing(desk.root, (KEY,)), desk.clock.now()
    review = Review(
        title="T",
        file="a.md",
        asked_by="Ada",
        made=now.isoformat(),
        until=(now + dt.timedelta(days=1)).isoformat(),
        sender="S",
        content_hash="0",
        variants=(),
    )
    token = reviews.add(review)
    assert reviews.find(token, now) == review
    (desk.root / ".newsletter/reviews/bad.json").write_text("{}")
    assert len(reviews.of("a.md", now)) == 1
    assert (desk.root / f".newsletter/reviews/{token[:32]}.json").stat().st_mode & 0o077 == 0


def test_without_a_key_no_link_is_made(tmp_path: Path) -> None:
    with desk_of(tmp_path / "other") as bare:
        unsigned = replace(bare.open(), secrets=replace(bare.open().secrets, links_key=None))
        caller = Caller(replace(bare, open=lambda: unsigned))
        reply = caller.post(f"{AT}/review", {"days": "7"})
        assert reply.status == 409
        assert "NEWSLETTER_SECRET" in reply.body
        assert "NEWSLETTER_SECRET" in caller.post(f"{AT}/proof", {"to": "a@example.org"}).body
