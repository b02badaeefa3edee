"""The messages of one Resend request, each whole. Pure.

Resend's pages: docs/api-reference/emails/send-batch-emails, docs/dashboard/emails/tags.
"""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Document
from newsletter.message.headers import display_name
from newsletter.providers.mailbox import mailbox_of, without_quotes
from newsletter.providers.whole import WholeMessages, own_ids


class ResendMessages(WholeMessages):
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ()

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
        super().__init__(envelope, document, shared)

    def own(self, batch: Batch, recipient: Recipient) -> str:
        """Write the fields that no two members share, as JSON between commas."""
        to = without_quotes(mailbox_of(recipient))
        return (
            f'"to":[{quoted(to)}],"subject":{self.subject(recipient)}'
            f',"html":{self.html(recipient)},"text":{self.text(recipient)}'
            f',"headers":{json.dumps(self.headers(recipient))}'
            f',"tags":{json.dumps(_tags(own_ids(batch, recipient)))}'
        )


def _tags(ids: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in ids.items()]
