"""The providers over HTTP as their pages document them: what they check, answer, and deliver.

Each is a behaviour for `fault_server`, which keeps what it accepted, and a reading of that as the
messages that members would get.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import HTTP, compat32
from email.utils import parseaddr

from fault_server import FaultServer, Json, Request, answering_as

ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+\.[A-Za-z]+")
Answer = tuple[int, bytes]


class Broken(Exception):
    """The request breaks a documented rule."""


def rule(*, kept: bool, what: str) -> None:
    if not kept:
        raise Broken(what)


def of(read: Callable[[FaultServer, Request], object]) -> Callable[[FaultServer, Request], Answer]:
    """Answer by what `read` gives, or by 400 where it finds a rule broken."""

    def answer(server: FaultServer, request: Request) -> Answer:
        try:
            status, said = read(server, request)
        except Broken as broken:
            status, said = 400, {"message": str(broken), "name": "validation_error"}
        return status, json.dumps(said).encode()

    return answer


def at(request: Request, method: str, path: str, header: str, value: str) -> None:
    rule(kept=(request.method, request.path) == (method, path), what=f"no such place {request}")
    rule(kept=re.fullmatch(value, request.headers.get(header, "")) is not None, what=header)


def mailbox(written: str) -> tuple[str, str]:
    """Read a mailbox as RFC 5322 writes it."""
    name, address = parseaddr(written)
    rule(kept=ADDRESS.fullmatch(address) is not None, what=f"no address in {written!r}")
    return str(make_header(decode_header(name))), address


def check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        rule(kept=re.fullmatch("[ -~]+", value) is not None, what=f"the value of {name}")
    own = {"from", "to", "subject", "reply-to", "content-type", "date", "bcc", "cc"}
    rule(kept=not own & {name.lower() for name in headers}, what="a header with a field of its own")
    rule(kept={"List-Unsubscribe", "List-Unsubscribe-Post"} <= set(headers), what="no way out")


# Postmark ------------------------------------------------------------------------------------


def _postmark(server: FaultServer, request: Request) -> tuple[int, object]:
    at(request, "POST", "/email/batch", "x-postmark-server-token", "the-secret-token")
    rule(kept=len(request.body) <= 50_000_000, what="too large")
    messages = json.loads(request.body)
    rule(kept=1 <= len(messages) <= 500, what="the number of messages")
    said = []
    for each in messages:
        rule(kept=each["MessageStream"] == "broadcast", what="the stream")
        rule(kept=each["TrackOpens"] is False and each["TrackLinks"] == "None", what="tracking")
        rule(kept=bool(each["HtmlBody"] and each["TextBody"]), what="an empty part")
        metadata = each["Metadata"]
        rule(kept=len(metadata) <= 10, what="too many keys")
        rule(kept=all(len(n) <= 20 and len(v) <= 80 for n, v in metadata.items()), what="metadata")
        check_headers({h["Name"]: h["Value"] for h in each["Headers"]})
        server.accepted.append(each)
        said.append({"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{len(server.accepted)}"})
    return 200, said


postmark = answering_as(of(_postmark))


def from_postmark(accepted: list[Json]) -> Iterator[Json]:
    for each in accepted:
        headers = {h["Name"]: h["Value"] for h in each["Headers"]}
        assert headers.pop("X-PM-KeepID") == "true"
        yield {
            "sender": parseaddr(each["From"]),
            "reply_to": parseaddr(each["ReplyTo"]),
            "recipient": parseaddr(each["To"]),
            "subject": each["Subject"],
            "headers": headers,
            "html": each["HtmlBody"],
            "text": each["TextBody"],
        }


# Resend --------------------------------------------------------------------------------------


def _resend(server: FaultServer, request: Request) -> tuple[int, object]:
    at(request, "POST", "/emails/batch", "authorization", "Bearer re_the-secret-key")
    rule(kept=0 < len(request.headers.get("idempotency-key", "")) <= 256, what="the key")
    rule(kept="user-agent" in request.headers, what="the user agent")
    messages = json.loads(request.body)
    rule(kept=1 <= len(messages) <= 100, what="the number of messages")
    for each in messages:
        known = {"from", "to", "reply_to", "subject", "html", "text", "headers", "tags"}
        rule(kept=set(each) <= known, what="an unknown field")
        for tag in each["tags"]:
            rule(
                kept=all(re.fullmatch("[A-Za-z0-9_-]{1,256}", v) for v in tag.values()), what="tag"
            )
        rule(kept='"' not in each["from"] and "=?" not in each["from"], what="the name of `from`")
        rule(kept=not any('"' in to for to in each["to"]), what="quotes in `to`")
        check_headers(each["headers"])
    server.accepted += messages
    first = len(server.accepted) - len(messages) + 1
    return 200, {"data": [{"id": f"re-{first + n}"} for n in range(len(messages))]}


resend = answering_as(of(_resend))


def from_resend(accepted: list[Json]) -> Iterator[Json]:
    for each in accepted:
        (to,) = each["to"]
        yield {
            "sender": mailbox(each["from"]),
            "reply_to": mailbox(each["reply_to"]),
            "recipient": mailbox(to),
            "subject": each["subject"],
            "headers": each["headers"],
            "html": each["html"],
            "text": each["text"],
        }


# Brevo ---------------------------------------------------------------------------------------


def _brevo(server: FaultServer, request: Request) -> tuple[int, object]:
    at(request, "POST", "/v3/smtp/email", "api-key", "xkeysib-the-secret-key")
    body = json.loads(request.body)
    known = {"sender", "replyTo", "subject", "htmlContent", "textContent", "headers", "tags"}
    rule(kept=set(body) <= known | {"messageVersions", "attachment"}, what="an unknown field")
    rule(kept=bool(body["htmlContent"]), what="htmlContent is missing")
    key = body["headers"]["idempotencyKey"]
    rule(kept=re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key) is not None, what=key)
    versions = body["messageVersions"]
    rule(kept=1 <= len(versions) <= 1000, what="the number of versions")
    for each in versions:
        rule(kept=len(each["to"]) == 1, what="the recipients of a version")
        rule(kept=not re.search(r"\{[{%#]", json.dumps(each)), what="a template that fails")
        check_headers(each["headers"])
    server.accepted += [body | each for each in versions]
    first = len(server.accepted) - len(versions) + 1
    return 201, {"messageIds": [f"<{first + n}@smtp-relay.example>" for n in range(len(versions))]}


brevo = answering_as(of(_brevo))


def from_brevo(accepted: list[Json]) -> Iterator[Json]:
    def read(found: dict[str, str]) -> tuple[str, str]:
        name = found.get("name", "")
        # Where both meet, Brevo drops the name.
        if not name.isascii() and re.search(r'[()<>\[\]:;@\\,."]', name):
            name = ""
        return str(make_header(decode_header(name))), found["email"]

    for each in accepted:
        headers = dict(each["headers"])
        assert headers.pop("X-Mailin-custom").startswith("nl_dispatch:")
        yield {
            "sender": read(each["sender"]),
            "reply_to": read(each["replyTo"]),
            "recipient": read(each["to"][0]),
            "subject": each["subject"],
            "headers": headers,
            "html": each["htmlContent"],
            "text": each["textContent"],
        }


# Mailgun -------------------------------------------------------------------------------------


def _mailgun(server: FaultServer, request: Request) -> tuple[int, object]:
    at(request, "POST", "/v3/mg.example.org/messages", "authorization", "Basic [A-Za-z0-9+/=]+")
    rule(kept=b64decode(request.headers["authorization"][6:]) == b"api:the-secret-key", what="key")
    rule(kept=len(request.body) <= 25_000_000, what="too large")
    fields = form(request)
    single = {name: values[0] for name, values in fields.items() if len(values) == 1}
    variables = json.loads(single["recipient-variables"])
    recipients = fields["to"]
    rule(kept=1 <= len(recipients) <= 1000, what="the number of recipients")
    addresses = {mailbox(to)[1] for to in recipients}
    rule(kept=addresses == set(variables), what="everybody would see all addresses")
    rule(kept=single["o:tracking"] == "no", what="tracking")
    rule(kept=single["v:nl_delivery"] == "%recipient.nl_delivery%", what="nl_delivery")
    for to in recipients:
        server.accepted.append({**single, "to": to, "own": variables[mailbox(to)[1]]})
    return 200, {"id": "<20260301.1@mg.example.org>", "message": "Queued. Thank you."}


def form(request: Request) -> dict[str, list[str]]:
    """Read a form as RFC 7578 writes it."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    for part in message_from_bytes(head + request.body, policy=HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        fields.setdefault(str(name), []).append(content.decode("utf-8"))
    return fields


mailgun = answering_as(of(_mailgun))


def from_mailgun(accepted: list[Json]) -> Iterator[Json]:
    for each in accepted:
        own = each["own"]

        def filled(text: str, own: dict[str, str] = own) -> str:
            return re.sub(r"%recipient\.(\w+)%", lambda found: own[found[1]], text)

        headers = {n.removeprefix("h:"): filled(v) for n, v in each.items() if n.startswith("h:")}
        yield {
            "sender": mailbox(each["from"]),
            "reply_to": mailbox(headers.pop("Reply-To")),
            "recipient": mailbox(each["to"]),
            "subject": filled(each["subject"]),
            "headers": headers,
            "html": filled(each["html"]),
            "text": filled(each["text"]),
        }


# Amazon SES ----------------------------------------------------------------------------------


def _ses(server: FaultServer, request: Request) -> tuple[int, object]:
    signature = (
        r"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-west-1/ses/aws4_request,"
        r" SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}"
    )
    at(request, "POST", "/v2/email/outbound-emails", "authorization", signature)
    body = json.loads(request.body)
    known = {"FromEmailAddress", "Destination", "Content", "EmailTags", "ConfigurationSetName"}
    rule(kept=set(body) <= known, what="an unknown field, or SES's own list management")
    for tag in body["EmailTags"]:
        rule(kept=all(re.fullmatch("[A-Za-z0-9_-]{1,256}", v) for v in tag.values()), what="tag")
    octets = b64decode(body["Content"]["Raw"]["Data"])
    raw = message_from_bytes(octets, policy=compat32)
    (address,) = body["Destination"]["ToAddresses"]
    rule(kept=parseaddr(str(raw["To"]))[1] == address, what="the envelope is another one")
    server.accepted.append({"octets": octets, "tags": body["EmailTags"]})
    return 200, {"MessageId": f"ses-{len(server.accepted)}"}


ses = answering_as(of(_ses))
