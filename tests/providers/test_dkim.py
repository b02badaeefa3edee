"""DKIM signatures, verified by a reading of RFC 6376 that shares no code with the signer."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from provider_samples import DOCUMENT, ENVELOPE, batch, recipient
from smtp_server import Post, running_smtp

from newsletter.errors import InputErrors, render_error
from newsletter.message.frozen import Attachment
from newsletter.message.mime import MimeTemplate
from newsletter.providers.dkim import Key, Signer, read_key
from newsletter.providers.registry import build

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
SECONDS = 1_772_357_400


def pem_of(key: Key | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    locked = serialization.BestAvailableEncryption(password) if password else None
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        locked or serialization.NoEncryption(),
    ).decode()


# The verifier --------------------------------------------------------------------------------


def fields_of(message: bytes) -> tuple[list[str], bytes]:
    """Take a message apart: its header fields as they stand, and its body."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields: list[str] = []
    for line in head.decode("ascii").split("\r\n"):
        if line[:1] in {" ", "\t"}:
            fields[-1] += "\r\n" + line
        else:
            fields.append(line)
    return fields, body


def relaxed(field: str) -> str:
    name, value = field.split(":", 1)
    value = value.replace("\r\n", "")
    while "  " in value or "\t" in value:
        value = value.replace("\t", " ").replace("  ", " ")
    return f"{name.lower().rstrip()}:{value.strip()}"


def simple_body(body: bytes) -> bytes:
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def tags_of(signature: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in signature.split(":", 1)[1].split(";"))
    return {name.strip(): re.sub(r"\s", "", value) for name, value in pairs}


def is_valid(message: bytes, key: Key) -> bool:
    fields, body = fields_of(message)
    signature = next(each for each in fields if each.lower().startswith("dkim-signature:"))
    tags = tags_of(signature)
    assert tags["c"] == "relaxed/simple"
    digest = hashlib.sha256(simple_body(body)).digest()
    if base64.b64decode(tags["bh"]) != digest:
        return False
    # Each name takes the lowest field of that name that is still left (section 5.4.2).
    left = [each for each in fields if each is not signature]
    lines = []
    for name in tags["h"].split(":"):
        found = [each for each in left if each.split(":", 1)[0].lower() == name.lower()]
        if found:
            left.reverse()
            left.remove(found[-1])
            left.reverse()
            lines.append(relaxed(found[-1]))
    empty = re.sub(r"(\bb=)[^;]*$", r"\1", signature)
    data = "\r\n".join([*lines, relaxed(empty)]).encode()
    octets = base64.b64decode(tags["b"])
    try:
        public = key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(octets, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(octets, hashlib.sha256(data).digest())
    except InvalidSignature:
        return False
    return True


# What is signed ------------------------------------------------------------------------------


def signed_messages(key: Key) -> Iterator[bytes]:
    file = Attachment(name="meeting.ics", kind="text/calendar; charset=utf-8", content=b"y")
    for document in (DOCUMENT, replace(DOCUMENT, attachments=(file,))):
        template = MimeTemplate(ENVELOPE, document)
        for each in batch().recipients:
            (pieces,) = template.messages((each,))
            yield Signer("sel", key).signature(pieces, "society.example.org", SECONDS) + b"".join(
                pieces
            )


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["RSA", "Ed25519"])
def test_every_message_carries_a_valid_signature(key: Key) -> None:
    messages = list(signed_messages(key))

    assert len(messages) > 30
    assert all(is_valid(message, key) for message in messages)


def one() -> bytes:
    return next(signed_messages(ED25519))


def test_the_signature_covers_both_headers_of_unsubscribing_and_all_the_others() -> None:
    signature, *others = fields_of(one())[0]
    listed = tags_of(signature)["h"].lower().split(":")

    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(listed)
    assert {each.split(":")[0].lower() for each in others} <= set(listed)


@pytest.mark.parametrize(
    "name",
    [
        *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe"),
        *("List-Unsubscribe-Post", "List-Id", "Feedback-ID", "MIME-Version", "Content-Type"),
    ],
)
def test_no_header_can_be_changed(name: str) -> None:
    message = one()
    changed = re.sub(rf"(\r\n{name}: )".encode(), rb"\1x", message, count=1)

    assert changed != message
    assert not is_valid(changed, ED25519)


@pytest.mark.parametrize(
    "line", ["From: other@example.org", "Subject: Other", "List-Unsubscribe: <https://other/>"]
)
@pytest.mark.parametrize("is_first", [True, False], ids=["on top", "at the end"])
def test_no_second_header_can_be_added(line: str, *, is_first: bool) -> None:
    head, _, body = one().partition(b"\r\n\r\n")
    added = line.encode()
    whole = [added, head] if is_first else [head, added]

    assert not is_valid(b"\r\n".join(whole) + b"\r\n\r\n" + body, ED25519)


def test_no_octet_of_the_body_can_be_changed() -> None:
    message = one()

    assert not is_valid(message.replace(b"leave", b"stay!", 1), ED25519)


def test_folding_and_white_space_on_the_way_do_no_harm() -> None:
    message = one()
    folded = message.replace(b"\r\nSubject: ", b"\r\nSUBJECT:\r\n \t ", 1)

    assert folded != message
    assert is_valid(folded, ED25519)


def test_no_line_of_the_signature_is_long() -> None:
    for message in signed_messages(RSA):
        signature = fields_of(message)[0][0]
        assert max(map(len, signature.split("\r\n"))) <= 78


def test_what_arrives_over_smtp_is_signed(tmp_path: Path) -> None:
    post = Post()
    path = tmp_path / "dkim.pem"
    path.write_text(pem_of(RSA))
    with running_smtp(post) as port:
        table = {"host": "127.0.0.1", "port": port, "security": "none", "hello": "localhost"}
        signing = {"dkim_selector": "news2026", "dkim_key_file": str(path)}
        provider = build("smtp", table | signing, {})
        provider.send(batch())
        provider.close()

    assert len(post.arrived) == len(batch().recipients)
    for _, octets in post.arrived:
        tags = tags_of(fields_of(octets)[0][0])
        assert (tags["d"], tags["s"], tags["a"]) == (
            "society.example.org",
            "news2026",
            "rsa-sha256",
        )
        assert is_valid(octets, RSA)


# The key -------------------------------------------------------------------------------------

HOST = {"host": "mail.example.org", "dkim_selector": "news2026"}
TOO_FEW_BITS = 1024
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=TOO_FEW_BITS)
CURVE = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("pem", [pem_of(RSA), pem_of(ED25519), pem_of(RSA).replace("\n", "\\n")])
def test_a_key_comes_from_the_environment(pem: str) -> None:
    assert build("smtp", HOST, {"NEWSLETTER_DKIM_KEY": pem}).name == "smtp"


@pytest.mark.parametrize(
    "pem",
    [pem_of(SMALL), pem_of(CURVE), pem_of(RSA, b"locked"), "geheim", pem_of(RSA)[:200], "é"],
    ids=["too small", "a curve", "locked", "no PEM", "cut off", "letters beyond ASCII"],
)
def test_what_is_no_key_for_dkim_is_refused_without_being_shown(pem: str) -> None:
    assert read_key(pem) is None
    with pytest.raises(InputErrors) as caught:
        build("smtp", HOST, {"NEWSLETTER_DKIM_KEY": pem})

    said = render_error(caught.value)
    assert "NEWSLETTER_DKIM_KEY holds no private key" in said
    assert pem[30:60] not in said or not pem[30:60]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dkim_selector": "a b"}, "has to be a name in the DNS"),
        ({"dkim_selector": "a"}, "NEWSLETTER_DKIM_KEY is not set"),
        ({"dkim_selector": "a", "dkim_key_file": "nowhere.pem"}, "dkim_key_file cannot be read"),
        ({"dkim_domain": "example.org"}, "dkim_selector is missing"),
    ],
)
def test_mistakes_in_the_settings_are_told(options: dict[str, str], said: str) -> None:
    with pytest.raises(InputErrors) as caught:
        build("smtp", {"host": "mail.example.org", **options}, {})

    assert said in render_error(caught.value)


def test_a_signer_shows_no_key() -> None:
    assert "PrivateKey" not in repr(Signer("s", RSA))


def test_another_domain_signs_where_it_is_named() -> None:
    (pieces,) = MimeTemplate(ENVELOPE, DOCUMENT).messages((recipient(1),))
    written = Signer("s", ED25519, "example.org").signature(pieces, "society.example.org", SECONDS)

    assert tags_of(written.decode())["d"] == "example.org"
