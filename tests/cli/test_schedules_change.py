"""Schedules are added and removed by command; all that stands around them stays."""

import tomllib
from pathlib import Path

import pytest
from program import Newsletter

from newsletter.cli.exits import Exit

ADD = ("schedules", "add", "monthly-digest", "--file", "announcements/travel-awards.md")
WHEN = ("--when", "first Tuesday of the month at 09:00 in America/New_York")


def settings(workspace: Path) -> Path:
    return workspace / "newsletter.toml"


def test_a_schedule_is_shown_with_its_next_twelve_times_and_saved(
    newsletter: Newsletter, workspace: Path
) -> None:
    before = settings(workspace).read_text()
    done = newsletter(*ADD, *WHEN, "--segment", "students", "--most-recipients", "50", "--yes")
    assert done.exit_code == Exit.DONE, done.stderr
    assert done.stdout.count(", 09:00 E") == 12
    after = settings(workspace).read_text()
    assert after.startswith(before)
    assert tomllib.loads(after)["schedules"] == {
        "monthly-digest": {
            "when": WHEN[1],
            "file": ADD[4],
            "segments": ["students"],
            "most_recipients": 50,
        }
    }
    assert "monthly-digest" in newsletter("schedules").stdout


def test_adding_and_removing_gives_the_same_file_octet_for_octet(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = settings(workspace)
    path.write_text(
        path.read_text() + "\n# Ours, for ever.\n[schedules.a]\n"
        'file = "a.md"  # the first\nwhen = "every Friday"\n\n# of the next one\n[calendar]\n'
        'holidays = ["12-25"]  # Christmas\n'
    )
    before = path.read_bytes()
    assert newsletter(*ADD, *WHEN, "--yes").exit_code == Exit.DONE
    assert newsletter("schedules", "remove", "monthly-digest", "--yes").exit_code == Exit.DONE
    assert path.read_bytes().rstrip() == before.rstrip()
    assert newsletter("schedules", "remove", "a", "--yes").exit_code == Exit.DONE
    left = path.read_text()
    assert "# Ours, for ever." in left
    assert "# of the next one\n[calendar]" in left
    assert "schedules.a" not in left


def test_without_a_yes_nothing_is_saved(newsletter: Newsletter, workspace: Path) -> None:
    before = settings(workspace).read_bytes()
    asked = newsletter(*ADD, *WHEN)
    assert asked.exit_code == Exit.REFUSED
    assert "nobody is there to be asked" in asked.stderr
    assert asked.stdout.count(", 09:00 E") == 12
    assert settings(workspace).read_bytes() == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--when", "first Tuseday of the month"), ["--when:7: ", "did you mean 'tuesday'?"]),
        (("--cron", "0 25 * * *"), ["--cron:3: ", "is no hour of cron"]),
        (("--rule", "FREQ=DAILY;COUNT=3"), ["--rule:12: ", "UNTIL"]),
        (("--date", "soon"), ["--date: ", "which is no day"]),
        ((), ["monthly-digest: ", "has nothing to say when it is due"]),
        ((*WHEN, "--at", "9 am"), ["--at: ", "a second time"]),
        ((*WHEN, "--tell", "nobody"), ["--tell: ", "'nobody'"]),
        ((*WHEN, "--not-after-hours", "0"), ["--not-after-hours: ", "from 1 to 720"]),
    ],
)
def test_what_cannot_be_followed_is_told_at_its_option_and_nothing_is_saved(
    newsletter: Newsletter, workspace: Path, options: tuple[str, ...], told: list[str]
) -> None:
    before = settings(workspace).read_bytes()
    refused = newsletter(*ADD, *options, "--yes")
    assert refused.exit_code == Exit.INPUT, refused.stderr
    for words in told:
        assert words in refused.stderr
    assert "hint: " in refused.stderr
    assert settings(workspace).read_bytes() == before


@pytest.mark.parametrize("name", ["Monthly", "a b", "a.b", "]", '"', "{{ x }}", "été", "<b>"])
def test_a_name_that_cannot_be_one_is_refused(
    newsletter: Newsletter, workspace: Path, name: str
) -> None:
    before = settings(workspace).read_bytes()
    refused = newsletter("schedules", "add", name, "--file", "x.md", *WHEN, "--yes")
    assert refused.exit_code in (Exit.INPUT, Exit.REFUSED)
    assert "hint: " in refused.stderr
    assert settings(workspace).read_bytes() == before


def test_a_name_that_is_taken_or_unknown_is_told(newsletter: Newsletter) -> None:
    assert newsletter(*ADD, *WHEN, "--yes").exit_code == Exit.DONE
    assert "has this name already" in newsletter(*ADD, *WHEN, "--yes").stderr
    unknown = newsletter("schedules", "remove", "montly-digest", "--yes")
    assert "did you mean 'monthly-digest'?" in unknown.stderr


def test_words_with_quotes_and_other_scripts_come_back_as_they_were(
    newsletter: Newsletter, workspace: Path
) -> None:
    file = 'announcements/"ملخص" \\ 🧬.md'
    added = newsletter("schedules", "add", "odd", "--file", file, *WHEN, "--yes")
    assert added.exit_code == Exit.DONE, added.stderr
    assert tomllib.loads(settings(workspace).read_text())["schedules"]["odd"]["file"] == file


def test_a_file_that_is_written_unusually_is_left_alone(
    newsletter: Newsletter, workspace: Path
) -> None:
    path = settings(workspace)
    path.write_text(
        'schedules = { a = { file = "a.md", when = "every Friday" } }\n' + path.read_text()
    )
    before = path.read_bytes()
    for words in (("add", "b", "--file", "b.md", *WHEN), ("remove", "a")):
        refused = newsletter("schedules", *words, "--yes")
        assert refused.exit_code == Exit.REFUSED
        assert "left alone" in refused.stderr
    assert path.read_bytes() == before
