"""Whatever page of the desk is asked for, and whoever asks: the door holds for all of them."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from desk_samples import Caller, desk_of, with_rights

from newsletter.ledger.roles import RIGHTS, Role
from newsletter.web.desk.app import places
from newsletter.web.desk.asked import Visitor
from newsletter.web.desk.desk import Desk, Limits, Site
from newsletter.web.desk.place import Place
from newsletter.web.limits import Buckets, read_networks

FORM = {"content-type": "application/x-www-form-urlencoded"}
WIDE = Limits(
    visits=Buckets(capacity=10_000, per_second=1),
    changes=Buckets(capacity=10_000, per_second=1),
    strangers=Buckets(capacity=10_000, per_second=1),
)
"""Every place is asked several times, and asking too often has a test of its own."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("desk") / "society") as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Desk:
    return replace(opened, limits=WIDE)


def address(place: Place) -> str:
    """An address of the place; what it is about need not be there."""
    return re.sub(r"\{\w+:int\}", "9", re.sub(r"\{\w+(:path)?\}", "none", place.path))


def all_places(desk: Desk, method: str = "") -> list[Place]:
    return [each for each in places(desk) if method in ("", each.method)]


def test_every_page_answers_with_the_headers_that_keep_others_out(desk: Desk) -> None:
    caller = Caller(desk)
    for place in all_places(desk, "GET"):
        reply = caller.get(address(place))
        assert reply.status < 500, (place.path, reply.body)
        assert reply.headers["x-content-type-options"] == "nosniff", place.path
        assert reply.headers["referrer-policy"] == "no-referrer", place.path
        assert reply.headers["cross-origin-resource-policy"] == "same-origin", place.path
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy, place.path
        assert "frame-ancestors" in policy, place.path
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert scripts is None or scripts[1] == "'self'", place.path


def test_no_page_has_a_script_or_a_style_in_itself(desk: Desk) -> None:
    caller = Caller(desk)
    for place in all_places(desk, "GET"):
        body = caller.get(address(place)).body
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", body), place.path


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example.org"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_no_button_is_pressed_by_the_page_of_another_site(
    desk: Desk, headers: dict[str, str]
) -> None:
    caller = Caller(desk)
    body = f"token={caller.token}".encode()
    for place in all_places(desk, "POST"):
        reply = caller.send("POST", address(place), body=body, headers={**FORM, **headers})
        assert reply.status == 403, place.path


@pytest.mark.parametrize("token", ["", "0" * 48, "ü"])
def test_no_button_works_without_the_token_of_the_browser(desk: Desk, token: str) -> None:
    caller = Caller(desk)
    for place in all_places(desk, "POST"):
        assert caller.post(address(place), token=token).status == 403, place.path


def test_the_token_of_another_browser_is_none(desk: Desk) -> None:
    caller, other = Caller(desk), Caller(desk)
    for place in all_places(desk, "POST"):
        assert caller.post(address(place), token=other.token).status == 403, place.path


def test_who_is_not_signed_in_sees_nothing_but_the_way_in(desk: Desk) -> None:
    stranger = Caller(with_rights(desk, None))
    token = stranger.token
    for place in all_places(desk):
        if place.needs is None:
            continue
        if place.method == "GET":
            reply = stranger.get(address(place))
            assert reply.status == 303, place.path
            assert reply.headers["location"].startswith("/sign-in?next=%2F"), place.path
        else:
            assert stranger.post(address(place), token=token).status == 401, place.path


@pytest.mark.parametrize("role", list(Role))
def test_no_role_gets_to_the_pages_of_another(desk: Desk, role: Role) -> None:
    caller = Caller(with_rights(desk, Visitor(name="bo", rights=RIGHTS[role])))
    for place in all_places(desk):
        if place.needs is None or place.needs in RIGHTS[role]:
            continue
        reply = caller.get(address(place)) if place.method == "GET" else caller.post(address(place))
        assert reply.status == 403, (role, place.path)
        assert "not yours" in reply.body


def test_every_place_takes_no_more_than_it_says(desk: Desk) -> None:
    caller = Caller(desk)
    for place in all_places(desk, "POST"):
        headers = {**FORM, "content-length": str(50_000_000)}
        assert caller.send("POST", address(place), headers=headers).status == 413, place.path
        body = b"x" * (place.most + 1)
        assert caller.send("POST", address(place), body=body, headers=FORM).status == 413


def test_nobody_has_their_upload_read_before_they_may_send_it(desk: Desk) -> None:
    stranger = Caller(with_rights(desk, None))
    for place in all_places(desk, "POST"):
        if place.needs is not None:
            reply = stranger.send(
                "POST", address(place), headers={**FORM, "content-length": "50000000"}
            )
            assert reply.status == 401, place.path


def test_another_name_for_this_machine_opens_nothing(desk: Desk) -> None:
    caller = Caller(desk)
    assert caller.get("/announcements", headers={"host": "evil.example.org"}).status == 400


def test_other_sites_may_link_to_the_desk_but_not_load_anything_of_it(desk: Desk) -> None:
    caller = Caller(desk)
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert caller.get("/people", headers={**link, "sec-fetch-dest": "document"}).status == 200
    for other in ("iframe", "embed", "object"):
        assert caller.get("/people", headers={**link, "sec-fetch-dest": other}).status == 403
    picture = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert caller.get("/people", headers=picture).status == 403


def test_a_web_server_before_a_desk_of_one_user_is_turned_away(desk: Desk) -> None:
    caller = Caller(desk)
    for name in ("x-forwarded-for", "x-forwarded-host", "forwarded"):
        reply = caller.get("/people", headers={name: "203.0.113.7"})
        assert reply.status == 403
        assert "--base-url" in reply.body


def test_whoever_asks_too_often_has_to_wait(desk: Desk) -> None:
    few = Limits(
        visits=Buckets(capacity=3, per_second=0.01),
        changes=Buckets(capacity=1, per_second=0.01),
    )
    caller = Caller(replace(desk, limits=few))
    statuses = [caller.get("/calendar").status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_the_cookie_of_a_team_is_secure_and_of_no_other_host(desk: Desk) -> None:
    caller = Caller(replace(desk, site=Site(url="https://desk.example.org")))
    caller.jar.clear()
    cookie = caller.get("/calendar").cookies[0]
    assert cookie.startswith("__Host-desk=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_what_a_page_says_once_is_text_and_gone_the_next_time(desk: Desk) -> None:
    from newsletter.web.desk.saying import SAID, write_said

    caller = Caller(desk)
    caller.jar[SAID] = write_said("good", "Saved <b>it</b>")
    assert "Saved &lt;b&gt;it&lt;/b&gt;" in caller.get("/calendar").body
    assert "Saved" not in caller.get("/calendar").body
    caller.jar[SAID] = "forged"
    assert caller.get("/calendar").status == 200


def test_wrong_settings_are_told_on_the_page(desk: Desk) -> None:
    path = desk.root / "newsletter.toml"
    before = path.read_text("utf-8")
    try:
        path.write_text(before.replace("[list]", "[lists]"), "utf-8")
        reply = Caller(desk).get("/dispatches")
        assert reply.status < 500
    finally:
        path.write_text(before, "utf-8")


def test_a_team_reaches_it_by_its_address_and_proxies_are_believed_if_named(desk: Desk) -> None:
    proxies = read_networks(["127.0.0.1"])
    site = Site(url="https://desk.example.org", proxies=proxies)
    few = Limits(strangers=Buckets(capacity=1, per_second=0.01))
    stranger = with_rights(replace(desk, site=site, limits=few), None)

    def come(network: str, host: str = "desk.example.org") -> int:
        return Caller(stranger).get("/people", {"host": host, "x-forwarded-for": network}).status

    assert come("203.0.113.7") == 303
    assert come("203.0.113.9") == 429  # a neighbour
    assert come("198.51.100.1") == 303
    assert come("198.51.100.77, 203.0.113.7") == 429  # the last stranger is who spoke to the proxy
    assert come("192.0.2.1", host="evil.example.org") == 400
