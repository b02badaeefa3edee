"""A digest that assembles itself, from the files and the ledger to the messages that go out."""

import datetime as dt
import email
import email.policy
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from program import Newsletter

from newsletter.cli.exits import Exit
from newsletter.clock import SystemClock
from newsletter.compose.compiled import documents_to_json
from newsletter.errors import Refused
from newsletter.ledger.dispatches import documents_of, find_dispatch
from newsletter.ledger.items import items_of
from newsletter.workspace.opening import Wish, open_planned
from newsletter.workspace.prepare import Prepared, prepare
from newsletter.workspace.scheduled import schedules_of
from newsletter.workspace.scheduling import look_at_schedules
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import open_workspace

MARCH = "digest:monthly@2027-03-02"


class Later(SystemClock):
    """A clock that shows the spring of 2027."""

    def now(self) -> dt.datetime:
        return dt.datetime(2027, 3, 2, 14, 30, tzinfo=dt.UTC)


def prepared(workspace: Path, *, again: bool = False) -> Prepared:
    with open_workspace(str(workspace)) as opened:
        return prepare(opened, Task(file=MARCH, again=again))


def sent_for_real(newsletter: Newsletter, *arguments: str) -> Result:
    plan = json.loads(newsletter("send", *arguments, "--json").stdout)
    result = newsletter("send", *arguments, "--for-real", "--yes-to", str(plan["recipients"]))
    assert result.exit_code == Exit.DONE, result.output
    return result


def texts(workspace: Path, slug: str) -> dict[str, str]:
    """Read the text of every message of an issue, by address."""
    found = {}
    for path in workspace.glob(f"outbox/*{slug}*/messages/*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found[str(message["To"]).rpartition("<")[2].strip(">")] = body.get_content()
    return found


def show(newsletter: Newsletter, as_of: str = "2027-03-02") -> dict[str, list[dict[str, object]]]:
    result = newsletter("digest", "show", "monthly", "--as-of", as_of, "--json")
    assert result.exit_code == Exit.DONE, result.output
    found: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    return found


def reasons(found: dict[str, list[dict[str, object]]]) -> dict[str, str]:
    return {str(each["announcement"]): str(each["reason"]) for each in found["left"]}


def inside(found: dict[str, list[dict[str, object]]]) -> list[str]:
    return [str(each["announcement"]) for each in found["announcements"]]


def test_the_preview_is_byte_for_byte_what_the_schedule_sends(
    workspace: Path, newsletter: Newsletter
) -> None:
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(
            '[schedules.monthly]\nwhen = "first Tuesday of the month at 09:00"\n'
            'digest = "monthly"\nproof_days_before = 0\nwarn_hours_before = 0\n'
            "remind_days_before = 0\n"
            '[archive]\nurl = "https://news.meridian.example.org/archive"\n'
        )
    # Somebody had one of them by itself, so that there are variants.
    sent_for_real(newsletter, "announcements/dues-by-income.md", "--segment", "students")
    previewed = prepared(workspace).plan
    assert len(previewed.compiled.documents) > 3
    with open_workspace(str(workspace)) as opened:
        early = replace(opened, clock=SystemClock())
        assert not any(each.due for each in look_at_schedules(early))
        looked = list(look_at_schedules(replace(opened, clock=Later())))
        assert [each.problem for each in looked] == [None]
        dispatch = looked[0].dispatch
        assert dispatch is not None
        assert dispatch.slug == "monthly-digest-2027-03"
        frozen = documents_of(opened.ledger, dispatch)
        carried = items_of(opened.ledger, dispatch.content_hash)
    assert documents_to_json(frozen) == documents_to_json(previewed.compiled.documents)
    assert dispatch.content_hash == previewed.compiled.content_hash
    assert dispatch.recipients == previewed.summary.recipients
    assert [each.item for each in carried] == list(previewed.issue.items)
    # What leads to the archive has its whole text there; what leads elsewhere has not.
    full = {each.item.announcement for each in carried if each.full}
    assert full == set(previewed.compiled.full)
    assert "mentoring-for-everybody" in full
    assert "dues-by-income" not in full
    # And it stays so once it is sent, for whoever looks again.
    assert prepared(workspace, again=True).plan.compiled.content_hash == dispatch.content_hash


def test_who_had_it_by_itself_gets_the_digest_without_it(
    workspace: Path, newsletter: Newsletter
) -> None:
    sent_for_real(newsletter, "announcements/mentoring-for-everybody.md", "--segment", "students")
    had = set(texts(workspace, "mentoring-for-everybody"))
    dry = newsletter("send", MARCH)
    assert f"{len(had)}  were told mentoring-for-everybody before" in " ".join(
        dry.stdout.split("      ")
    )
    plan = json.loads(newsletter("send", MARCH, "--json").stdout)
    assert plan["told"]["mentoring-for-everybody"] == len(had)
    assert plan["listed"] == plan["recipients"] + sum(plan["excluded"].values())
    sent_for_real(newsletter, MARCH)
    digests = texts(workspace, "monthly-digest-2027-03")
    assert len(digests) == plan["recipients"]
    with_it = {who for who, text in digests.items() if "Mentoring, for everybody" in text}
    assert with_it == set(digests) - had
    assert had < set(digests)
    # The next in line leads for those who know the lead.
    for who in had:
        assert digests[who].index("Two readings") > digests[who].index("Meet us at the harbour")
    april = show(newsletter, "2027-04-06")
    assert reasons(april)["mentoring-for-everybody"] == "told in an earlier issue"
    assert not set(inside(april)) & set(inside(show(newsletter, "2027-05-04"))) - {*inside(april)}


def test_who_knows_everything_is_excluded_with_a_reason_of_its_own(
    workspace: Path, newsletter: Newsletter
) -> None:
    pool = workspace / "announcements"
    for path in pool.glob("*.md"):
        if path.stem != "dues-by-income":
            path.unlink()
    (pool / "letter-from-the-president.txt").unlink()
    sent_for_real(newsletter, "announcements/dues-by-income.md", "--segment", "students")
    had = len(texts(workspace, "dues-by-income"))
    plan = json.loads(newsletter("send", MARCH, "--json").stdout)
    assert plan["excluded"]["nothing new"] == had
    assert plan["listed"] == plan["recipients"] + sum(plan["excluded"].values())
    sent_for_real(newsletter, MARCH)
    assert f"{had} excluded: nothing new" in " ".join(newsletter("status", "2").stdout.split())


def test_what_is_to_be_repeated_is_told_again(workspace: Path, newsletter: Newsletter) -> None:
    sent_for_real(newsletter, "announcements/dues-by-income.md", "--segment", "students")
    (workspace / "announcements" / "monthly-digest-2027-03.toml").write_text(
        '[dues-by-income]\nrepeat = true\nby = "Beatriz"\nwhy = "It begins now."\n'
    )
    plan = json.loads(newsletter("send", MARCH, "--json").stdout)
    assert plan["told"] == {}
    told = newsletter("digest", "show", "--as-of", "2027-03-02").stdout
    assert "repeated by Beatriz: It begins now." in told


def test_what_somebody_was_told_meanwhile_is_told_to_nobody_twice(
    workspace: Path, newsletter: Newsletter
) -> None:
    with open_workspace(str(workspace)) as opened:
        early = prepare(opened, Task(file=MARCH)).plan
    sent_for_real(newsletter, "announcements/dues-by-income.md", "--segment", "students")
    with open_workspace(str(workspace)) as opened:
        with pytest.raises(Refused, match="told to somebody meanwhile"):
            open_planned(opened, early, Wish(provider="outbox"))
        assert find_dispatch(opened.ledger, 2) is None


def test_every_announcement_is_in_it_or_out_for_one_reason(
    workspace: Path, newsletter: Newsletter
) -> None:
    found = show(newsletter)
    named = [*inside(found), *reasons(found)]
    files = [path for path in (workspace / "announcements").iterdir() if path.is_file()]
    assert len(named) == len(set(named)) == len(files)
    assert reasons(found) == {
        "annual-general-meeting": "not for this digest",
        "genetic-privacy-statement": "not due yet",
        "monthly-digest-2026-12": "not for this digest",
        "summer-school": "draft",
        "travel-awards": "not due yet",
    }
    listed = newsletter("digest", "show", "--as-of", "2027-03-02").stdout
    assert "draft: by Rachel O\u2019Neil until 2027-03-20" in listed
    assert "12 announcements" in listed


def test_what_has_no_room_rolls_over_and_what_expires_drops_out(
    workspace: Path, newsletter: Newsletter
) -> None:
    settings = workspace / "newsletter.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("others = true", "others = true\nmost = 1"),
        encoding="utf-8",
    )
    assert reasons(show(newsletter))["library-moves"] == "waits for the next issue"
    sent_for_real(newsletter, MARCH)
    assert "library-moves" in inside(show(newsletter, "2027-04-06"))
    assert reasons(show(newsletter, "2027-05-04"))["library-moves"] == "expired"


def test_open_makes_the_files_of_an_issue_which_change_nothing_by_themselves(
    workspace: Path, newsletter: Newsletter
) -> None:
    before = prepared(workspace)
    made = newsletter("digest", "open", "--as-of", "2027-03-02")
    assert made.stdout.splitlines() == [
        f"made {Path('announcements/monthly-digest-2027-03.md')}",
        f"made {Path('announcements/monthly-digest-2027-03.toml')}",
    ]
    assert prepared(workspace).plan.compiled.content_hash == before.plan.compiled.content_hash
    issue = workspace / "announcements" / "monthly-digest-2027-03.md"
    issue.write_text(
        '---\ntitle: "In March"\npreheader: "What came, and what comes in spring: read on."\n---\n'
        "Dear {{ first_name }},\n\n::: only students\nFor you alone.\n:::\n",
        encoding="utf-8",
    )
    again = newsletter("digest", "open", "--as-of", "2027-03-02")
    assert again.stdout.startswith("kept")
    plan = prepared(workspace).plan
    assert plan.issue.subject == "In March"
    assert plan.issue.slug == "monthly-digest-2027-03"
    assert any(
        "For you alone." in str(each.text.literals) for each in plan.compiled.documents.values()
    )
    # Flags of the blocks above the sections come first; each variant shows what it should.
    for key, document in plan.compiled.documents.items():
        text = "".join(document.text.literals)
        assert ("For you alone." in text) is (key[0] == "1")
        for item in plan.issue.items:
            assert (item.title in " ".join(text.split())) is item.is_in(key), (key, item)


def test_an_editor_leads_pins_moves_holds_and_shortens(
    workspace: Path, newsletter: Newsletter
) -> None:
    decided = workspace / "announcements" / "monthly-digest-2027-03.toml"
    decided.write_text(
        "[letter-from-the-president]\nlead = true\n"
        "[library-moves]\nplace = 1\n"
        '[annual-meeting-2027]\nsection = "brief"\nwords = 4\n'
        "[data-steward]\nhold = true\n"
        '[mentoring-for-everybody]\nexcerpt = "Ask, and *somebody* <b>answers</b> {{ x }}."\n',
        encoding="utf-8",
    )
    found = show(newsletter)
    assert found["leads"] == ["letter-from-the-president"]
    brief = [e["announcement"] for e in found["announcements"] if e["section"] == "brief"]
    assert brief[0] == "library-moves"
    assert "annual-meeting-2027" in brief
    assert reasons(found)["data-steward"] == "held"
    refused = newsletter("send", MARCH)
    assert refused.exit_code == Exit.INPUT
    assert "unknown slot 'x'" in refused.stderr
    decided.write_text(
        decided.read_text(encoding="utf-8").replace(" {{ x }}", ""), encoding="utf-8"
    )
    whole = next(iter(prepared(workspace).plan.compiled.documents.values()))
    text = " ".join("".join(whole.text.literals).split())
    assert "Four days, 1,900 abstracts \u2026" in text
    assert "Ask, and *somebody* <b>answers</b>." in text


def test_a_decision_about_nothing_is_told_with_its_line(
    workspace: Path, newsletter: Newsletter
) -> None:
    decided = workspace / "announcements" / "monthly-digest-2027-03.toml"
    decided.write_text("# March\n[library-move]\nhold = true\n", encoding="utf-8")
    for command in (("send", MARCH), ("digest", "show", "--as-of", "2027-03-02")):
        refused = newsletter(*command)
        assert refused.exit_code == Exit.INPUT
        at = Path("announcements/monthly-digest-2027-03.toml")
        assert f"{at}:2: no announcement of the pool is named 'library-move'" in refused.stderr
        assert "did you mean 'library-moves'?" in refused.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("digest:weekly", "there is no digest 'weekly'; known are monthly"),
        ("digest:monthly@spring", "'spring' is no moment"),
        ("digest:monthly@2026-01-06", "nothing is due for the digest 'monthly' on 2026-01-06"),
        ("digest:", "there is no digest ''"),
    ],
)
def test_what_cannot_be_assembled_is_told(newsletter: Newsletter, asked: str, said: str) -> None:
    refused = newsletter("check", asked)
    assert refused.exit_code == Exit.INPUT
    assert said in refused.stderr


def test_what_is_wrong_with_an_announcement_is_told_in_its_own_file(
    workspace: Path, newsletter: Newsletter
) -> None:
    pool = workspace / "announcements"
    long = "word " * 60
    (pool / "long.md").write_text(
        f"---\ntitle: Long\nwords: 50\nsection: Policy\n---\n{long}\n\n"
        "::: event Tea\nWhen: Monday 1 March 2027, 17:00 UTC\n:::\n",
        encoding="utf-8",
    )
    (pool / "soon.md").write_text("---\ntitle: Soon\nsection: Workshop\n---\nSoon.\n")
    checked = newsletter("check", MARCH)
    assert checked.exit_code == Exit.NOT_ALL_SENT
    told = checked.stderr
    assert f"{Path('announcements/long.md')}:3:8: warning: the text has 6" in told
    assert "[too-long]" in told
    assert f"{Path('announcements/long.md')}:8: warning: the event of 1 March 2027 is past" in told
    assert "[pull-undated]" in told
    assert reasons(show(newsletter))["soon"] == "undated"
    # As soon as it comes in, the announcement itself says so.
    assert "[too-long]" in newsletter("check", "announcements/long.md").stderr


def test_two_announcements_of_one_name_are_refused(workspace: Path, newsletter: Newsletter) -> None:
    (workspace / "announcements" / "other.md").write_text(
        "---\ntitle: Other\nslug: library-moves\n---\nText.\n"
    )
    refused = newsletter("digest", "show")
    assert refused.exit_code == Exit.INPUT
    assert "the slug 'library-moves' is that of" in refused.stderr


def test_a_file_that_is_sent_by_itself_after_it_expired_is_stopped(newsletter: Newsletter) -> None:
    checked = newsletter("check", "announcements/library-moves.md", "--at", "2027-05-01")
    assert checked.exit_code == Exit.NOT_ALL_SENT
    assert "[expired]" in checked.stderr


def test_a_day_alone_means_the_hour_of_its_schedule(
    workspace: Path, newsletter: Newsletter
) -> None:
    assert (
        "as of 2027-03-02 09:00 EST" in newsletter("digest", "show", "--as-of", "2027-03-02").stdout
    )
    with (workspace / "newsletter.toml").open("a") as settings:
        settings.write(
            '[schedules.monthly]\nwhen = "first Tuesday of the month at 16:30 in Europe/Berlin"\n'
            'digest = "monthly"\n'
        )
    shown = newsletter("digest", "show", "--as-of", "2027-03-02").stdout
    assert "as of 2027-03-02 10:30 EST" in shown
    with open_workspace(str(workspace)) as opened:
        (schedule,) = schedules_of(opened.settings)
    assert schedule.file_at(dt.datetime.fromisoformat("2027-03-02T16:30")) == (
        "digest:monthly@2027-03-02T16:30+01:00"
    )


def test_the_preview_writes_every_variant(
    newsletter: Newsletter, tmp_path: Path, workspace: Path
) -> None:
    assert workspace.is_dir()
    out = tmp_path / "pages"
    result = newsletter("digest", "preview", "--as-of", "2027-03-02", "--out", str(out))
    assert result.exit_code == Exit.DONE, result.output
    assert "without" in (out / "index.html").read_text(encoding="utf-8")
    assert len(list(out.glob("message-*.light.html"))) == 3
