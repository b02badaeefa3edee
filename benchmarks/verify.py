"""What arrived at the sink, decoded by parsers that are not ours, against a reference.

The reference of ours is `message_for`, which the preview shows; that of a script is its own
document with the marks replaced.
"""

import email
import email.policy
import html
import json
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

from peers.job import SUBJECT, link_of, merged
from society import FILE, rows

from newsletter.dispatch.envelope import from_json
from newsletter.ledger.dispatches import documents_of, list_dispatches
from newsletter.ledger.selection import recipients
from newsletter.message.batch import Recipient
from newsletter.message.headers import Message, message_for
from newsletter.workspace.prepare import personaliser_of, prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

Seen = tuple[str, str, str, str]
"""Subject, text, HTML and List-Unsubscribe."""


def expected(workspace: Path) -> dict[str, Seen]:
    """Give what each address has to get of the one dispatch of `workspace`."""
    with open_workspace(str(workspace)) as opened:
        plan = prepare(opened, Task(file=str(workspace / FILE), again=True)).plan
        (dispatch,) = list_dispatches(opened.ledger)
        documents = documents_of(opened.ledger, dispatch)
        envelope = from_json(dispatch.envelope)
        personaliser = personaliser_of(opened, dispatch.ref)
        with opened.ledger.read() as connection:
            found = {}
            for position, chosen in enumerate(recipients(connection, plan.choice)):
                recipient = personaliser.recipient(
                    position, chosen.address, chosen.name, chosen.values
                )
                message = message_for(envelope, documents[chosen.variant], recipient)
                found[chosen.address] = _seen(message, recipient)
    return found


def _seen(message: Message, recipient: Recipient) -> Seen:
    link = f"<{recipient.unsubscribe_url}>"
    return message.subject, message.text, message.html, link


def arrived(path: str, kept: Path) -> dict[str, Seen]:
    """Decode everything that a sink kept, by address."""
    decode = {"sendgrid": _by_sendgrid, "smtp": _by_smtp}[path]
    found: dict[str, Seen] = {}
    for each in kept.iterdir():
        for address, seen in decode(each.read_bytes()):
            assert address not in found, f"{address} got it twice"
            found[address] = seen
    return found


def _by_sendgrid(octets: bytes) -> Iterator[tuple[str, Seen]]:
    """Put substitutions in as they are, as SendGrid does."""
    body = json.loads(octets)
    parts = {part["type"]: part["value"] for part in body["content"]}
    for each in body["personalizations"]:
        put = each.get("substitutions", {})
        (to,) = each["to"]
        subject = each.get("subject") or body["subject"]
        whole = [_put(part, put) for part in (subject, parts["text/plain"], parts["text/html"])]
        link = {**body.get("headers", {}), **each.get("headers", {})}["List-Unsubscribe"]
        yield to["email"], (whole[0], whole[1], whole[2], link)


def _put(text: str, substitutions: Mapping[str, str]) -> str:
    for tag, value in substitutions.items():
        text = text.replace(tag, value)
    return text


def _by_smtp(octets: bytes) -> Iterator[tuple[str, Seen]]:
    """Decode a message by the standard library."""
    # A dot at the start of a line was doubled for the way (RFC 5321 section 4.5.2).
    whole = octets.replace(b"\r\n..", b"\r\n.")
    message = email.message_from_bytes(whole, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    # The line ends of the wire are CRLF, whatever they were before.
    text, html = (
        str(part.get_content()).replace("\r\n", "\n")
        for part in message.iter_parts()
        if isinstance(part, EmailMessage)
    )
    address = message["To"].addresses[0].addr_spec
    yield address, (str(message["Subject"]), text, html, str(message["List-Unsubscribe"]))


def escapes(found: Mapping[str, Seen], folder: Path) -> bool:
    """Hold what a script sent against its document, and tell whether it escapes values in HTML.

    Raises:
        AssertionError: it is neither the document with escaped values nor with raw ones.
    """
    page = (folder / "document.html").read_text(encoding="utf-8")
    plain = (folder / "document.txt").read_text(encoding="utf-8")
    styles = set()
    for row in rows(len(found)):
        values = (row[2] or "colleague", row[1], link_of(row[0]))
        subject, text, shown, _link = found[row[1]]
        assert subject == SUBJECT.format(values[0]), subject
        assert _same(text, merged(plain, values)), f"the text for {values}"
        if _same(shown, merged(page, values)):
            styles.add(html.escape(values[0]) == values[0] or "raw")
        else:
            assert _same(html.unescape(shown), html.unescape(merged(page, values))), values
            styles.add("escaped")
    assert not {"raw", "escaped"} <= styles, "both escaped and raw"
    return "escaped" in styles


def _same(one: str, other: str) -> bool:
    """Tell whether two texts differ in white space at the ends of lines at most."""
    return one.split() == other.split()
