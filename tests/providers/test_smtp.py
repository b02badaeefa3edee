import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from certificates import write_certificate
from ports import free_port
from provider_samples import DOCUMENT, batch, recipient
from smtp_server import GARBAGE, HANG, HANG_UP, Post, running_smtp

from newsletter.errors import (
    AccessRefused,
    LeaseLost,
    NotAccepted,
    ProviderError,
    Rejected,
    Throttled,
)
from newsletter.message.batch import Batch
from newsletter.message.frozen import Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Receipt
from newsletter.providers.smtp import SmtpProvider
from newsletter.providers.smtp_settings import Security, SmtpSettings

RIGHT, WRONG = "right password", "wrong secret"
PENDING, ACCEPTED = DeliveryState.PENDING, DeliveryState.ACCEPTED
REJECTED, UNSURE = DeliveryState.REJECTED, DeliveryState.UNSURE
LARGE = replace(DOCUMENT, subject=Frozen(("Large",)))
FOUR = batch(*(recipient(n, f"Member {n}") for n in range(4)))


def settings_at(port: int, **changes: object) -> SmtpSettings:
    plain = {"security": Security.NONE, "hello": "localhost", "timeout": 5.0, "final_timeout": 5.0}
    return SmtpSettings(host="127.0.0.1", port=port, **{**plain, **changes})


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def post(request: pytest.FixtureRequest) -> Post:
    return Post(is_pipelining=request.param)


@pytest.fixture
def provider(post: Post) -> Iterator[SmtpProvider]:
    with running_smtp(post) as port:
        made = SmtpProvider(settings_at(port, timeout=3.0, final_timeout=3.0))
        yield made
        made.close()


Fault = tuple[str, str, list[DeliveryState], type[ProviderError] | None]
FAULTS: dict[str, Fault] = {
    "a mailbox that does not exist": (
        "RCPT",
        "550 5.1.1 <member1@member.example.org> unknown",
        [ACCEPTED, REJECTED, ACCEPTED, ACCEPTED],
        None,
    ),
    "a full mailbox": ("RCPT", "452 4.2.2 full", [ACCEPTED, PENDING, ACCEPTED, ACCEPTED], None),
    "greylisting": ("RCPT", "450 4.2.0 later", [ACCEPTED, PENDING, ACCEPTED, ACCEPTED], None),
    "a relay that does not know us": (
        "RCPT",
        "554 5.7.1 Relay access denied",
        [ACCEPTED, PENDING, PENDING, PENDING],
        AccessRefused,
    ),
    "a relay that wants a login": (
        "RCPT",
        "530 5.7.0 log in first",
        [ACCEPTED, PENDING, PENDING, PENDING],
        AccessRefused,
    ),
    "421 at RCPT": ("RCPT", "421 4.3.2 closing", [ACCEPTED, PENDING, PENDING, PENDING], Throttled),
    "hanging up at RCPT": ("RCPT", HANG_UP, [ACCEPTED, PENDING, PENDING, PENDING], NotAccepted),
    "garbage at RCPT": ("RCPT", GARBAGE, [ACCEPTED, PENDING, PENDING, PENDING], NotAccepted),
    "silence at RCPT": ("RCPT", HANG, [ACCEPTED, PENDING, PENDING, PENDING], NotAccepted),
    "4xx after the dot": ("DATA", "451 4.3.0 later", [ACCEPTED, PENDING, ACCEPTED, ACCEPTED], None),
    "5xx after the dot": ("DATA", "554 5.7.1 spam", [ACCEPTED, REJECTED, ACCEPTED, ACCEPTED], None),
    "421 after the dot": (
        "DATA",
        "421 4.3.2 bye",
        [ACCEPTED, PENDING, PENDING, PENDING],
        Throttled,
    ),
    "hanging up after the dot": (
        "DATA",
        HANG_UP,
        [ACCEPTED, UNSURE, PENDING, PENDING],
        NotAccepted,
    ),
    "garbage after the dot": ("DATA", GARBAGE, [ACCEPTED, UNSURE, PENDING, PENDING], NotAccepted),
    "silence after the dot": ("DATA", HANG, [ACCEPTED, UNSURE, PENDING, PENDING], NotAccepted),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_each_fault_at_the_second_of_four_messages_means_this(
    provider: SmtpProvider, post: Post, fault: Fault
) -> None:
    command, answer, states, stop = fault
    post.faults[command, "member1"] = answer

    receipt = provider.send(FOUR)

    assert [each.state for each in receipt.outcomes] == states
    assert type(receipt.stopped_by) is (stop or type(None))
    accepted = [n for n, state in enumerate(states) if state is ACCEPTED]
    assert [address for address, _ in post.arrived] == [
        f"member{n}@member.example.org" for n in accepted
    ]
    assert "member1@" not in repr(receipt)


def test_a_message_that_is_announced_and_then_not_ours_any_more_is_never_ended(
    provider: SmtpProvider, post: Post
) -> None:
    asked: list[int] = []

    def fence() -> None:
        asked.append(len(post.tried))
        if len(asked) == 2:
            raise LeaseLost("somebody else has it")

    receipt = provider.send(replace(FOUR, fence=fence))

    assert [each.state for each in receipt.outcomes] == [ACCEPTED, PENDING, PENDING, PENDING]
    assert type(receipt.stopped_by) is LeaseLost
    # Asked at the last moment: each time the server waits for the message already.
    assert asked == [1, 2]
    assert [address for address, _ in post.arrived] == ["member0@member.example.org"]
    provider.send(FOUR)
    assert len(post.arrived) == 5


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("550 5.7.1 not your sender", AccessRefused),
        ("530 5.7.0 log in first", AccessRefused),
        ("452 4.3.1 no space", NotAccepted),
        ("421 4.3.2 closing", Throttled),
        (HANG_UP, NotAccepted),
        (GARBAGE, NotAccepted),
    ],
)
def test_what_is_said_to_the_sender_concerns_the_whole_batch(
    provider: SmtpProvider, post: Post, answer: str, error: type[ProviderError]
) -> None:
    post.faults["MAIL", "news"] = answer

    with pytest.raises(ProviderError) as caught:
        provider.send(FOUR)

    assert type(caught.value) is error
    assert not post.arrived


def test_after_any_break_the_next_batch_goes_over_a_new_connection(
    provider: SmtpProvider, post: Post
) -> None:
    post.faults["DATA", "member1"] = HANG_UP
    provider.send(FOUR)
    rest = Batch(
        envelope=FOUR.envelope, request=4, document=FOUR.document, recipients=FOUR.recipients[2:]
    )

    receipt = provider.send(rest)

    assert [each.state for each in receipt.outcomes] == [ACCEPTED, ACCEPTED]
    assert [address[:7] for address, _ in post.arrived] == ["member0", "member2", "member3"]


def test_the_reference_is_what_the_server_calls_the_message(provider: SmtpProvider) -> None:
    receipt = provider.send(FOUR)

    assert {each.reference for each in receipt.outcomes} == {"2.0.0 Ok: queued as Q1"}


def test_one_connection_serves_batch_after_batch(provider: SmtpProvider, post: Post) -> None:
    for request in range(5):
        provider.send(batch(recipient(request), request=request))

    assert len(post.connections) == 1
    assert len(post.arrived) == 5


def test_what_was_prepared_is_sent_and_what_was_prepared_for_others_is_thrown_away(
    provider: SmtpProvider, post: Post
) -> None:
    others = batch(recipient(7, "Cyd"))
    for prepared, sent in ((FOUR, FOUR), (FOUR, others), (others, FOUR)):
        provider.prepare(prepared)
        provider.send(sent)
    expected = [each.address.wire for each in (*FOUR.recipients, *others.recipients)]
    assert [address for address, _ in post.arrived] == [*expected, *expected[:4]]


def test_what_cannot_be_prepared_is_refused_when_it_is_sent(
    provider: SmtpProvider, post: Post
) -> None:
    broken = batch(recipient(0, "Ada\r\nBcc: eve@example.org"))
    provider.prepare(broken)
    with pytest.raises(Rejected, match="cannot be made"):
        provider.send(broken)
    assert not post.arrived


def test_the_time_between_is_used_once_while_the_first_message_is_on_its_way(
    provider: SmtpProvider, post: Post
) -> None:
    arrived: list[int] = []
    receipt = provider.send(replace(FOUR, meanwhile=lambda: arrived.append(len(post.arrived))))
    assert [each.state for each in receipt.outcomes] == [ACCEPTED] * 4
    assert len(arrived) == 1
    assert arrived[0] <= 1


def test_a_connection_is_left_before_the_server_would_hang_up(post: Post) -> None:
    with running_smtp(post) as port:
        provider = SmtpProvider(settings_at(port, messages_per_connection=4))
        for request in range(3):
            provider.send(FOUR if request == 1 else batch(recipient(9), request=request))
        provider.close()

    assert len(post.connections) == 3


def test_an_idle_connection_that_the_server_closed_costs_nobody_their_message(post: Post) -> None:
    with running_smtp(post) as port:
        provider = SmtpProvider(settings_at(port))
        provider.send(batch(recipient(1)))
        provider._idle[0]._line._socket.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 # a dead line
        receipt = provider.send(batch(recipient(2)))
        provider.close()

    assert [each.state for each in receipt.outcomes] == [ACCEPTED]
    assert len(post.arrived) == 2


def test_a_message_arrives_octet_for_octet_whatever_its_lines_begin_with(
    provider: SmtpProvider, post: Post
) -> None:
    provider.send(batch(recipient(1, ".dot")))

    ((_, octets),) = post.arrived
    (pieces,) = provider._encoded(batch(recipient(1, ".dot")))  # noqa: SLF001 # the wire
    assert octets == b"".join(pieces)


def test_a_server_that_is_not_there_was_surely_not_sent_to() -> None:
    port = free_port()

    with pytest.raises(NotAccepted, match="not reached"):
        SmtpProvider(settings_at(port)).send(FOUR)


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"554 no service for you\r\n", AccessRefused),
        (b"421 too busy\r\n", Throttled),
        (b"450 later\r\n", NotAccepted),
        (b"SSH-2.0-OpenSSH\r\n", NotAccepted),
        (b"", NotAccepted),
    ],
)
def test_a_greeting_that_is_no_welcome_means_that_nothing_was_sent(
    greeting: bytes, error: type[ProviderError]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(greeting)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ProviderError) as caught:
            SmtpProvider(settings_at(listener.getsockname()[1])).send(FOUR)
        thread.join()

    assert type(caught.value) is error


def test_a_server_that_stops_reading_in_the_middle_of_a_message_leaves_nobody_unsure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as file:
                file.write(b"220 hello\r\n")
                file.flush()
                for answer in (b"250 hi", b"250 ok", b"250 ok", b"354 go on"):
                    file.readline()
                    file.write(answer + b"\r\n")
                    file.flush()
                connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        large = batch(recipient(1, first_name="x" * 20_000_000), document=LARGE)
        with pytest.raises(NotAccepted, match="broke"):
            SmtpProvider(settings_at(listener.getsockname()[1])).send(large)
        thread.join()


TALKS = {
    "says that nobody is left": [b"250 ok", b"550 unknown", b"503 nobody to send to"],
    "waits for a message to nobody": [b"250 ok", b"550 unknown", b"354 go on", b"554 to nobody"],
}


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_a_refused_recipient_leaves_a_pipelining_server_ready_for_the_next(
    talk: list[bytes],
) -> None:
    accepted = [b"250 reset", b"250 ok", b"250 ok", b"354 go on"]
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as file:
                for answer in (b"220 hello", b"250-hi\r\n250 PIPELINING", *talk, *accepted):
                    if not answer.startswith(b"220"):
                        got.append(file.readline())
                    file.write(answer + b"\r\n")
                    file.flush()
                while file.readline() != b".\r\n":
                    pass
                file.write(b"250 taken\r\n")
                file.flush()
                got.append(file.readline())

        thread = threading.Thread(target=serve)
        thread.start()
        provider = SmtpProvider(settings_at(listener.getsockname()[1]))
        receipt = provider.send(batch(recipient(0), recipient(1)))
        provider.close()
        thread.join()

    assert [each.state for each in receipt.outcomes] == [REJECTED, ACCEPTED]
    assert receipt.outcomes[0].note == "550 unknown"
    assert [line.split()[0] for line in got if line != b".\r\n"] == [
        *(b"ehlo", b"MAIL", b"RCPT", b"DATA", b"RSET", b"MAIL", b"RCPT", b"DATA", b"QUIT"),
    ]


def talk_about(answers: list[bytes], *counts: int) -> tuple[Receipt, list[list[bytes]]]:
    """Send batches to a pipelining server that reads what comes and answers by turns."""
    turns: list[list[bytes]] = []

    def read(connection: socket.socket) -> bytes:
        said = b""
        while not said.endswith((b"DATA\r\n", b"\r\n.\r\n")) and not said.startswith(b"ehlo"):
            said += connection.recv(1_000_000)
        return said

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(b"220 hello\r\n")
                for answer in (b"250-hi\r\n250 PIPELINING\r\n", *answers):
                    turns.append([line.split(b" ")[0] for line in read(connection).split(b"\r\n")])
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        provider = SmtpProvider(settings_at(listener.getsockname()[1]))
        for count in counts:
            receipt = provider.send(batch(*(recipient(number) for number in range(count))))
        provider.close()
        thread.join()
    return receipt, turns


WAITS = b"250 ok\r\n250 ok\r\n354 go on\r\n"


def test_each_message_takes_one_way_to_a_pipelining_server_and_back() -> None:
    receipt, turns = talk_about([WAITS, b"250 one\r\n" + WAITS, b"250 two\r\n"], 2)
    assert [(each.state, each.reference) for each in receipt.outcomes] == [
        (ACCEPTED, "one"),
        (ACCEPTED, "two"),
    ]
    _hello, first, second, third = turns
    assert first == [b"MAIL", b"RCPT", b"DATA", b""]
    assert second[-5:] == [b".", b"MAIL", b"RCPT", b"DATA", b""]
    assert third[-2:] == [b".", b""]


def test_a_message_that_is_refused_at_its_end_costs_the_announced_one_nothing() -> None:
    receipt, _turns = talk_about([WAITS, b"554 no\r\n" + WAITS, b"250 two\r\n"], 2)
    assert [each.state for each in receipt.outcomes] == [REJECTED, ACCEPTED]


def test_what_was_announced_and_never_sent_is_surely_not_sent() -> None:
    receipt, _turns = talk_about([WAITS, b"250 one\r\n421 going down\r\n"], 3)
    assert [each.state for each in receipt.outcomes] == [ACCEPTED, PENDING, PENDING]


BREAKS = {
    "before the reply to the dot": (b"", [UNSURE, PENDING, PENDING]),
    "within the reply to the dot": (b"250 on", [UNSURE, PENDING, PENDING]),
    "right behind the reply to the dot": (b"250 one\r\n", [ACCEPTED, PENDING, PENDING]),
    "behind MAIL of the next": (b"250 one\r\n250 ok\r\n", [ACCEPTED, PENDING, PENDING]),
    "within RCPT of the next": (b"250 one\r\n250 ok\r\n25", [ACCEPTED, PENDING, PENDING]),
    "before the go-ahead of the next": (
        b"250 one\r\n250 ok\r\n250 ok\r\n",
        [ACCEPTED, PENDING, PENDING],
    ),
    "in the place of the next message": (b"250 one\r\n" + WAITS, [ACCEPTED, UNSURE, PENDING]),
}


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_wherever_the_line_breaks_one_message_is_unsure_at_most(
    broken: tuple[bytes, list[DeliveryState]],
) -> None:
    last, states = broken
    # With the last of them the server hangs up once it has read the whole message.
    receipt, _turns = talk_about([WAITS, last, *([b""] if last.endswith(WAITS) else [])], 3)
    assert [each.state for each in receipt.outcomes] == states
    assert type(receipt.stopped_by) is NotAccepted


def test_the_next_recipient_is_refused_while_the_message_before_is_accepted() -> None:
    refused = b"250 one\r\n250 ok\r\n550 unknown\r\n503 nobody\r\n"
    receipt, turns = talk_about([WAITS, refused, b"250 reset\r\n" + WAITS, b"250 three\r\n"], 3)
    assert [each.state for each in receipt.outcomes] == [ACCEPTED, REJECTED, ACCEPTED]
    assert turns[3] == [b"RSET", b"MAIL", b"RCPT", b"DATA", b""]


def test_a_connection_that_is_used_again_is_asked_and_told_at_once() -> None:
    answers = [WAITS, b"250 one\r\n", b"250 reset\r\n" + WAITS, b"250 two\r\n"]
    receipt, turns = talk_about(answers, 1, 1)
    assert [each.reference for each in receipt.outcomes] == ["two"]
    assert turns[3] == [b"RSET", b"MAIL", b"RCPT", b"DATA", b""]


# Encryption and login -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "relay.pem")


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_starttls_and_login_come_before_the_first_message(post: Post, certificate: Path) -> None:
    with running_smtp(post, tls=server_tls(certificate), must_log_in=True) as port:
        provider = SmtpProvider(
            settings_at(
                port,
                security=Security.STARTTLS,
                ca_file=str(certificate),
                username="news",
                password=RIGHT,
            )
        )
        receipt = provider.send(FOUR)
        provider.close()

    assert [each.state for each in receipt.outcomes] == [ACCEPTED] * 4


def test_a_wrong_password_stops_everything_and_is_not_shown(post: Post, certificate: Path) -> None:
    with running_smtp(post, tls=server_tls(certificate), must_log_in=True) as port:
        settings = settings_at(
            port,
            security=Security.STARTTLS,
            ca_file=str(certificate),
            username="news",
            password=WRONG,
        )
        with pytest.raises(AccessRefused, match="535") as caught:
            SmtpProvider(settings).send(FOUR)

    assert WRONG not in f"{caught.value!r} {caught.value.hint} {settings!r}"
    assert not post.tried


def test_a_certificate_nobody_vouches_for_is_not_trusted(post: Post, certificate: Path) -> None:
    with running_smtp(post, tls=server_tls(certificate)) as port:
        settings = settings_at(port, security=Security.STARTTLS)
        with pytest.raises(AccessRefused, match="not trusted"):
            SmtpProvider(settings).send(FOUR)

    assert not post.tried


def test_a_server_without_starttls_is_not_talked_to_in_clear(post: Post) -> None:
    with running_smtp(post) as port, pytest.raises(AccessRefused, match="cannot do"):
        SmtpProvider(settings_at(port, security=Security.STARTTLS)).send(FOUR)

    assert not post.tried


def test_tls_from_the_first_octet(certificate: Path) -> None:
    context = server_tls(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.sendall(b"554 but encrypted\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        settings = settings_at(
            listener.getsockname()[1], security=Security.TLS, ca_file=str(certificate)
        )
        with pytest.raises(AccessRefused, match="554 but encrypted"):
            SmtpProvider(settings).send(FOUR)
        thread.join()
