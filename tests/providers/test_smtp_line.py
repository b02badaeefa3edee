"""The octets of an SMTP conversation, however the network cuts them."""

import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from certificates import write_certificate
from hypothesis import given
from hypothesis import strategies as st

from newsletter.providers.smtp_line import Line, Reply

SAID = (
    b"250 ok\r\n250-first\r\n250-second\r\n250 last\r\n354 go on\r\n221\r\n"
    b"250\r\nwhat is this\r\n2500 too long\r\n250-one\r\nno code\r\n250 bare newline\n"
)
MEANT: list[Reply] = [
    (250, b"ok"),
    (250, b"first\r\nsecond\r\nlast"),
    (354, b"go on"),
    (221, b""),
    (250, b""),
    (-1, b"what is this"),
    (-1, b"2500 too long"),
    (-1, b"one\r\nno code"),
    (250, b"bare newline"),
]


@contextmanager
def line_to(timeout: float = 5.0) -> Iterator[tuple[Line, socket.socket]]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as near,
    ):
        far, _ = listener.accept()
        with far:
            yield Line(near, timeout, is_encrypted=False), far


@given(st.lists(st.integers(1, len(SAID) - 1), max_size=8))
def test_replies_mean_the_same_however_they_are_split_and_merged(cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(SAID)]
    with line_to() as (line, far):

        def speak() -> None:
            for begin, end in itertools.pairwise(edges):
                far.sendall(SAID[begin:end])

        thread = threading.Thread(target=speak)
        thread.start()
        assert [line.reply() for _ in MEANT] == MEANT
        thread.join()


def test_replies_that_come_one_octet_at_a_time_are_read_whole() -> None:
    with line_to() as (line, far):
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def speak() -> None:
            for octet in SAID:
                far.sendall(bytes((octet,)))

        thread = threading.Thread(target=speak)
        thread.start()
        assert [line.reply() for _ in MEANT] == MEANT
        thread.join()


@pytest.mark.parametrize("said", [b"", b"25", b"250 ok", b"250-more\r\n", b"250 ok\r"])
def test_a_reply_that_breaks_off_is_none(said: bytes) -> None:
    with line_to() as (line, far):
        far.sendall(said)
        far.close()
        with pytest.raises(ConnectionError):
            line.reply()


@pytest.mark.parametrize("said", [b"250-more\r\n", b"x"], ids=["lines", "one line"])
def test_a_reply_without_end_is_given_up(said: bytes) -> None:
    with line_to() as (line, far):

        def speak() -> None:
            with suppress(OSError):
                while True:
                    far.sendall(said * 1_000)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(ConnectionError, match="without end"):
            line.reply()
        line.close()
        thread.join()


def test_a_reply_may_take_longer_where_it_is_told_so_and_only_there() -> None:
    with line_to(timeout=0.05) as (line, far):
        threading.Timer(0.2, far.sendall, [b"250 at last\r\n"]).start()
        assert line.reply(longer=5.0) == (250, b"at last")
        with pytest.raises(TimeoutError):
            line.reply()


def test_what_is_not_needed_may_be_lost_and_nothing_else() -> None:
    octets = b"x" * 20_000_000  # more than the system keeps of what nobody reads
    with line_to(timeout=0.2) as (line, _far):
        line.write(octets, needed=10)
    with line_to(timeout=0.2) as (line, _far), pytest.raises(TimeoutError):
        line.write(octets, needed=len(octets))
    with line_to(timeout=0.2) as (line, _far), pytest.raises(TimeoutError):
        line.write(octets)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "line.pem")


def test_over_tls_no_write_holds_more_than_one_record(certificate: Path) -> None:
    sizes: list[int] = []

    class Counting(ssl.SSLSocket):
        def send(self, data: memoryview, flags: int = 0) -> int:
            sizes.append(len(memoryview(data)))
            return super().send(data, flags)

    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    asking = ssl.create_default_context(cafile=str(certificate))
    asking.sslsocket_class = Counting
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            with serving.wrap_socket(plain, server_side=True) as far:
                while octets := far.recv(100_000):
                    got.extend(octets)

        thread = threading.Thread(target=serve)
        thread.start()
        plain = socket.create_connection(listener.getsockname())
        with asking.wrap_socket(plain, server_hostname="127.0.0.1") as near:
            Line(near, 5.0, is_encrypted=True).write(b"x" * 50_000)
        thread.join()

    assert sizes == [16_384, 16_384, 16_384, 848]
    assert got == b"x" * 50_000
