"""The plan of a dispatch: what the dry run shows is what the real run does."""

from dataclasses import dataclass

from newsletter.compose.compiled import CompiledIssue
from newsletter.dispatch.personalise import Personaliser
from newsletter.issue.issue import Issue
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import Choice
from newsletter.ledger.summary import AudienceSummary, summarise
from newsletter.message.batch import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is known before a dispatch is opened."""

    issue: Issue
    compiled: CompiledIssue
    choice: Choice
    summary: AudienceSummary
    envelope: Envelope
    personaliser: Personaliser


def audience(ledger: Ledger, choice: Choice) -> AudienceSummary:
    """Count the audience of `choice` as the ledger knows it now."""
    with ledger.read() as connection:
        return summarise(connection, choice)


def count_requests(summary: AudienceSummary, batch_size: int) -> int:
    """Tell how many calls the audience takes: no request crosses two variants."""
    return sum(-(-count // batch_size) for count in summary.by_variant.values())
