"""Past issues rebuilt from the ledger, byte for byte as they were sent."""

import hashlib
import html
from collections.abc import Iterator, Mapping
from dataclasses import replace

from newsletter.address import EmailAddress
from newsletter.compose.compiled import documents_to_json
from newsletter.dispatch import envelope
from newsletter.errors import LedgerError, Refused
from newsletter.issue.slots import write_slot
from newsletter.ledger.copies import copies_to
from newsletter.ledger.dispatches import Dispatch, documents_of
from newsletter.message.frozen import Context, Document, Frozen
from newsletter.message.mime import MimeTemplate
from newsletter.workspace.prepare import personaliser_of
from newsletter.workspace.workspace import Workspace


def rebuild(workspace: Workspace, dispatch: Dispatch) -> Mapping[str, bytes]:
    """Give the frozen documents of `dispatch` as files: what all its messages were made of.

    `documents.json` is the whole as the ledger keeps it, slots and all. Beside it each variant has
    its HTML, its text and its subject, with `{{ name }}` where a member's own value stood.

    Raises:
        LedgerError: what the ledger holds is not what was frozen.
    """
    documents = documents_of(workspace.ledger, dispatch)
    whole = documents_to_json(documents).encode()
    if hashlib.blake2b(whole, digest_size=16).hexdigest() != dispatch.content_hash:
        raise LedgerError(
            f"the documents of dispatch {dispatch.id} are not those that were frozen",
            hint="take the ledger from a backup",
        )
    found = {"documents.json": whole}
    for key, document in documents.items():
        name = "message" if key == "-" else f"message-{key}"
        found |= {f"{name}{end}": text.encode() for end, text in _parts(document)}
        found |= {f"{name}-{each.name}": each.content for each in document.attachments}
    return found


def _parts(document: Document) -> Iterator[tuple[str, str]]:
    yield ".html", _with_open_slots(document.html)
    yield ".txt", _with_open_slots(document.text)
    yield "-subject.txt", _with_open_slots(document.subject) + "\n"


def _with_open_slots(frozen: Frozen) -> str:
    """Write a text with its slots as an author writes them."""
    pieces = [frozen.literals[0]]
    for slot, literal in zip(frozen.slots, frozen.literals[1:], strict=True):
        written = write_slot(slot.name, slot.fallback)
        pieces += [html.escape(written) if slot.context is Context.HTML else written, literal]
    return "".join(pieces)


def rebuild_for(workspace: Workspace, dispatch: Dispatch, to: EmailAddress) -> Mapping[str, bytes]:
    """Give each message that went to one address in `dispatch`, octet for octet, as .eml files.

    Raises:
        Refused: none did.
    """
    copies = copies_to(workspace.ledger, dispatch.id, to.key)
    if not copies:
        raise Refused(
            f"no message of dispatch {dispatch.id} was for {to.wire}",
            hint="choose another with --dispatch, or look who got it with `newsletter report`",
        )
    documents = documents_of(workspace.ledger, dispatch)
    sent = replace(envelope.from_json(dispatch.envelope), dispatch=dispatch.ref)
    personaliser = personaliser_of(workspace, dispatch.ref)
    return {
        f"{each.delivery:06}.eml": MimeTemplate(sent, documents[each.variant]).encode(
            personaliser.recipient(each.delivery, each.address, each.name, each.values)
        )
        for each in copies
    }
