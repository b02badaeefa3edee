"""An issue of one line, and what a dispatch of it is opened with."""

from datetime import UTC, datetime

from newsletter.compose.compiled import CompiledIssue
from newsletter.ledger.opening import Opening
from newsletter.message.frozen import Document, Frozen

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOCUMENT = Document(
    subject=Frozen(("Hello",)),
    preheader=Frozen(("",)),
    html=Frozen(("<p>Hi</p>",)),
    text=Frozen(("Hi",)),
)
OPENING = Opening(
    compiled=CompiledIssue(slug="spring", title="Spring", documents={"-": DOCUMENT}),
    envelope={},
    ref="0123456789abcdef",
    provider="outbox",
    batch_size=2,
    audience={"segments": []},
    now=NOW,
)
