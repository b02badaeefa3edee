"""Every recipient of a plan is tried before anybody gets anything."""

from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from newsletter.cli.sample import copy_sample
from newsletter.dispatch.links import Links
from newsletter.dispatch.personalise import Personaliser
from newsletter.dispatch.plan import Plan
from newsletter.dispatch.rehearsal import Rehearsal, rehearse
from newsletter.ledger.selection import recipients
from newsletter.message.batch import Batch
from newsletter.message.frozen import Attachment
from newsletter.message.headers import message_for
from newsletter.providers.protocol import Capabilities, Receipt
from newsletter.providers.refusal import refusals_of
from newsletter.workspace.prepare import prepare
from newsletter.workspace.understand import Task
from newsletter.workspace.workspace import Workspace, open_workspace

LIST = "member_id,email,first_name,last_name\n"


@dataclass(slots=True)
class NarrowProvider:
    """Takes three messages a request, and refuses what it is told to."""

    refused: str = ""
    asked: list[int] = field(default_factory=list)
    name: str = "narrow"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(batch_size=3))

    def refusals(self, batch: Batch) -> tuple[str, ...]:
        self.asked.append(len(batch.recipients))
        common = refusals_of(batch)
        return common or ((self.refused,) if self.refused else ())

    def send(self, batch: Batch) -> Receipt:
        raise AssertionError(f"a rehearsal sends nothing, not even request {batch.request}")

    def close(self) -> None:
        """Keep nothing open."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "society"
    copy_sample(folder)
    with open_workspace(str(folder)) as opened:
        yield opened


def planned(workspace: Workspace, members: str, body: str) -> Plan:
    root = workspace.settings.root
    (root / "recipients/members.csv").write_text(LIST + members, encoding="utf-8")
    file = root / "announcements/news.md"
    file.write_text(f"---\ntitle: News of the spring\n---\n{body}\n", encoding="utf-8")
    return prepare(workspace, Task(file=str(file))).plan


def rehearsed(workspace: Workspace, members: str, body: str) -> Rehearsal:
    return rehearse(workspace.ledger, planned(workspace, members, body), NarrowProvider())


def people(*first_names: str) -> str:
    return "".join(
        f"M{at},m{at}@example.org,{name},Lovelace\n" for at, name in enumerate(first_names)
    )


def test_the_largest_message_is_the_one_of_the_member_with_the_longest_values(
    workspace: Workspace,
) -> None:
    body = "Dear {{ first_name or 'colleague' }}, dear {{ first_name or 'colleague' }}."
    plan = planned(workspace, people("Ada", "Zoë <b>& 渡邉", "", "Bo"), body)
    tried = rehearse(workspace.ledger, plan, NarrowProvider())
    with workspace.ledger.read() as connection:
        sizes = [
            len(
                message_for(
                    plan.envelope,
                    plan.compiled.documents["-"],
                    plan.personaliser.recipient(at, each.address, each.name, each.values),
                ).html.encode()
            )
            for at, each in enumerate(recipients(connection, plan.choice))
        ]
    assert tried.largest_html == max(sizes) > min(sizes)
    assert tried.messages == 4
    assert not tried.findings


def test_the_heaviest_message_counts_the_files_as_they_travel(workspace: Workspace) -> None:
    body = "::: event An hour\nWhen: 4 March 2027, 17:00 CET\nWhere: online\n:::"
    plan = planned(workspace, people("Ada"), body)
    tried = rehearse(workspace.ledger, plan, NarrowProvider())
    document = plan.compiled.documents["-"]
    files = sum(len(encodebytes(each.content)) for each in document.attachments)
    assert files
    assert tried.heaviest > tried.largest_html + files
    assert tried.most is None


def test_members_without_a_value_are_counted_and_the_first_of_them_named_by_line(
    workspace: Workspace,
) -> None:
    tried = rehearsed(
        workspace, people("Ada", "", "", "Bo", "", "", "", "Cy"), "Dear {{ first_name }},"
    )
    (finding,) = tried.findings
    assert finding.code == "value-missing"
    assert finding.message == (
        "5 members have no first_name, and the slot has no fallback (lines 3, 4, 6, … of the list)"
    )
    assert str(finding.at).endswith("news.md:4:6")
    assert tried.messages == 3


def test_what_fails_for_many_is_one_finding(workspace: Workspace) -> None:
    plan = planned(workspace, people(*["Ada"] * 7), "Hello.")
    links = Links("http://news.example.org", b"k" * 32)  # RFC 8058 asks for https
    plan = replace(plan, personaliser=Personaliser("0123456789abcdef", links))
    tried = rehearse(workspace.ledger, plan, NarrowProvider())
    assert tried.messages == 0
    assert [finding.code for finding in tried.findings] == ["message-fails"]


def test_what_the_provider_refuses_is_asked_of_the_messages_that_can_be_made(
    workspace: Workspace,
) -> None:
    provider = NarrowProvider(refused="Too much of it.")
    plan = planned(workspace, people("Ada", "", "Bo", "Cy"), "Dear {{ first_name }},")
    tried = rehearse(workspace.ledger, plan, provider)
    codes = {finding.code: finding.message for finding in tried.findings}
    assert codes["provider-cannot"] == "Too much of it. (requests: 2)"
    assert codes["value-missing"].startswith("1 member has no first_name")
    assert provider.asked == [3, 2, 1, 1]


def test_members_who_would_read_nothing_in_place_of_a_slot_are_counted(
    workspace: Workspace,
) -> None:
    tried = rehearsed(workspace, people("Ada", "", "  ", "Bo"), "Dear {{ first_name or '' }},")
    assert not tried.findings
    assert tried.messages == 4
    assert tried.blank["first_name"].count == 2
    assert str(tried.blank["first_name"]) == "lines 3 and 4 of the list"


def test_files_are_refused_where_the_provider_carries_none(workspace: Workspace) -> None:
    plan = planned(workspace, people("Ada"), "Hello.")
    file = Attachment(name="a.ics", kind="text/calendar", content=b"x")
    documents = {
        key: replace(document, attachments=(file,))
        for key, document in plan.compiled.documents.items()
    }
    plan = replace(plan, compiled=replace(plan.compiled, documents=documents))
    able = NarrowProvider()
    unable = NarrowProvider(capabilities=Capabilities(batch_size=3, carries_files=False))

    assert rehearse(workspace.ledger, plan, able).findings == ()
    (finding,) = rehearse(workspace.ledger, plan, unable).findings
    assert finding.code == "provider-cannot"
    assert "no files" in finding.message
