"""What every provider promises, held against each over its real medium."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr, unquote
from pathlib import Path

import api_servers
import pytest
from fault_server import Behaviour, Json, running_server
from provider_samples import DOCUMENT, ENVELOPE, batch, recipient
from smtp_server import Post, running_smtp

from newsletter.errors import LeaseLost, Rejected
from newsletter.message.batch import Batch
from newsletter.message.frozen import Context, Frozen, Slot
from newsletter.message.headers import Message, message_for
from newsletter.message.state import DeliveryState
from newsletter.providers.protocol import Provider, Recallable
from newsletter.providers.registry import build, names


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as it came out at the other end."""

    sender: tuple[str, str]
    reply_to: tuple[str, str]
    recipient: tuple[str, str]
    subject: str
    headers: dict[str, str]
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A provider and the other end of it."""

    provider: Provider
    arrived: Callable[[], dict[str, Arrival]]
    """By address."""
    show_name: Callable[[str], str] = str
    """How a display name comes out at the other end."""
    own_headers: frozenset[str] = frozenset()
    """The headers that the carrier writes itself."""
    altered: Mapping[str, str] = field(default_factory=dict)
    """Headers that are written otherwise, as its page says."""
    takes_for_its_own: str = ""
    """A pattern of what it cannot carry, because it would fill it by itself."""

    def fit(self, sent: Batch) -> Batch:
        """Leave out of a sample whatever this carrier would take for its own."""
        if not self.takes_for_its_own:
            return sent
        text = sent.document.text
        literals = tuple(re.sub(self.takes_for_its_own, "", each) for each in text.literals)
        return replace(
            sent,
            document=replace(sent.document, text=replace(text, literals=literals)),
            recipients=tuple(
                each
                for each in sent.recipients
                if not re.search(self.takes_for_its_own, " ".join(each.values.values()))
            ),
        )


def outbox(_stack: ExitStack, folder: Path) -> Carrier:
    def arrived() -> dict[str, Arrival]:
        found = [decoded(path.read_bytes()) for path in folder.glob("*/messages/*.eml")]
        return {each.recipient[1]: each for each in found}

    return Carrier(provider=build("outbox", {"folder": str(folder)}, {}), arrived=arrived)


def smtp(stack: ExitStack, _folder: Path) -> Carrier:
    post = Post()
    port = stack.enter_context(running_smtp(post))
    table = {"host": "127.0.0.1", "port": port, "security": "none", "hello": "localhost"}

    def arrived() -> dict[str, Arrival]:
        assert len(post.arrived) == len({address for address, _ in post.arrived})
        return {address: decoded(octets) for address, octets in post.arrived}

    return Carrier(provider=build("smtp", table, {}), arrived=arrived)


def sendgrid(stack: ExitStack, _folder: Path) -> Carrier:
    server = stack.enter_context(running_server())
    provider = build("sendgrid", {"host": server.url}, {"SENDGRID_API_KEY": "SG.secret"})

    def arrived() -> dict[str, Arrival]:
        found = [each for body in server.accepted for each in substituted(body)]
        assert len(found) == len({each.recipient[1] for each in found})
        return {each.recipient[1]: each for each in found}

    return Carrier(
        provider=provider,
        arrived=arrived,
        show_name=lambda name: " ".join(name.replace(",", " ").replace(";", " ").split()),
        own_headers=frozenset({"Date"}),
    )


def decoded(octets: bytes) -> Arrival:
    """Read a message as a mail program does."""
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    raw = message_from_bytes(octets, policy=compat32)
    assert not message.defects
    structured = {"From", "To", "Reply-To", "Subject", "MIME-Version", "Content-Type"}
    return Arrival(
        sender=mailbox(str(raw["From"])),
        reply_to=mailbox(str(raw["Reply-To"])),
        recipient=mailbox(str(raw["To"])),
        subject=str(message["Subject"]),
        headers={name: plain(str(raw[name])) for name in message if name not in structured},
        html=body(message, "html"),
        text=body(message, "plain"),
    )


def mailbox(value: str) -> tuple[str, str]:
    name, address = parseaddr(value.replace("\r\n", "").replace("\n", ""))
    return str(make_header(decode_header(name))), address


def plain(value: str) -> str:
    value = str(make_header(decode_header(value.replace("\r\n", "").replace("\n", ""))))
    name, _, rest = value.rpartition(" <")
    return f"{unquote(name)} <{rest}" if name else value


def body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert isinstance(part, EmailMessage)
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode("utf-8").replace("\r\n", "\n")


def substituted(request: dict[str, object]) -> Iterator[Arrival]:
    """Do what SendGrid does: put the values in raw, one tag after the other."""
    text, html = (part["value"] for part in request["content"])
    for each in request["personalizations"]:
        (to,) = each["to"]
        filled = [request["subject"], html, text]
        for tag, value in each["substitutions"].items():
            filled = [part.replace(tag, value) for part in filled]
        headers = request["headers"] | each["headers"]
        yield Arrival(
            sender=(request["from"]["name"], request["from"]["email"]),
            reply_to=(request["reply_to"]["name"], request["reply_to"]["email"]),
            recipient=(to.get("name", ""), to["email"]),
            subject=filled[0],
            headers={name: plain(value) for name, value in headers.items()},
            html=filled[1],
            text=filled[2],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A provider over HTTP, and how to read what it was given."""

    usual: Behaviour
    arrived: Callable[[list[Json]], Iterator[Json]]
    secrets: Mapping[str, str]
    options: Mapping[str, object] = field(default_factory=dict)
    differences: Mapping[str, object] = field(default_factory=dict)


def from_ses(accepted: list[Json]) -> Iterator[Json]:
    for each in accepted:
        found = decoded(each["octets"])
        yield {name: getattr(found, name) for name in Arrival.__slots__}


APIS = {
    "ses": Api(
        usual=api_servers.ses,
        arrived=from_ses,
        secrets={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "the-secret-key"},
        options={"region": "eu-west-1"},
    ),
    "postmark": Api(
        usual=api_servers.postmark,
        arrived=api_servers.from_postmark,
        secrets={"POSTMARK_SERVER_TOKEN": "the-secret-token"},
        differences={"own_headers": frozenset({"Date"})},
    ),
    "mailgun": Api(
        usual=api_servers.mailgun,
        arrived=api_servers.from_mailgun,
        secrets={"MAILGUN_API_KEY": "the-secret-key"},
        options={"domain": "mg.example.org"},
        differences={
            "own_headers": frozenset({"Date", "Message-ID"}),
            "takes_for_its_own": "%recipient",
        },
    ),
    "resend": Api(
        usual=api_servers.resend,
        arrived=api_servers.from_resend,
        secrets={"RESEND_API_KEY": "re_the-secret-key"},
        differences={"own_headers": frozenset({"Date"})},
    ),
    "brevo": Api(
        usual=api_servers.brevo,
        arrived=api_servers.from_brevo,
        secrets={"BREVO_API_KEY": "xkeysib-the-secret-key"},
        differences={
            "own_headers": frozenset({"Date"}),
            "altered": {"List-Id": f"<{ENVELOPE.list_id}>"},
            "takes_for_its_own": r"\{[{%#]",
        },
    ),
}


def over_http(name: str) -> Callable[[ExitStack, Path], Carrier]:
    """Run a provider against a server that keeps to its pages."""

    def carrier(stack: ExitStack, _folder: Path) -> Carrier:
        api = APIS[name]
        server = stack.enter_context(running_server(api.usual))

        def arrived() -> dict[str, Arrival]:
            read = [Arrival(**each) for each in api.arrived(server.accepted)]
            found = [replace(r, headers={n: plain(v) for n, v in r.headers.items()}) for r in read]
            assert len(found) == len({each.recipient[1] for each in found})
            return {each.recipient[1]: each for each in found}

        provider = build(name, {"host": server.url, **api.options}, api.secrets)
        return Carrier(provider=provider, arrived=arrived, **api.differences)

    return carrier


CARRIERS = {"outbox": outbox, "smtp": smtp, "sendgrid": sendgrid} | {
    name: over_http(name) for name in APIS
}


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Carrier]:
    with ExitStack() as stack:
        made = CARRIERS[request.param](stack, tmp_path / "outbox")
        stack.callback(made.provider.close)
        yield made


def expected(carrier: Carrier, message: Message) -> Arrival:
    structured = {"From", "To", "Reply-To", "Subject"} | carrier.own_headers
    assert ENVELOPE.reply_to is not None
    return Arrival(
        sender=(message.sender.name, message.sender.address.wire),
        reply_to=(ENVELOPE.reply_to.name, ENVELOPE.reply_to.address.wire),
        recipient=(
            carrier.show_name(message.recipient.name),
            message.recipient.address.wire,
        ),
        subject=message.subject,
        headers={h.name: h.text for h in message.headers if h.name not in structured}
        | carrier.altered,
        html=message.html,
        text=message.text,
    )


def all_expected(carrier: Carrier, sent: Batch) -> dict[str, Arrival]:
    messages = [message_for(sent.envelope, sent.document, each) for each in sent.recipients]
    return {each.recipient.address.wire: expected(carrier, each) for each in messages}


def test_every_provider_is_held_to_this_contract() -> None:
    assert set(CARRIERS) == set(names())


def test_each_member_gets_exactly_the_message_of_the_preview(carrier: Carrier) -> None:
    sent = carrier.fit(batch())
    assert len(sent.recipients) >= len(batch().recipients) - 1

    carrier.provider.send(sent)

    arrived = carrier.arrived()
    for address, message in all_expected(carrier, sent).items():
        assert arrived[address] == message
    assert len(arrived) == len(sent.recipients)


def test_the_receipt_has_an_accepted_outcome_for_each_recipient(carrier: Carrier) -> None:
    sent = carrier.fit(batch())

    receipt = carrier.provider.send(sent)

    assert [each.state for each in receipt.outcomes] == [DeliveryState.ACCEPTED] * len(
        sent.recipients
    )
    assert all(each.reference for each in receipt.outcomes)
    assert receipt.stopped_by is None


def test_the_receipt_holds_no_address_and_no_name(carrier: Carrier) -> None:
    receipt = carrier.provider.send(carrier.fit(batch(recipient(1, "Ada Lovelace"))))

    assert "member1" not in repr(receipt)
    assert "Lovelace" not in repr(receipt)


def test_requests_may_follow_one_another(carrier: Carrier) -> None:
    first = carrier.fit(batch(recipient(1, "Ada")))
    second = carrier.fit(batch(recipient(2, "Bob"), request=4))

    carrier.provider.send(first)
    carrier.provider.send(second)

    assert carrier.arrived() == all_expected(carrier, first) | all_expected(carrier, second)


def test_requests_may_be_under_way_at_once(carrier: Carrier) -> None:
    members = [[recipient(10 * n + m, f"M{m}") for m in range(5)] for n in range(8)]
    batches = [carrier.fit(batch(*each)) for each in members]

    with ThreadPoolExecutor(carrier.provider.capabilities.connections) as pool:
        receipts = list(pool.map(carrier.provider.send, batches))

    assert {o.state for receipt in receipts for o in receipt.outcomes} == {DeliveryState.ACCEPTED}
    assert len(carrier.arrived()) == 40


def test_its_name_is_the_name_it_is_built_by(carrier: Carrier) -> None:
    assert carrier.provider.name in names()
    assert carrier.provider.name == carrier.provider.name.lower()


def test_an_ordinary_batch_is_not_refused_and_asking_sends_nothing(carrier: Carrier) -> None:
    assert carrier.provider.refusals(carrier.fit(batch())) == ()
    assert carrier.arrived() == {}


def test_what_a_provider_would_fill_by_itself_is_refused_and_never_sent(carrier: Carrier) -> None:
    sent = batch()
    if carrier.fit(sent) == sent:
        return  # it fills nothing by itself

    refusals = carrier.provider.refusals(sent)

    assert refusals
    assert all(said.endswith(".") for said in refusals)
    with pytest.raises(Rejected):
        carrier.provider.send(sent)
    assert carrier.arrived() == {}


IMPOSSIBLE = {
    "a line break in a name": batch(recipient(1, "Ada\r\nBcc: all@example.org")),
    "a line break in the subject": batch(recipient(1, "Ada", first_name="A\nB")),
    "a link in clear": batch(recipient(1, unsubscribe_url="http://a.example/")),
    "no link": batch(recipient(1, unsubscribe_url="")),
    "no value": batch(
        recipient(1),
        document=replace(DOCUMENT, text=Frozen(("", ""), (Slot("city", Context.PLAIN),))),
    ),
    "an issue that names a folder": replace(
        batch(recipient(1)), envelope=replace(ENVELOPE, issue="../x")
    ),
}


@pytest.mark.parametrize("impossible", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_message_can_say_is_refused_and_never_sent(
    carrier: Carrier, impossible: Batch
) -> None:
    mixed = replace(impossible, recipients=(recipient(0, "Fine"), *impossible.recipients))

    refusals = carrier.provider.refusals(mixed)

    assert refusals
    assert all(said.endswith(".") for said in refusals)
    with pytest.raises(Rejected):
        carrier.provider.send(mixed)
    assert carrier.arrived() == {}


def test_the_same_address_twice_in_a_batch_is_refused(carrier: Carrier) -> None:
    twice = recipient(2)._replace(address=recipient(1).address)

    assert "more than once" in " ".join(carrier.provider.refusals(batch(recipient(1), twice)))


def test_a_value_is_never_read_as_a_place_for_another_value(carrier: Carrier) -> None:
    document = replace(
        DOCUMENT,
        text=Frozen(
            ("", " and ", ""),
            (Slot("first_name", Context.PLAIN, ""), Slot("city", Context.PLAIN, "")),
        ),
    )
    members = [
        recipient(n, name, city=name)
        for n, name in enumerate(["-s1p-", "%s1p%", "{{city}}", "<%city%>", "\\g<0>", "[city]"])
    ]
    sent = carrier.fit(batch(*members, document=document))

    carrier.provider.send(sent)

    assert carrier.arrived() == all_expected(carrier, sent)


def test_nothing_leaves_once_the_request_is_not_ours_any_more(carrier: Carrier) -> None:
    def fence() -> None:
        raise LeaseLost("somebody else has it")

    with pytest.raises(LeaseLost):
        carrier.provider.send(replace(carrier.fit(batch()), fence=fence))
    assert carrier.arrived() == {}

    carrier.provider.send(carrier.fit(batch(recipient(1, "Ada"))))  # it goes on with what is ours
    assert len(carrier.arrived()) == 1


def test_a_fence_that_falls_part_way_leaves_what_went_before_as_it_is(carrier: Carrier) -> None:
    passed: list[str] = []

    def fence() -> None:
        if len(passed) == 2:
            raise LeaseLost("somebody else has it")
        passed.append("once")

    sent = carrier.fit(batch(*(recipient(n, f"Member {n}") for n in range(5))))
    sent = replace(sent, fence=fence)

    receipt = carrier.provider.send(sent)

    accepted = [each.state is DeliveryState.ACCEPTED for each in receipt.outcomes]
    if len(passed) == 1:  # one request for all, so asked once
        assert accepted == [True] * 5
    else:
        assert accepted == [True, True, False, False, False]
        assert {each.state for each in receipt.outcomes[2:]} == {DeliveryState.PENDING}
        assert type(receipt.stopped_by) is LeaseLost
    assert len(carrier.arrived()) == sum(accepted)


def test_what_is_to_be_held_is_held_or_refused(carrier: Carrier) -> None:
    sent = carrier.fit(batch())
    later = replace(ENVELOPE, send_at=ENVELOPE.date + timedelta(minutes=20), reservation="held")
    held = replace(sent, envelope=later)

    if isinstance(carrier.provider, Recallable):
        assert carrier.provider.refusals(held) == ()
        return
    assert "cannot hold" in " ".join(carrier.provider.refusals(held))
    with pytest.raises(Rejected):
        carrier.provider.send(held)
    assert carrier.arrived() == {}


def test_a_provider_may_be_closed_twice(carrier: Carrier) -> None:
    carrier.provider.send(carrier.fit(batch(recipient(1))))
    carrier.provider.close()
    carrier.provider.close()


def test_a_provider_shows_no_secret(carrier: Carrier) -> None:
    assert "secret" not in repr(carrier.provider)
    assert json.dumps(repr(carrier.provider.capabilities))
