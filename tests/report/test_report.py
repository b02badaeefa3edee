"""The report of a dispatch: true, without names, for everybody who has to read it."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from accessible import faults
from click.testing import CliRunner
from report_samples import ALL, NOON, handed_over, opened, told

from newsletter.cli.exits import Exit
from newsletter.cli.main import cli
from newsletter.cli.sample import copy_sample
from newsletter.compose.brand import Brand
from newsletter.feedback.policy import Policy
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Dispatch, list_dispatches
from newsletter.ledger.outcomes import DomainCount
from newsletter.report import wording
from newsletter.report.outcome import Outcome, outcome_of, worst_first
from newsletter.report.page import write_page

BERLIN = ZoneInfo("Europe/Berlin")
LATER = NOON + dt.timedelta(days=3)
BRAND = Brand(name="A <b>Society</b>", short_name="Society", legal_name="", postal_address=())


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("report")
    made = open_ledger(folder / "ledger.sqlite3")
    dispatch = opened(made, folder, 600, "Annual <meeting> & {{ dinner }} 🎉 שלום")
    handed_over(made, dispatch, unsure=3)
    told(made, dispatch)
    yield made
    made.close()


@pytest.fixture(scope="module")
def dispatch(ledger: Ledger) -> Dispatch:
    (found,) = list_dispatches(ledger)
    return found


@pytest.fixture(scope="module")
def outcome(ledger: Ledger, dispatch: Dispatch) -> Outcome:
    return outcome_of(ledger, dispatch, ALL, LATER)


def test_the_numbers_add_up(outcome: Outcome) -> None:
    assert outcome.balance.balances
    assert sum(row.count for row in wording.arrival(outcome)) == outcome.balance.accepted
    assert sum(row.count for row in wording.listed(outcome)) == outcome.balance.listed
    assert sum(cause.deliveries for cause in outcome.causes) == outcome.failed == 46
    assert sum(domain.recipients for domain in outcome.domains) == outcome.dispatch.recipients
    assert sum(domain.failed for domain in outcome.domains) == outcome.failed
    last = outcome.timeline.points[-1]
    assert last.accepted == outcome.balance.accepted
    assert last.delivered + outcome.timeline.later == outcome.tally.delivered


def test_who_left_and_who_complained_is_counted(outcome: Outcome) -> None:
    assert (outcome.leavers.everything, outcome.leavers.topics) == (4, 0)
    assert outcome.tally.complained == 1


def test_small_domains_have_no_name() -> None:
    counts = {f"d{at}.org": DomainCount(5 + at, at) for at in range(20)}
    counts |= {"one.example.net": DomainCount(1, 1), "two.example.net": DomainCount(4, 0)}
    found = worst_first(counts)
    assert [domain.name for domain in found][:2] == ["d19.org", "d18.org"]
    assert found[-1].name == "10 other domains"
    assert sum(domain.recipients for domain in found) == sum(c.recipients for c in counts.values())
    assert worst_first({"one.org": DomainCount(1, 0)})[0].name == "another domain"


def test_no_report_names_anybody(outcome: Outcome) -> None:
    for text in (json.dumps(outcome.as_json()), write_page(outcome, BRAND, BERLIN)):
        assert "@" not in text.replace("@media", "")
        assert "own-1.example.net" not in text


def test_opens_and_clicks_are_reported_only_if_asked_for(
    ledger: Ledger, dispatch: Dispatch, outcome: Outcome
) -> None:
    assert outcome.clicks is not None
    assert outcome.clicks.people > 50
    assert outcome.clicks.machines > 50
    plain = outcome_of(ledger, dispatch, Policy(), LATER)
    assert (plain.opens, plain.clicks, plain.links) == (None, None, ())
    assert "Opened and clicked" not in write_page(plain, BRAND, BERLIN)


def test_before_the_provider_tells_anything_the_report_says_so(tmp_path: Path) -> None:
    made = open_ledger(tmp_path / "ledger.sqlite3")
    dispatch = opened(made, tmp_path, 20)
    early = outcome_of(made, dispatch, ALL, LATER)
    assert list(wording.remarks(early)) == ["27 deliveries are still to be sent."]
    assert "Over time" not in write_page(early, BRAND, BERLIN)
    handed_over(made, dispatch)
    later = outcome_of(made, dispatch, ALL, LATER)
    (remark,) = wording.remarks(later)
    assert remark.startswith("The provider has told nothing yet")
    assert "What became of the accepted" not in write_page(later, BRAND, BERLIN)
    made.close()


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(outcome: Outcome) -> None:
    page = write_page(outcome, BRAND, BERLIN)
    assert "<script" not in page
    assert "<link" not in page
    assert " src=" not in page
    assert "url(" not in page
    assert "Annual &lt;meeting&gt; &amp; {{ dinner }} 🎉 שלום" in page
    assert "A &lt;b&gt;Society" in page
    assert "23 November 2026, 12:00 CET" in page


@pytest.mark.browser
def test_axe_finds_nothing_and_nothing_sticks_out(
    outcome: Outcome, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(write_page(outcome, BRAND, BERLIN), encoding="utf-8")
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    assert faults(tab, 375, 1200) == []
    assert asked == [path.as_uri()]
    tab.close()


# --- the command -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def society(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("society") / "society"
    copy_sample(folder)
    made = open_ledger(folder / ".newsletter/ledger.sqlite3")
    dispatch = opened(made, folder, 600)
    handed_over(made, dispatch, unsure=3)
    told(made, dispatch)
    made.close()
    return folder


def run(folder: Path, *arguments: str) -> Any:
    environment = {"NEWSLETTER_SECRET": None, "NEWSLETTER_LEDGER": None, "TZ": "UTC"}
    return CliRunner(env=environment).invoke(
        cli, ["--workspace", str(folder), "report", *arguments], catch_exceptions=False
    )


def test_the_terminal_shows_the_report_well_set(society: Path) -> None:
    done = run(society, "1")
    assert done.exit_code == Exit.DONE
    assert "609 listed = 2 excluded + 604 accepted + 0 rejected + 3 unsure" in done.stdout
    lines = done.stdout.splitlines()
    start = lines.index("why it did not arrive")
    assert lines[start + 1].split() == [
        *("bounced", "for", "good:", "no", "such", "address"),
        *("24", "52.2", "%"),
    ]
    block = lines[start + 1 : lines.index("", start)]
    assert len({line.rstrip().rindex("%") for line in block}) == 1  # aligned
    assert "opened" not in done.stdout
    assert max(map(len, lines)) <= 90


def test_json_and_a_page_at_once(society: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = run(society, "1", "--json", "--page", str(page))
    assert done.exit_code == Exit.DONE
    found = json.loads(done.stdout)
    assert found["feedback"]["bounced_hard"] == 24
    assert found["opens"] is None
    assert "Meridian" in page.read_text(encoding="utf-8")


def test_what_cannot_be_reported_is_told(society: Path, tmp_path: Path) -> None:
    missing = run(society, "9")
    assert (missing.exit_code, "no dispatch 9" in missing.stderr) == (Exit.REFUSED, True)
    nowhere = run(society, "1", "--page", str(tmp_path / "no" / "report.html"))
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (Exit.REFUSED, True)
