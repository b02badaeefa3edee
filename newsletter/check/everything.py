"""All checks of one issue that need no network and no members, in the order of the docs."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from newsletter.check.access import check_access
from newsletter.check.clients import check_clients
from newsletter.check.contribution import check_contribution
from newsletter.check.dates import check_dates
from newsletter.check.law import check_law, check_one_click
from newsletter.check.leftovers import check_leftovers, check_written_marks
from newsletter.check.links import check_links
from newsletter.check.occasions import check_embargo, check_occasions
from newsletter.check.page import Page, read_page
from newsletter.check.place import Places
from newsletter.check.policy import Policy
from newsletter.check.scholarly import check_citations, check_gene_symbols
from newsletter.check.sender import check_sender
from newsletter.check.spam import check_subject_habits
from newsletter.check.structure import check_structure, check_weight
from newsletter.check.targets import check_targets
from newsletter.check.twin import check_twin
from newsletter.check.writing import check_writing
from newsletter.compose.compiled import CompiledIssue
from newsletter.finding import Finding
from newsletter.issue.issue import Issue
from newsletter.message.batch import Envelope
from newsletter.message.frozen import Document
from newsletter.message.headers import Header

_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that the checks look at."""

    issue: Issue
    compiled: CompiledIssue
    envelope: Envelope
    headers: tuple[Header, ...]
    """Of a message as it would be sent."""
    policy: Policy
    postal_address: tuple[str, ...]
    base_url: str
    image_sizes: Mapping[str, int]
    """Bytes by URL."""
    now: dt.datetime
    """When it will be sent, aware."""

    @property
    def today(self) -> dt.date:
        """Give the day on which it will be read."""
        return self.now.date()


def check_everything(material: Material) -> tuple[Finding, ...]:
    """Look at the announcement, at every variant as it would arrive, and at who sends."""
    issue, compiled = material.issue, material.compiled
    places = Places(issue, compiled.template)
    said = (
        *issue.findings,
        *check_writing(issue),
        *check_subject_habits(issue),
        *check_dates(issue, material.today),
        *check_occasions(issue, material.today),
        *check_embargo(issue, material.now),
        *check_contribution(issue.announcement, material.policy, material.today),
        *check_citations(issue),
        *check_links(issue),
        *check_written_marks(issue),
        *compiled.findings,
        *check_weight(material.image_sizes.values(), places),
    )
    envelope, policy = material.envelope, material.policy
    return (
        *said,
        *_unsaid(_check_documents(material, places), said),
        *(check_one_click(material.headers) if material.headers else ()),
        *check_sender(envelope, base_url=material.base_url, dkim=policy.dkim_domain),
    )


def _check_documents(material: Material, places: Places) -> Iterator[Finding]:
    """Look at every variant; what several share is said once."""
    seen: dict[Finding, None] = {}
    for document in dict.fromkeys(material.compiled.documents.values()):
        seen.update(dict.fromkeys(_check_document(document, material, places)))
    yield from seen


def _check_document(document: Document, material: Material, places: Places) -> Iterator[Finding]:
    page = read_page(document)
    yield from check_leftovers(document, page, places)
    yield from check_law(document, page, material.postal_address)
    yield from check_twin(document, page)
    yield from check_structure(page, places)
    own = material.envelope.sender.address.domain
    yield from check_targets(page, places, own_domain=own)
    yield from check_access(page, places)
    yield from _check_for_workspace(page, material.policy, places)


def _check_for_workspace(page: Page, policy: Policy, places: Places) -> Iterator[Finding]:
    yield from check_clients(page, policy.clients, places)
    yield from check_gene_symbols(page, policy.gene_symbols, places)


def _unsaid(findings: Iterable[Finding], said: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what was said of the source already: the same code, at the same line or thing."""
    known = {(each.code, _quoted(each) or _line(each)) for each in said}
    for finding in findings:
        wheres = {_quoted(finding), _line(finding)} - {None}
        if not any((finding.code, where) in known for where in wheres):
            yield finding


def _quoted(finding: Finding) -> object:
    """Give the thing that the finding is about, where it quotes one."""
    found = _QUOTED.search(finding.message)
    return found[1] if found else None


def _line(finding: Finding) -> object:
    return (finding.at.path, finding.at.line) if finding.at and finding.at.line else None
