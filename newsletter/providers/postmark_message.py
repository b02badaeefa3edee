"""The messages of one Postmark request, each whole. Pure.

Postmark's pages: developer/api/email-api, support/article/1125-custom-metadata-faq.
"""

import json
from base64 import b64encode
from json.encoder import encode_basestring_ascii as quoted

from newsletter.message.batch import Batch, Envelope, Recipient
from newsletter.message.frozen import Attachment, Document
from newsletter.providers.mailbox import in_quotes, mailbox_of
from newsletter.providers.whole import WholeMessages, own_ids


class PostmarkMessages(WholeMessages):
    """One document of one dispatch as JSON, but for what differs between its members."""

    __slots__ = ()

    def __init__(self, envelope: Envelope, document: Document, *, stream: str) -> None:
        """Encode all that the members share.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        shared: dict[str, object] = {
            "From": in_quotes(envelope.sender),
            "MessageStream": stream,
            "Tag": envelope.issue[:1000],
            # Links and pictures stay as the author wrote them, if nobody asks for it.
            "TrackOpens": envelope.tracks_opens,
            "TrackLinks": "HtmlAndText" if envelope.tracks_clicks else "None",
        }
        if envelope.reply_to is not None:
            shared["ReplyTo"] = in_quotes(envelope.reply_to)
        if document.attachments:
            shared["Attachments"] = [_attached(each) for each in document.attachments]
        super().__init__(envelope, document, shared)

    def own(self, batch: Batch, recipient: Recipient) -> str:
        """Write the fields that no two members share, as JSON between commas."""
        # Without X-PM-KeepID Postmark puts a Message-ID of its own in the place of ours.
        headers = {**self.headers(recipient), "X-PM-KeepID": "true"}
        listed = [{"Name": name, "Value": value} for name, value in headers.items()]
        return (
            f'"To":{quoted(in_quotes(mailbox_of(recipient)))}'
            f',"Subject":{self.subject(recipient)},"HtmlBody":{self.html(recipient)}'
            f',"TextBody":{self.text(recipient)}'
            f',"Headers":{json.dumps(listed)},"Metadata":{json.dumps(own_ids(batch, recipient))}'
        )


def _attached(attachment: Attachment) -> dict[str, str]:
    written = {
        "Name": attachment.name,
        "Content": b64encode(attachment.content).decode("ascii"),
        "ContentType": attachment.kind,
    }
    shown = attachment.content_id
    return written | ({"ContentID": f"cid:{shown}"} if shown else {})
