"""Who works at the desk, by command; and what approval means for commands."""

from pathlib import Path

import pytest
from program import Newsletter

from newsletter.ledger.colleagues import colleagues_of
from newsletter.ledger.journal import all_entries
from newsletter.workspace.workspace import open_workspace


def test_people_are_added_changed_and_removed(newsletter: Newsletter, workspace: Path) -> None:
    assert "this machine alone" in newsletter("people", "list").stderr
    refused = newsletter("people", "add", "ann@example.org", "--role", "author")
    assert (refused.exit_code, "has to be an admin" in refused.stderr) == (6, True)
    added = newsletter("people", "add", "ann@example.org", "--name", "Ann <b>")
    assert "Ann <b> may sign in as author, approver, sender, admin" in added.stdout
    assert newsletter("people", "add", "Ann@Example.org").exit_code == 6
    assert newsletter("people", "add", "bo@example.org").exit_code == 0
    assert newsletter("people", "add", "nonsense").exit_code == 3
    listed = newsletter("people", "list").stdout
    assert "bo  bo@example.org  author" in listed
    assert newsletter("people", "role", "bo@example.org", "--role", "approver").exit_code == 0
    assert '"approver"' in newsletter("people", "list", "--json").stdout
    assert newsletter("people", "remove", "ann@example.org").exit_code == 6
    assert newsletter("people", "remove", "nobody@example.org").exit_code == 6
    assert newsletter("people", "remove", "bo@example.org").exit_code == 0
    assert "bo@" not in newsletter("people", "list").stdout
    with open_workspace(str(workspace)) as opened:
        acts = [each.act for each in all_entries(opened.ledger)]
    assert acts == ["added", "added", "changed the roles of", "removed"]


def test_a_password_is_asked_for_twice_and_kept_as_a_hash(
    newsletter: Newsletter, workspace: Path
) -> None:
    newsletter("people", "add", "ann@example.org")
    words = "four words without sense"
    assert (
        newsletter("people", "password", "ann@example.org", input="short\nshort\n").exit_code == 6
    )
    said = newsletter("people", "password", "ann@example.org", input=f"{words}\n{words}\n")
    assert said.exit_code == 0
    assert words not in said.output
    with open_workspace(str(workspace)) as opened:
        (ann,) = colleagues_of(opened.ledger)
    assert ann.password.startswith("$argon2id$")
    assert words not in repr(ann)
    assert ann.password not in repr(ann)


@pytest.mark.parametrize("needs", ["any", "all"])
def test_what_needs_approval_is_not_sent_by_command_without_it(
    newsletter: Newsletter, workspace: Path, needs: str
) -> None:
    settings = workspace / "newsletter.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f'{text}\n[approval]\nneeds = "{needs}"\n', "utf-8")
    sent = newsletter("send", "announcements/travel-awards.md", "--for-real", "--yes-to", "127")
    assert sent.exit_code == 6
    assert "needs approval" in sent.stderr
    assert not list(workspace.rglob("*.eml"))
