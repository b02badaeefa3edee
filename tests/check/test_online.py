"""Asking for links, of a real server on this machine that misbehaves; and never of this house."""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from check_samples import codes, lines, page_of, places_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check.asking import Manners, ask_all
from newsletter.check.fetch import Answer, ask, is_public
from newsletter.check.linkcache import keep_known, read_known
from newsletter.check.online import check_answers, links_to_ask
from newsletter.clock import SystemClock

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


class Handler(BaseHTTPRequestHandler):
    """Does what the path says."""

    seen: list[tuple[str, str]]

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        self.server.seen.append((method, self.path))  # type: ignore[attr-defined] # set below
        kind = self.path.strip("/").partition("/")[0]
        if kind == "broken":
            self.wfile.write(b"this is no HTTP\r\n\r\n")
        elif kind == "silent":
            self.close_connection = True
        elif kind == "slow":
            self._drip()
        else:
            known = {"no-head": 405 if method == "HEAD" else 200, "robots": 403}
            targets = {"loop": "/loop", "to": self.path.removeprefix("/to/")}
            status = 302 if kind in targets else known.get(kind, 200)
            self._status(int(kind) if kind.isdecimal() else status, targets.get(kind, ""))

    def _drip(self) -> None:
        with suppress(OSError):
            for _ in range(40):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.05)  # noqa: TID251 - a server that drips

    def _status(self, status: int, location: str = "") -> None:
        with suppress(OSError):
            self.send_response_only(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.seen = []  # type: ignore[attr-defined] # what was asked for
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def url(server: ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{path}"


def anybody(_address: str) -> bool:
    return True


def status(server: ThreadingHTTPServer, path: str) -> int:
    return ask(url(server, path), may_ask=anybody).status


def test_a_page_is_asked_for_by_its_head(server: Any) -> None:
    assert status(server, "page?x=1#part") == 200
    assert server.seen == [("HEAD", "/page?x=1")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("no-head", 200), ("404", 404), ("410", 410), ("robots", 403), ("429", 429), ("999", 999)],
)
def test_what_head_does_not_get_is_asked_for_by_get(server: Any, path: str, expected: int) -> None:
    assert status(server, path) == expected
    asked = [method for method, _ in server.seen]
    assert asked == (["HEAD"] if expected in {410, 429, 999} else ["HEAD", "GET"])


def test_redirects_are_followed_but_not_for_ever(server: Any) -> None:
    assert status(server, "to//to//404") == 404
    lost = ask(url(server, "loop"), may_ask=anybody)
    assert lost.problem == "it redirects more than 8 times"
    assert len(server.seen) <= 3 + 2 + 8


def test_a_redirect_to_what_is_no_web_address_is_not_followed(server: Any) -> None:
    assert "no web address" in ask(url(server, "to/ftp://x.org/"), may_ask=anybody).problem
    assert "no web address" in ask(url(server, "to/file:///etc/passwd"), may_ask=anybody).problem


@pytest.mark.parametrize("path", ["broken", "silent"])
def test_an_answer_that_is_none_is_a_problem(server: Any, path: str) -> None:
    assert ask(url(server, path), may_ask=anybody).problem == "the connection breaks"


def test_a_host_that_nobody_knows_is_a_problem() -> None:
    assert ask("https://nobody.invalid/").problem == "nobody knows 'nobody.invalid'"


def test_a_port_where_nobody_listens_is_a_problem(server: Any) -> None:
    server.server_close()
    assert ask(url(server, ""), may_ask=anybody).problem


def test_nobody_of_this_house_is_asked(server: Any) -> None:
    assert ask(url(server, "page")) == Answer(is_private=True)
    assert ask(f"http://localhost:{server.server_address[1]}/") == Answer(is_private=True)
    assert server.seen == []


def test_a_redirect_into_this_house_is_not_followed(server: Any) -> None:
    judged: list[str] = []

    def only_first(address: str) -> bool:
        judged.append(address)
        return len(judged) == 1

    assert ask(url(server, "to//page"), may_ask=only_first) == Answer(is_private=True)
    assert server.seen == [("HEAD", "/to//page")]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 - nobody listens there
        *("::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "224.0.0.1"),
        *("100.64.0.1", "2002:7f00:1::", "255.255.255.255", "::"),
    ],
)
def test_an_address_of_this_house_is_known_in_every_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "93.184.216.34"])
def test_an_address_of_the_internet_is_known(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_what_is_public_is_never_private_or_loopback(address: Any) -> None:
    if is_public(str(address)):
        assert not any((address.is_private, address.is_loopback, address.is_link_local))


# --- many ---------------------------------------------------------------------------------------

QUICK = Manners(hosts=4, pause=0.0, longest=10.0)


def test_one_host_is_asked_one_thing_at_a_time_and_each_once() -> None:
    at_once: list[int] = []
    under_way = 0
    lock = threading.Lock()

    def counting(_url: str) -> Answer:
        nonlocal under_way
        with lock:
            under_way += 1
            at_once.append(under_way)
        with lock:
            under_way -= 1
        return Answer(status=200)

    urls = [f"https://one.org/{number}" for number in range(20)]
    steps: list[int] = []
    found = ask_all([*urls, *urls], counting, SystemClock(), manners=QUICK, progress=steps.append)
    assert set(found) == set(urls)
    assert max(at_once) == 1
    assert sum(steps) == 20


def test_links_that_take_too_long_are_left_out_and_nobody_waits(server: Any) -> None:
    def patient(address: str) -> Answer:
        return ask(address, may_ask=anybody)

    urls = [url(server, "page"), url(server, "slow")]
    manners = Manners(hosts=2, pause=0.0, longest=0.6)
    found = ask_all(urls, patient, SystemClock(), manners=manners)
    assert list(found) == urls[:1]


def test_asking_for_nothing_is_done_at_once() -> None:
    assert ask_all([], lambda _url: Answer(), SystemClock()) == {}


# --- what is remembered -------------------------------------------------------------------------


def test_good_answers_are_remembered_for_a_day_and_bad_ones_are_not(tmp_path: Path) -> None:
    cache = tmp_path / "deep/links.json"
    keep_known(
        cache, {"https://a.org": Answer(status=200), "https://b.org": Answer(status=404)}, NOW
    )
    assert read_known(cache, NOW + dt.timedelta(hours=23)) == {"https://a.org": Answer(status=200)}
    assert read_known(cache, NOW + dt.timedelta(hours=25)) == {}
    assert read_known(cache, NOW - dt.timedelta(hours=1)) == {}  # the clock was set back
    keep_known(cache, {}, NOW + dt.timedelta(hours=25))
    assert "a.org" not in cache.read_text()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": {"asked": "soon"}}', "null"])
def test_what_is_no_cache_is_none(tmp_path: Path, text: str) -> None:
    cache = tmp_path / "links.json"
    cache.write_text(text)
    assert read_known(cache, NOW) == {}


# --- what it means ------------------------------------------------------------------------------


def test_the_links_of_the_web_are_asked_for_once_each() -> None:
    page = page_of(
        '<a href="https://a.org/x#1">1</a><a href="https://a.org/x#2">2</a><a href="#3">3</a>'
        '<a href="mailto:x@a.org">4</a><a href="https://slot.invalid/unsubscribe_url">5</a>'
        '<a href="http://localhost/x">6</a><a href="https://[bad">7</a>'
        '<img src="https://a.org/logo.png"><img src="https://a.org/images/here.png">'
    )
    asked = links_to_ask([page, page], ["https://a.org/images/here.png"], "a.org")
    assert asked == ("https://a.org/x", "https://a.org/logo.png")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=200), ""),
        (Answer(status=404), "link-dead"),
        (Answer(status=410), "link-dead"),
        (Answer(status=403), "link-refuses"),
        (Answer(status=429), "link-refuses"),
        (Answer(status=999), "link-refuses"),
        (Answer(status=503), "link-refuses"),
        (Answer(problem="it does not answer in time"), "link-unreachable"),
        (Answer(is_private=True), "link-local"),
    ],
)
def test_an_answer_becomes_a_finding_at_the_line_of_the_link(answer: Answer, code: str) -> None:
    urls = ("https://a.org/x", "https://b.org/")
    answers = {urls[0]: answer, urls[1]: Answer(status=200)}
    found = lines(check_answers(urls, answers, places_of("\nsee https://a.org/x")))
    assert found == ([(code, 6)] if code else [])


def test_links_without_an_answer_in_time_are_told_together() -> None:
    urls = ("https://a.org/", "https://b.org/", "https://c.org/")
    (found,) = check_answers(urls, {urls[0]: Answer(status=200)}, places_of())
    assert found.code == "link-unchecked"
    assert "2 of 3 links" in found.message


def test_a_machine_that_is_not_online_is_told_once() -> None:
    urls = ("https://a.org/", "https://b.org/")
    lost = dict.fromkeys(urls, Answer(problem="nobody knows it"))
    assert codes(check_answers(urls, lost, places_of())) == ["link-unreachable"]
