"""What the checks say of the golden issues: only what is true. Our own themes give no cause."""

import datetime as dt

import pytest
from compose_samples import BRAND
from test_golden_issues import CASES, _compiled, _issue

from newsletter.address import Mailbox, parse_address
from newsletter.check.clients import FAMILIES
from newsletter.check.everything import Material, check_everything
from newsletter.check.policy import Policy
from newsletter.message.batch import Envelope

WRITTEN = {
    "blocks": {"date-past"},
    "html": {"preheader-length"},
    "theme-event": {"time-without-zone"},
    "theme-notice": {"time-without-zone"},
}
"""What the authors of these cases did, beside what compiling them says."""

ENVELOPE = Envelope(
    sender=Mailbox(parse_address("news@tidewater.example.org"), "Tidewater"),
    date=dt.datetime(2027, 2, 1, tzinfo=dt.UTC),
    dispatch="0" * 16,
    issue="golden",
    list_id="news.tidewater.example.org",
    list_name="Tidewater",
)


@pytest.mark.parametrize("case", CASES)
def test_only_true_findings_remain_in_every_mail_program_and_look(case: str) -> None:
    compiled = _compiled(case)
    material = Material(
        issue=_issue(case),
        compiled=compiled,
        envelope=ENVELOPE,
        headers=(),
        policy=Policy(clients=tuple(FAMILIES), gene_symbols=("BRCA1", "PALB2")),
        postal_address=BRAND.postal_address,
        base_url="https://news.tidewater.example.org",
        image_sizes={},
        now=dt.datetime(2027, 2, 1, tzinfo=dt.UTC),
    )
    found = {each.code for each in check_everything(material) if each not in compiled.findings}
    assert found - {each.code for each in compiled.findings} == WRITTEN.get(case, set())
