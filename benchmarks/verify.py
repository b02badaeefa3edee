"""What arrived at the sink, decoded by parsers that are not ours, against `message_for`."""

import email
import email.policy
import json
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from ours import REF
from society import FILE

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
        personaliser = personaliser_of(opened, REF)
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


def arrived_by_sendgrid(kept: Path) -> dict[str, Seen]:
    """Decode requests as SendGrid would: substitutions put in as they are."""
    found = {}
    for path in kept.iterdir():
        body = json.loads(path.read_bytes())
        text, html = (part["value"] for part in body["content"])
        for each in body["personalizations"]:
            put = each["substitutions"]
            (to,) = each["to"]
            whole = [_put(part, put) for part in (body["subject"], text, html)]
            link = each["headers"]["List-Unsubscribe"]
            found[to["email"]] = (whole[0], whole[1], whole[2], link)
    return found


def _put(text: str, substitutions: Mapping[str, str]) -> str:
    for tag, value in substitutions.items():
        text = text.replace(tag, value)
    return text


def arrived_by_smtp(kept: Path) -> dict[str, Seen]:
    """Decode messages by the standard library."""
    return dict(_read(path.read_bytes()) for path in kept.iterdir())


def _read(octets: bytes) -> tuple[str, Seen]:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    # The line ends of the wire are CRLF, whatever they were before.
    text, html = (
        str(part.get_content()).replace("\r\n", "\n")
        for part in message.iter_parts()
        if isinstance(part, EmailMessage)
    )
    address = message["To"].addresses[0].addr_spec
    return address, (str(message["Subject"]), text, html, str(message["List-Unsubscribe"]))
