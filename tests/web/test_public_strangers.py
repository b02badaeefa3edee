"""Who does not behave: forged links, other sites, too much, too slow, too often."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from public_samples import FORM, ONE_CLICK, Society, key, sending
from sqlalchemy import text
from web_samples import Program, society

from newsletter.audience.exclusion import SuppressionReason
from newsletter.message.token import sign

SECURE = (
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "cache-control",
)


def speak(program: Program, words: bytes, *, wait: float = 5.0) -> str:
    """Send `words` as they are, and give everything that comes back."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=wait) as line:
        line.sendall(words)
        heard = b""
        try:
            while more := line.recv(65_536):
                heard += more
        except TimeoutError:
            pass
        return heard.decode("latin-1")


def acts(society: Society) -> int:
    with society.ledger.read() as connection:
        tables = ("consents", "suppressions", "opt_outs", "preferences")
        counts = (connection.scalar(text(f"SELECT count(*) FROM {each}")) for each in tables)  # noqa: S608 - our own names
        return sum(count or 0 for count in counts)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_changed_token_never_acts(sent: Society, data: st.DataObject) -> None:
    token = sent.any_token()
    letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    place = data.draw(st.integers(0, len(token) - 1))
    changed = data.draw(
        st.one_of(
            letters.map(lambda letter: token[:place] + letter + token[place + 1 :]),
            st.text(letters, min_size=1, max_size=80),
            st.binary(min_size=32, max_size=32).map(lambda other: sign(other, "0" * 16, place)),
            st.just(sign(key(), "f" * 16, place)),
            st.just(token + "A"),
            st.just(token[:-1]),
        ).filter(lambda found: found != token)
    )
    before = acts(sent)
    for path in "upst":
        answer = sent.submit(
            f"/{path}/{changed}", [("mail", "off"), ("shown", "news"), ("topic", "jobs")]
        )
        assert answer.status in (404, 429)
    assert acts(sent) == before


@pytest.mark.parametrize("path", ["u", "p", "s", "t"])
def test_what_another_site_sends_is_refused(sent: Society, path: str) -> None:
    address, token = sent.somebody()
    fields = [("mail", "off"), ("shown", "news"), ("topic", "news")]
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Origin": "https://elsewhere.example.net"},
        {"Origin": "https://news.meridian.example.org.example.net"},
    ):
        answer = sent.submit(f"/{path}/{token}", fields, **headers)
        assert answer.status == 403
        assert "nothing was changed" in answer.body
    assert sent.record(address) == ()
    assert sent.reason(address) is None


def test_the_button_of_a_mail_program_works_from_wherever_it_comes(sent: Society) -> None:
    address, token = sent.somebody()
    headers = {**FORM, "Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example.net"}
    answer = sent.program.ask(f"/u/{token}", method="POST", body=ONE_CLICK, headers=headers)
    assert answer.status == 200
    assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "https://news.meridian.example.org"},
        {"Origin": "null"},
        {},
    ],
)
def test_our_own_pages_may_send(sent: Society, headers: dict[str, str]) -> None:
    _, token = sent.somebody()
    assert sent.submit(f"/u/{token}", **headers).status == 200


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_not_done(sent: Society, method: str) -> None:
    address, token = sent.somebody()
    for path in (f"/u/{token}", f"/p/{token}", f"/s/{token}", f"/t/{token}"):
        answer = sent.program.ask(path, method=method)
        assert answer.status == 405
        assert "POST" in answer.headers["allow"]
        assert set(SECURE) <= answer.headers.keys()
    assert sent.record(address) == ()


def test_head_says_what_get_says_without_saying_it(sent: Society) -> None:
    _, token = sent.somebody()
    for path in (f"/u/{token}", f"/p/{token}", "/public.css", "/health"):
        got, head = (sent.program.ask(path, method=method) for method in ("GET", "HEAD"))
        assert head.status == got.status == 200
        assert head.body == ""
        assert head.headers["content-length"] == got.headers["content-length"]


def test_too_large_a_body_is_not_read_to_its_end(sent: Society) -> None:
    address, token = sent.somebody()
    head = f"POST /u/{token} HTTP/1.1\r\nHost: x\r\n"
    announced = speak(sent.program, f"{head}Content-Length: 99999999999\r\n\r\n".encode())
    chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    chunked = speak(sent.program, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 2)
    for answer in (announced, chunked):
        assert answer.startswith("HTTP/1.1 413 ")
        assert all(f"\r\n{name}:" in answer.lower() for name in SECURE)
    assert sent.reason(address) is None
    assert sent.program.ask("/health").status == 200


@pytest.mark.parametrize(
    "words",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
        b"GET /u/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /u/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /u/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_a_short_answer(sent: Society, words: bytes) -> None:
    answer = speak(sent.program, words)
    assert answer.startswith("HTTP/1.1 400 ")
    assert all(f"\r\n{name}:" in answer.lower() for name in SECURE)
    assert sent.program.ask("/health").status == 200


def test_who_is_slow_keeps_nobody_else_waiting_and_is_hung_up_on(sent: Society) -> None:
    _, token = sent.somebody()
    begun = time.monotonic()
    slow = (
        b"GET /u/",
        f"POST /u/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na".encode(),
        b"",
    )
    with ThreadPoolExecutor(32) as pool:
        waiting = [pool.submit(speak, sent.program, each, wait=30.0) for each in slow * 10]
        assert sent.program.ask("/health").status == 200
        assert time.monotonic() - begun < 5
        answers = [each.result() for each in waiting]
    assert time.monotonic() - begun < 25
    assert [each[:13] for each in answers[:3]] == ["", "HTTP/1.1 408 ", ""]


def test_whoever_tries_tokens_is_slowed_down_and_nobody_else_is(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    settings_file = folder / "newsletter.toml"
    settings_file.write_text(
        settings_file.read_text("utf-8").replace("[list]\n", '[list]\nproxies = ["127.0.0.1"]\n'),
        "utf-8",
    )
    with sending(folder) as one:
        _exhaust(one)


def _exhaust(sent: Society) -> None:
    def tried(network: str) -> Any:
        return sent.submit("/u/" + "A" * 40, X_Forwarded_For=network)

    answers = [tried("203.0.113.9") for _ in range(75)]
    assert answers[0].status == 404
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Nothing was changed" in answers[-1].body
    assert tried("198.51.100.9").status == 404
    # A mail provider stands behind one address for thousands of members.
    for _ in range(3):
        address, token = sent.somebody()
        headers = {**FORM, "X-Forwarded-For": "203.0.113.9"}
        answer = sent.program.ask(f"/u/{token}", method="POST", body=ONE_CLICK, headers=headers)
        assert answer.status == 200
        assert sent.reason(address) is SuppressionReason.UNSUBSCRIBED
