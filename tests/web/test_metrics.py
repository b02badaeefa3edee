"""`/metrics`: the numbers of the ledger, and who may read them."""

import re
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import postgres
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from web_samples import SECRET, Program, running, society

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from report_samples import NOON, handed_over, opened, told

from newsletter.errors import SettingsError
from newsletter.ledger.claiming import Attempt, claim
from newsletter.ledger.course import pause
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.decisions import Author
from newsletter.ledger.dispatches import balance_of
from newsletter.ledger.overview import Key, Overview, overview_of
from newsletter.ledger.pacing import put_off
from newsletter.web.metrics import Doorman, numbers_of, write_metrics
from newsletter.workspace.secrets import read_secrets

TOKEN = "a token of the tests, which is long enough"  # noqa: S105 - opens nothing real
PAGE = Path(__file__).parents[2] / "docs/operations.md"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    where: Path | str = tmp_path / "ledger.sqlite3"
    if request.param == "postgresql":
        where = postgres.fresh_database(request.getfixturevalue("postgresql"))
    found = open_ledger(where)
    yield found
    found.close()


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Read metrics as Prometheus does: by name and values of labels, the provider's first."""
    return {
        (
            sample.name,
            *(
                value
                for _, value in sorted(sample.labels.items(), key=lambda x: x[0] != "provider")
            ),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def written(seen: Overview, accept: str = "") -> str:
    return write_metrics(seen, accept)[0].decode()


# --- the numbers -------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_balances(ledger: Ledger, tmp_path: Path) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    handed_over(ledger, dispatch, unsure=3)
    told(ledger, dispatch)
    balance = balance_of(ledger, dispatch)
    found = samples(written(overview_of(ledger)))
    for state in ("excluded", "accepted", "rejected", "unsure", "pending"):
        number = found["newsletter_deliveries", "sendgrid", state]
        assert number == getattr(balance, state), state
    assert found["newsletter_unfinished_dispatches", "sendgrid", "running"] == 0
    assert found["newsletter_feedback_deliveries", "sendgrid", "hard bounce"] == 24
    assert found["newsletter_suppressions", "unsubscribed"] == 4
    assert found["newsletter_list_rows",] == 309
    assert found["newsletter_list_faults",] >= 1


def test_what_is_under_way_is_seen_with_its_lease(ledger: Ledger, tmp_path: Path) -> None:
    dispatch = opened(ledger, tmp_path, 300)
    claim(ledger, dispatch.id, 1, Attempt(NOON, lease=500.0))
    claim(ledger, dispatch.id, 2, Attempt(NOON, lease=-300.0))
    pause(ledger, dispatch.id, Author("ann", NOON))
    put_off(ledger, "sendgrid", 40.0)
    found = samples(written(overview_of(ledger)))
    assert found["newsletter_requests_in_flight", "sendgrid"] == 2
    assert found["newsletter_lease_left_seconds", "sendgrid"] == pytest.approx(-300, abs=30)
    assert found["newsletter_unfinished_dispatches", "sendgrid", "paused"] == 1
    assert found["newsletter_deliveries", "sendgrid", "sending"] == 200
    assert found["newsletter_pace_wait_seconds", "sendgrid"] == pytest.approx(40, abs=10)


def test_a_new_ledger_has_numbers_too(ledger: Ledger) -> None:
    found = samples(written(overview_of(ledger)))
    assert found == {("newsletter_list_rows",): 0, ("newsletter_list_faults",): 0}


def test_there_is_no_number_for_each_dispatch() -> None:
    seen = Overview(waits={"dispatch 7": 1.0, "sendgrid": 2.0}, rates={"dispatch 7": 3.0})
    assert "dispatch 7" not in written(seen)
    assert 'newsletter_pace_wait_seconds{pace="sendgrid"} 2.0' in written(seen)


@given(st.text(), st.text(), st.integers(0, 2**53))
def test_whatever_a_label_says_is_read_back(provider: str, word: str, count: int) -> None:
    # Prometheus ends a line at a line feed alone; the parser of the tests at more than that.
    assert written(Overview(deliveries={Key(provider, word): count})).count("\n") < 40


def test_every_metric_is_told_with_its_labels_and_no_other() -> None:
    rows = re.findall(r"^\| `(newsletter_\w+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    told_ = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    known = {family.name: family.labels for family, _values in numbers_of(Overview())}
    assert told_ == known
    used = set(re.findall(r"newsletter_[a-z_]+", PAGE.read_text("utf-8")))
    assert used <= set(known)


def test_openmetrics_is_written_where_it_is_asked_for() -> None:
    text, kind = write_metrics(Overview(), "application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")
    assert write_metrics(Overview(), "*/*")[1].startswith("text/plain; version=")


# --- who may read them -------------------------------------------------------------------------

HERE = {"host": "127.0.0.1:8025"}


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("127.0.0.1", HERE),
        ("127.0.0.1", {"host": "localhost:8025"}),
        ("::1", {"host": "[::1]:8025"}),
    ],
)
def test_this_machine_is_let_in(peer: str, headers: dict[str, str]) -> None:
    assert Doorman().refusal(peer, headers) is None


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.7", HERE),
        ("", HERE),
        ("127.0.0.1", {}),
        ("127.0.0.1", {"host": "news.example.org"}),
        ("127.0.0.1", {"host": "127.0.0.1.example.org"}),
        ("127.0.0.1", {"host": "[broken"}),
        ("127.0.0.1", {**HERE, "x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", {**HERE, "forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {**HERE, "x-real-ip": "127.0.0.1"}),
        ("127.0.0.1", {**HERE, "via": "1.1 proxy"}),
        ("127.0.0.1", {"host": "news.example.org", "authorization": "Bearer "}),
    ],
)
def test_nobody_else_is_told_that_there_is_such_a_page(peer: str, headers: dict[str, str]) -> None:
    assert Doorman().refusal(peer, headers) is HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN[:-1]}", "Bearer é"],
)
def test_where_there_is_a_token_it_has_to_be_shown_here_too(shown: str | None) -> None:
    headers = HERE if shown is None else {**HERE, "authorization": shown}
    assert Doorman(TOKEN).refusal("127.0.0.1", headers) is HTTPStatus.UNAUTHORIZED


def test_with_the_token_anybody_is_let_in() -> None:
    headers = {"host": "news.example.org", "x-forwarded-for": "192.0.2.7"}
    for word in ("Bearer", "bearer"):
        shown = {**headers, "authorization": f"{word} {TOKEN}"}
        assert Doorman(TOKEN).refusal("127.0.0.1", shown) is None


def test_a_token_that_protects_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_SECRET", SECRET)
    monkeypatch.setenv("NEWSLETTER_METRICS_TOKEN", "short")
    with pytest.raises(SettingsError, match="NEWSLETTER_METRICS_TOKEN has fewer than 32"):
        read_secrets()
    monkeypatch.setenv("NEWSLETTER_METRICS_TOKEN", f" {TOKEN}\n")
    assert read_secrets().metrics_token == TOKEN
    assert TOKEN not in repr(read_secrets())


# --- over HTTP ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = society(tmp_path_factory.mktemp("metrics") / "society")
    with running(folder, "serve", "--port", "0") as program:
        yield program


def test_the_program_answers_this_machine_and_hides_from_the_web_server(serving: Program) -> None:
    answer = serving.ask("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert "newsletter_list_rows" in answer.body
    assert "@" not in answer.body
    for headers in ({"X-Forwarded-For": "192.0.2.7"}, {"Host": "news.example.org"}):
        assert serving.ask("/metrics", headers=headers).status == 404
    assert serving.ask("/metrics", method="POST").status == 405
    assert serving.ask("/metrics/").status == 404
    assert serving.ask("/health").status == 200


def test_with_a_token_the_program_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_METRICS_TOKEN", TOKEN)
    with running(society(tmp_path / "society"), "serve", "--port", "0") as program:
        refused = program.ask("/metrics")
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
        shown = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "192.0.2.7"}
        assert program.ask("/metrics", headers=shown).status == 200
