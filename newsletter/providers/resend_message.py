"""The messages of one Resend request, each whole. Pure.

Resend's pages: docs/api-reference/emails/send-batch-emails, docs/dashboard/emails/tags.
"""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.headers import display_name
from newsletter.providers.bound import Bound
from newsletter.providers.mailbox import mailbox_of, without_quotes
from newsletter.providers.whole import WholeBody, WholeMessage, joined, own_ids


class ResendMessages:
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ("_message", "_shared")

    def __init__(self, envelope: Envelope, document: Document) -> None:
        """Encode all that the members share.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        name, address = display_name(envelope.sender.name), envelope.sender.address.wire
        # Resend wants this one name bare, in any script: it takes neither quotes nor encoded
        # words in it. What cannot stand bare is refused before.
        shared = {"from": f"{name} <{address}>" if name else address}
        if envelope.reply_to is not None:
            shared["reply_to"] = without_quotes(envelope.reply_to)
        self._shared = json.dumps(shared, separators=(",", ":"))[:-1]
        self._message = WholeMessage(envelope, document)

    @property
    def bound(self) -> Bound:
        """Tell how large the messages can be at most."""
        return self._message.bound

    def body(self, batch: Batch) -> WholeBody:
        """Write the body that hands over `batch`.

        Raises:
            InputError: a name, a link or the subject cannot stand in a header.
            KeyError: a slot has neither value nor fallback.
        """
        return joined([self._one(batch, each) for each in batch.recipients])

    def _one(self, batch: Batch, recipient: Recipient) -> str:
        message = self._message
        to = without_quotes(mailbox_of(recipient))
        return (
            f'{self._shared},"to":[{quoted(to)}],"subject":{message.subject(recipient)}'
            f',"html":{message.html(recipient)},"text":{message.text(recipient)}'
            f',"headers":{json.dumps(message.headers(recipient))}'
            f',"tags":{json.dumps(_tags(own_ids(batch, recipient)))}}}'
        )


def _tags(ids: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in ids.items()]
