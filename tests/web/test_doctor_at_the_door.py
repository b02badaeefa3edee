"""The doctor tries the unsubscribe link at the public pages themselves, and nobody leaves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from public_samples import FORM, ONE_CLICK, Society, key

from newsletter.doctor.opinion import Opinion, Verdict
from newsletter.doctor.unsubscribe import check_unsubscribe
from newsletter.ledger.people import suppressions
from newsletter.message.token import PROBE, sign

KEY = b"k" * 32


def look(base_url: str, secret: bytes | None, patience: float = 5.0) -> Opinion:
    (told,) = check_unsubscribe(base_url, secret, patience)
    return told


@contextmanager
def web_server(status: int, location: str = "") -> Iterator[str]:
    """A web server that says the same to everybody."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_the_public_pages_answer_and_nobody_is_unsubscribed(sent: Society) -> None:
    def known() -> int:
        with sent.ledger.read() as connection:
            return len(connection.execute(suppressions.select()).all())

    before = known()
    told = look(sent.program.url.rstrip("/"), key())
    assert (told.verdict, told.words) == (
        Verdict.GOOD,
        f"{sent.program.url.rstrip('/')} answers the unsubscribe POST, without a redirect",
    )
    assert known() == before


def test_the_page_of_the_probe_says_what_a_forged_link_does(sent: Society) -> None:
    token = sign(key(), PROBE, 0)
    for path in (f"/u/{token}", f"/p/{token}"):
        assert sent.program.ask(path).status == 404
    answer = sent.program.ask(f"/u/{token}", method="POST", body=ONE_CLICK, headers=FORM)
    assert answer.status == 200
    assert "does not work" in answer.body or "link" in answer.body


def test_another_secret_is_told(sent: Society) -> None:
    told = look(sent.program.url.rstrip("/"), KEY)
    assert told.verdict is Verdict.WRONG
    assert "does not know our unsubscribe links" in told.words
    assert "NEWSLETTER_SECRET" in told.advice


@pytest.mark.parametrize(
    ("status", "location", "words"),
    [
        (301, "https://www.example.org/", "redirect (301)"),
        (307, "/elsewhere", "redirect (307)"),
        (404, "", "does not know"),
        (405, "", "with 405"),
        (502, "", "with 502"),
        (200, "", "even to a forged one"),
    ],
)
def test_a_web_server_that_is_not_ours_is_wrong(status: int, location: str, words: str) -> None:
    with web_server(status, location) as url:
        told = look(url, KEY)
    assert told.verdict is Verdict.WRONG
    assert words in told.words
    assert told.advice


def test_a_web_server_that_is_not_reached_is_not_wrong() -> None:
    with web_server(200) as url:
        pass
    assert look(url, KEY).verdict is Verdict.UNKNOWN


def test_without_the_secret_no_link_can_be_tried() -> None:
    assert look("https://news.example.org", None).verdict is Verdict.WRONG
