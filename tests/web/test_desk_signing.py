"""Getting in to the desk, and staying out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - letters are sent by a thread of its own
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from desk_samples import Caller, desk_of
from joserfc.jwk import RSAKey
from oidc_server import Issuer, issuing

from newsletter.address import parse_address
from newsletter.errors import Refused
from newsletter.ledger.colleagues import Colleague, add_colleague, set_password, take_off
from newsletter.ledger.decisions import Author
from newsletter.ledger.journal import all_entries
from newsletter.ledger.roles import Role
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.opened import make_desk
from newsletter.web.errands import Errands
from newsletter.workspace.passwords import hash_password, is_right
from newsletter.workspace.reopened import Opened

PASSWORD = "four words without sense"  # noqa: S105 - of nobody real


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NEWSLETTER_SECRET", "a secret of the tests, long enough")
    with desk_of(tmp_path / "society") as opened:
        yield opened


def by(desk: Desk) -> Author:
    return Author("root", desk.clock.now())


def add(desk: Desk, name: str, *roles: Role) -> Colleague:
    address = parse_address(f"{name}@example.org")
    return add_colleague(desk.open().ledger, address, name, roles or list(Role), by(desk))


def letter(desk: Desk) -> str:
    """Wait for the letter, and give its text."""
    ends = monotonic() + 20
    while monotonic() < ends:
        found = sorted((desk.root / "outbox").rglob("*.eml"))
        if found:
            message = message_from_bytes(found[-1].read_bytes(), policy=policy.default)
            part = message.get_body(("plain",))
            assert part is not None
            return str(part.get_content())
        sleep(0.05)
    raise AssertionError("no letter came")


def sign_in(caller: Caller, address: str = "ann@example.org", **fields: str) -> int:
    form = {"address": address, "password": PASSWORD, **fields}
    return caller.post("/sign-in", form).status


def test_alone_on_this_machine_nobody_is_asked_for_anything(desk: Desk) -> None:
    caller = Caller(desk)
    assert caller.get("/people").status == 200
    assert "on this machine" in caller.get("/people").body


def test_as_soon_as_somebody_is_added_everybody_signs_in(desk: Desk) -> None:
    caller = Caller(desk)
    added = {"name": "ann", "address": "ann@example.org", "role": ["admin", "author"]}
    assert caller.post("/people/add", added).headers["location"] == "/sign-in"
    assert caller.get("/people").status == 303
    assert caller.post("/people/add", added).status == 401


def test_the_first_one_has_to_be_able_to_manage_people(desk: Desk) -> None:
    reply = Caller(desk).post("/people/add", {"address": "ann@example.org", "role": ["author"]})
    assert reply.status == 409
    assert "admin" in reply.body


def test_a_password_opens_the_desk_with_a_new_cookie_and_leads_on(desk: Desk, hashed: str) -> None:
    ann = add(desk, "ann")
    set_password(desk.open().ledger, ann, hashed, by(desk))
    caller = Caller(desk)
    before = dict(caller.jar)
    reply = caller.post(
        "/sign-in", {"address": "Ann@example.org", "password": PASSWORD, "next": "/calendar"}
    )
    assert reply.headers["location"] == "/calendar"
    assert caller.jar != before
    assert caller.get("/people").status == 200
    old = Caller(desk)
    old.jar.update(before)
    assert old.get("/people").status == 303
    caller.post("/sign-out")
    assert caller.get("/people").status == 303


@pytest.mark.parametrize(
    "where", ["//evil.example.org", "https://evil.example.org", "/\\evil.example.org", "/sign-in"]
)
def test_signing_in_leads_to_no_other_site(desk: Desk, hashed: str, where: str) -> None:
    set_password(desk.open().ledger, add(desk, "ann"), hashed, by(desk))
    form = {"address": "ann@example.org", "password": PASSWORD, "next": where}
    assert Caller(desk).post("/sign-in", form).headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    desk: Desk, hashed: str
) -> None:
    set_password(desk.open().ledger, add(desk, "ann"), hashed, by(desk))
    add(desk, "bo")  # has none
    bodies = set()
    for address, password in (
        ("ann@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("bo@example.org", ""),
    ):
        caller = Caller(desk)
        reply = caller.post("/sign-in", {"address": address, "password": password})
        assert reply.status == 422
        bodies.add(re.sub(re.escape(caller.token), "", reply.body.replace(address, "")))
    assert len(bodies) == 1


def test_passwords_are_not_tried_one_after_another(desk: Desk, hashed: str) -> None:
    set_password(desk.open().ledger, add(desk, "ann"), hashed, by(desk))
    statuses = [sign_in(Caller(desk), password="wrong") for _ in range(12)]  # noqa: S106
    assert statuses[:10] == [422] * 10
    assert statuses[-1] == 409
    assert sign_in(Caller(desk)) == 409


def test_a_link_by_mail_works_once_and_not_for_a_program_that_only_looks(desk: Desk) -> None:
    add(desk, "ann")
    said = Caller(desk).post("/sign-in/mail", {"address": "ann@example.org"}).body
    unknown = Caller(desk).post("/sign-in/mail", {"address": "nobody@example.org"}).body
    assert re.sub(r"[0-9a-f]{48}", "", said) == re.sub(r"[0-9a-f]{48}", "", unknown)
    found = re.search(r"http://127\.0\.0\.1:8766(/sign-in/link/\S+)", letter(desk))
    assert found is not None
    link = found[1]
    caller = Caller(desk)
    for _ in range(2):
        assert "Sign in" in caller.get(link).body
    assert caller.get("/people").status == 303
    assert caller.post(link).headers["location"] == "/"
    assert caller.get("/people").status == 200
    other = Caller(desk)
    assert other.post(link).status == 410
    assert other.get("/people").status == 303


@pytest.mark.parametrize("token", ["x", "A" * 40, "../../etc/passwd"])
def test_a_guessed_link_opens_nothing(desk: Desk, token: str) -> None:
    add(desk, "ann")
    caller = Caller(desk)
    assert caller.get(f"/sign-in/link/{token}").status in (404, 410)
    assert caller.post(f"/sign-in/link/{token}").status in (404, 410)


def test_a_link_is_late_after_a_quarter_of_an_hour(desk: Desk) -> None:
    import datetime as dt

    class Later:
        def now(self) -> dt.datetime:
            return desk.clock.now() + dt.timedelta(minutes=16)

        def monotonic(self) -> float:
            return desk.clock.monotonic()

        def sleep(self, seconds: float) -> None:
            raise AssertionError(seconds)

    add(desk, "ann")
    Caller(desk).post("/sign-in/mail", {"address": "ann@example.org"})
    found = re.search(r"http://127\.0\.0\.1:8766(/sign-in/link/\S+)", letter(desk))
    assert found is not None
    assert Caller(replace(desk, clock=Later())).post(found[1]).status == 410


def test_whoever_is_taken_off_is_out_with_the_next_click(desk: Desk, hashed: str) -> None:
    add(desk, "bo")
    ann = add(desk, "ann")
    set_password(desk.open().ledger, ann, hashed, by(desk))
    caller = Caller(desk)
    sign_in(caller)
    assert caller.get("/people").status == 200
    take_off(desk.open().ledger, ann, by(desk))
    assert caller.get("/people").status == 303


def test_a_changed_role_counts_from_the_next_click(desk: Desk, hashed: str) -> None:
    add(desk, "bo")
    ann = add(desk, "ann")
    set_password(desk.open().ledger, ann, hashed, by(desk))
    caller = Caller(desk)
    sign_in(caller)
    caller.post(f"/people/{ann.number}/roles", {"role": ["author"]})
    assert caller.get("/people").status == 403
    assert caller.get("/announcements").status == 200


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(
    desk: Desk, hashed: str
) -> None:
    set_password(desk.open().ledger, add(desk, "ann"), hashed, by(desk))
    caller, other = Caller(desk), Caller(desk)
    sign_in(caller)
    sign_in(other)
    new = "another four words here"
    assert caller.post("/me/password", {"old": "wrong", "password": new}).status == 422
    assert caller.post("/me/password", {"old": PASSWORD, "password": "short"}).status == 422
    reply = caller.post("/me/password", {"old": PASSWORD, "password": new})
    assert reply.headers["location"] == "/me"
    assert caller.get("/me").status == 200
    assert other.get("/me").status == 303
    assert sign_in(Caller(desk), password=new) == 303


def test_a_desk_that_others_reach_does_not_open_without_people(desk: Desk) -> None:
    errands = Errands()
    with pytest.raises(Refused, match="nobody could sign in"):
        make_desk(Opened(desk.open()), errands, url="https://desk.example.org", user="ada")
    errands.close()


def test_nobodys_password_is_nobodys() -> None:
    assert not is_right("", "")
    assert not is_right("", PASSWORD)
    assert not is_right("broken", PASSWORD)


# --- OpenID Connect ------------------------------------------------------------------------------


@pytest.fixture
def issuer(desk: Desk) -> Iterator[Issuer]:
    with issuing() as found:
        settings = desk.root / "newsletter.toml"
        table = f'\n[desk]\noidc_issuer = "{found.url}"\noidc_client = "desk"\n'
        settings.write_text(settings.read_text("utf-8") + table, "utf-8")
        yield found


def to_issuer(caller: Caller, where: str = "/calendar") -> dict[str, str]:
    reply = caller.get(f"/sign-in/with?next={where}")
    parts = urlsplit(reply.headers["location"])
    assert parts.path == "/authorize"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def back(caller: Caller, brought: dict[str, str]) -> tuple[int, str]:
    # The issuer is another site, and sends the browser back here.
    headers = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }
    reply = caller.get(f"/sign-in/back?{urlencode(brought)}", headers=headers)
    return reply.status, reply.headers.get("location", "")


def test_the_issuer_lets_in_who_works_here(desk: Desk, issuer: Issuer) -> None:
    add(desk, "ann")
    for _ in range(2):  # by address first, then by subject
        caller = Caller(desk)
        query = to_issuer(caller)
        assert query["code_challenge_method"] == "S256"
        assert query["redirect_uri"] == "http://127.0.0.1:8766/sign-in/back"
        assert back(caller, issuer.authorize(query)) == (303, "/calendar")
        assert caller.get("/people").status == 200
        issuer.claims = {"email": "changed@example.org"}
    assert "bound a sign-in to" in [each.act for each in all_entries(desk.open().ledger)]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "stranger@example.org"},
        {"aud": "another-client"},
        {"iss": "https://evil.example.org"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"azp": "another-client"},
        {"sub": None},
    ],
)
def test_the_issuer_lets_in_nobody_else(
    desk: Desk, issuer: Issuer, claims: dict[str, object]
) -> None:
    add(desk, "ann")
    issuer.claims = claims
    caller = Caller(desk)
    assert back(caller, issuer.authorize(to_issuer(caller)))[0] == 409
    assert caller.get("/people").status == 303


def test_a_token_of_another_key_is_none(desk: Desk, issuer: Issuer) -> None:
    add(desk, "ann")
    issuer.signing = RSAKey.generate_key(2048, {"kid": "one"})
    caller = Caller(desk)
    assert back(caller, issuer.authorize(to_issuer(caller)))[0] == 409


def test_what_one_browser_began_no_other_ends(desk: Desk, issuer: Issuer) -> None:
    add(desk, "ann")
    attacker, victim = Caller(desk), Caller(desk)
    brought = issuer.authorize(to_issuer(attacker))
    assert back(victim, brought)[0] == 409
    assert victim.get("/people").status == 303
    assert back(victim, {**brought, "state": ""})[0] == 409
    assert back(victim, {"code": "x"})[0] == 409


def test_a_code_of_another_issuer_is_not_taken(desk: Desk, issuer: Issuer) -> None:
    add(desk, "ann")
    caller = Caller(desk)
    brought = issuer.authorize(to_issuer(caller))
    assert back(caller, {**brought, "iss": "https://evil.example.org"})[0] == 409
    assert issuer.asked == []


def test_an_issuer_that_does_not_answer_is_told_of(desk: Desk, issuer: Issuer) -> None:
    settings = desk.root / "newsletter.toml"
    text = settings.read_text("utf-8").replace(issuer.url, "http://127.0.0.1:1")
    settings.write_text(text, "utf-8")
    reply = Caller(desk).get("/sign-in/with")
    assert reply.status == 409
    assert "does not answer" in reply.body
