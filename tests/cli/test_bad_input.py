"""Whatever somebody hands in: no traceback, the place, what to do; nothing sent, nothing lost."""

import ctypes
import email
import email.policy
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import Result
from program import SECRET, Newsletter

from newsletter.cli.exits import Exit

FILE = "announcements/genetic-privacy-statement.md"
DRAFT = "announcements/draft.md"
HEAD = "---\ntitle: A title for the tests\n"
MEMBERS = "recipients/members.csv"

SECRETS = {
    "NEWSLETTER_SECRET": SECRET,
    "SENDGRID_API_KEY": "SG.never-to-be-shown",
    "NEWSLETTER_SMTP_PASSWORD": "password-never-to-be-shown",
}

VERBS = {
    *("add", "check", "choose", "close", "copy", "correct", "delete", "did", "export", "give"),
    *(
        "go",
        "keep",
        "leave",
        "list",
        "look",
        "mend",
        "name",
        "put",
        "rename",
        "restore",
        "save",
        "set",
    ),
    *("shorten", "take", "use", "write", "begin", "lower", "wait", "begin"),
}
"""What a hint begins with; `did you mean` is allowed, too."""

Refusing = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    """Set every secret, so that each test sees that none is shown."""
    assert workspace.is_dir()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def refused(newsletter: Newsletter, workspace: Path) -> Refusing:
    """Run a command that has to be refused; give the lines of what it says."""

    def run(*arguments: str, code: Exit = Exit.INPUT, input: str | None = None) -> list[str]:  # noqa: A002 - click's word
        result = newsletter(*arguments, input=input)
        assert result.exit_code == code, result.output
        check_words(result)
        assert not list(workspace.glob("outbox/*/messages/*"))
        return result.stderr.splitlines()

    return run


def check_words(result: Result) -> None:
    assert "Traceback" not in result.output
    for secret in SECRETS.values():
        assert secret not in result.output
    for hint in re.findall(r"hint: (\S+)", result.stderr):
        assert hint.strip("`") in VERBS, hint


def draft(workspace: Path, text: str | bytes) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    (workspace / DRAFT).write_bytes(content)
    return DRAFT


def listing(workspace: Path, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    (workspace / MEMBERS).write_bytes(content)


def messages(workspace: Path) -> list[EmailMessage]:
    policy = email.policy.default
    found = workspace.glob("outbox/*/messages/*.eml")
    return [email.message_from_bytes(path.read_bytes(), policy=policy) for path in found]  # type: ignore[misc]  # typeshed's policy


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content()


# --- announcements -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", f"{DRAFT}: the file is empty"),
        (b" \n\n", f"{DRAFT}: the file is empty"),
        (bytes(range(256)) * 40, f"{DRAFT}: this is a binary file, not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", f"{DRAFT}: this is a binary file, not text"),
        (b"word " * 2_000_000, f"{DRAFT}: the file has 10.0 MB"),
        (
            b"---\ntitle: Meeting: news\n---\nHello.\n",
            f"{DRAFT}:2:15: the front matter is not YAML",
        ),
        (b"---\n- a\n---\nHello.\n", f"{DRAFT}:2:1: the front matter is not a list of keys"),
        (b"---\ntitle: x\nHello.\n", f"{DRAFT}:1:1: the front matter that begins here never ends"),
        (HEAD.encode() + b"---\n", f"{DRAFT}:4: there is no text"),
        (HEAD.encode() + b"theme: anouncement\n---\nHello.\n", f"{DRAFT}:3:8: there is no theme"),
        (HEAD.encode() + b"segments: studnts\n---\nHi.\n", f"{DRAFT}:3:11: unknown segment"),
        (HEAD.encode() + b"---\nHi {{ frist_name }}.\n", f"{DRAFT}:4:4: unknown slot"),
        (HEAD.encode() + b"---\n::: only studnts\nHi.\n:::\n", f"{DRAFT}:4:10: unknown segment"),
        (
            HEAD.encode() + b'subject: "Hi\\r\\nBcc: everybody@example.org"\n---\nHello.\n',
            f"{DRAFT}:3:11: 'subject' holds a line break",
        ),
    ],
    ids=[
        *("empty", "blank", "binary", "picture", "10 MB", "colon", "list", "unclosed", "no text"),
        *("theme", "segment", "slot", "block", "header injection"),
    ],
)
@pytest.mark.parametrize("command", ["check", "send"])
def test_a_file_that_cannot_be_used_is_refused_at_its_place(
    refused: Refusing, workspace: Path, command: str, content: bytes, problem: str
) -> None:
    said = refused(command, draft(workspace, content))
    assert said[0].startswith(problem)
    assert said[1].startswith("  hint: ")
    assert len(said) == 2


def test_several_mistakes_are_told_at_once_in_the_order_of_the_lines(
    refused: Refusing, workspace: Path
) -> None:
    said = refused(
        "send",
        draft(
            workspace,
            "---\ntitle: A title\nsegments: [studnts]\ntheme: nope\ndate: soon\ntitle: again\n---\n"
            "Hello {{ frist_name }}.\n\n::: only nobody\nwords\n",
        ),
    )
    lines = [int(line.split(":")[1]) for line in said if line.startswith(DRAFT)]
    assert lines == [3, 4, 5, 6, 8, 10]


def test_mistakes_of_two_files_are_told_at_once(refused: Refusing, workspace: Path) -> None:
    listing(workspace, "name,city\nAnn,Oslo\n")
    said = refused("send", draft(workspace, HEAD + "theme: nope\n---\nHello {{ first_name }}.\n"))
    assert [line.split(":")[0] for line in said if "hint" not in line] == [MEMBERS, DRAFT]


def test_a_missing_image_blocks_the_dispatch(refused: Refusing, workspace: Path) -> None:
    file = draft(
        workspace,
        HEAD + "image: nope.jpg\nimage_alt: A picture\n---\nHello.\n\n![A](images/gone.png)\n",
    )
    said = refused("send", file, "--for-real", "--yes-to", "296", code=Exit.REFUSED)
    assert any(line.startswith(f"{DRAFT}:3:8: error: 'nope.jpg' does not exist") for line in said)
    assert any(line.startswith(f"{DRAFT}:8: error: 'images/gone.png' does not") for line in said)


def test_a_file_that_is_not_there_is_guessed(refused: Refusing) -> None:
    said = refused("check", "announcements/travel-award.md")
    assert said[0] == "announcements/travel-award.md: there is no such file"
    assert "travel-awards.md" in said[1]


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: everybody@example.org", "a\nb", "a\x00b"])
def test_a_subject_option_cannot_begin_a_header(refused: Refusing, subject: str) -> None:
    assert refused("send", FILE, "--subject", subject)[0].startswith("--subject: the subject holds")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 10_000 + "x" + "</div>" * 10_000,
        "<b>" * 10_000 + "x",
        ">" * 10_000 + " x",
        "[" * 10_000 + "x" + "](u)" * 10_000,
        "*a **b " * 10_000,
        "".join("  " * depth + "- x\n" for depth in range(200)),
    ],
    ids=["div", "unclosed b", "quotes", "links", "emphasis", "lists"],
)
def test_ten_thousand_nested_tags_end_nothing_but_the_command(
    newsletter: Newsletter, workspace: Path, body: str
) -> None:
    result = newsletter("check", draft(workspace, f"{HEAD}---\nHello.\n\n{body}\n"))
    assert result.exit_code in {Exit.DONE, Exit.NOT_ALL_SENT, Exit.INPUT}
    check_words(result)


# --- options and commands ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sned", FILE), "No such command 'sned'"),
        (("send", FILE, "--segmnt", "x"), "Did you mean '--segment'?"),
        (("send",), "Missing argument 'FILE'"),
        (("status", "x"), "'x' is not a valid integer"),
        (("schedules", "--count", "0"), "0 is not in the range"),
        (("dispatch", "resolve", "1", "--assume-sent", "--resend"), "choose one of"),
        (("--workspace", "nowhere", "members"), "does not exist"),
    ],
)
def test_a_command_line_that_cannot_be_understood_ends_with_2(
    refused: Refusing, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(*arguments, code=Exit.USAGE)[-1]


def test_an_unknown_segment_is_told_with_its_option(refused: Refusing) -> None:
    said = refused("send", FILE, "--segment", "studnts", "--exclude", "borad")
    assert said[0] == "--segment: there is no segment 'studnts'"
    assert said[1] == "  hint: did you mean 'students'?"
    assert said[2] == "--exclude: there is no segment 'borad'"


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "99"),
        ("dispatch", "resume", "99"),
        ("dispatch", "resolve", "99"),
        ("dispatch", "resolve", "99", "--resend"),
    ],
)
def test_a_dispatch_that_is_not_there_is_refused(
    refused: Refusing, arguments: tuple[str, ...]
) -> None:
    said = refused(*arguments, code=Exit.REFUSED)
    assert said == ["error: there is no dispatch 99", "  hint: list them with `newsletter status`"]


def test_an_unknown_provider_is_refused(refused: Refusing) -> None:
    assert "did you mean 'sendgrid'?" in refused("send", FILE, "--provider", "sendgird")[1]


def test_a_proof_to_no_address_is_refused(refused: Refusing) -> None:
    assert "is not an email address" in refused("proof", FILE, "--to", "me")[0]


@pytest.mark.parametrize("said", ["295", "-1", "nine"])
def test_another_number_typed_sends_nothing(refused: Refusing, said: str) -> None:
    code = Exit.REFUSED if said != "nine" else Exit.USAGE
    refused("send", FILE, "--for-real", "--yes-to", said, code=code)


# --- the member list ---------------------------------------------------------------------------

ROWS = "email,first_name\nann@example.org,Ann\nbjörk@example.org,Björk\n".replace("ö@", "o@")


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (b"\xef\xbb\xbfemail,first_name\na@example.org,Bj\xc3\xb6rk\n", "UTF-8, commas"),
        ("email;first_name\na@example.org;Björk\n".encode(), "UTF-8, semicolons"),
        ("email,first_name\r\na@example.org,Björk\r\n".encode("cp1252"), "Windows-1252, commas"),
        ("email\tfirst_name\na@example.org\tBjörk\n".encode("utf-16"), "UTF-16, tabs"),
    ],
    ids=["byte order mark", "semicolons", "Windows-1252", "UTF-16"],
)
def test_a_list_is_read_however_it_was_exported(
    newsletter: Newsletter, workspace: Path, content: bytes, written: str
) -> None:
    listing(workspace, content)
    shown = newsletter("members")
    check_words(shown)
    assert f"1  row in {MEMBERS} ({written})" in shown.stdout
    assert ("Windows-1252" in shown.stderr) == ("1252" in written)
    newsletter("send", draft(workspace, HEAD + "---\nHello {{ first_name }}!\n"), *for_real(1))
    (message,) = messages(workspace)
    assert "Hello Björk!" in part(message, "plain")


def for_real(number: int) -> tuple[str, ...]:
    return ("--for-real", "--yes-to", str(number))


def test_faults_and_duplicates_are_told_by_line_and_everybody_is_accounted_for(
    newsletter: Newsletter, workspace: Path
) -> None:
    listing(
        workspace,
        "member_id,email,first_name\n1,ann@example.org,Ann\n2,ANN@Example.org,Ann again\n"
        "1,other@example.org,Ann's other\n3,not an address,Bob\n4,,Cy\n5,d@example..org,Di\n"
        "\n6,eve@example.org\n7,fay@example.org,Fay\n",
    )
    shown = newsletter("members")
    check_words(shown)
    faults = [line.removeprefix(f"{MEMBERS}:") for line in shown.stderr.splitlines()]
    assert [fault.split(":")[0] for fault in faults] == ["3", "4", "5", "6", "7", "9"]
    assert faults[0] == "3: is a duplicate of line 2"
    assert faults[1] == "4: is a duplicate of line 2"
    assert faults[5] == "9: has 2 fields where the heading has 3"
    counted = json.loads(newsletter("members", "--json").stdout)
    assert counted["rows"] == 8 == counted["mailable"] + sum(counted["excluded"].values())
    assert counted["excluded"] == {"malformed address": 4, "duplicate": 2}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", f"{MEMBERS}: the list is empty"),
        (b"\n\n", f"{MEMBERS}: the list is empty"),
        (b"name,city\nAnn,Oslo\n", f"{MEMBERS}:1: no column holds the addresses"),
        (b"email,email\na@b.org,c@d.org\n", f"{MEMBERS}:1: the column 'email' is there more than"),
        (b"PK\x03\x04\0\0\0", f"{MEMBERS}: this Excel file is damaged"),
        (b'email,"name\na@example.org,Ann\n', f"{MEMBERS}:1: the heading cannot be read"),
        (
            b'email,name\na@example.org,Ann\nb@example.org,"Bob\n' + b"c@example.org,Cy\n" * 9,
            f"{MEMBERS}:3: the row that begins here cannot be read",
        ),
        (
            b'email,name\na@example.org,"' + b"x" * 300_000 + b'"\n',
            f"{MEMBERS}:2: the row that begins here cannot be read: field larger than",
        ),
    ],
    ids=[
        *("empty", "blank", "no addresses", "twice", "a workbook", "open heading"),
        *("open quotation mark", "huge field"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_the_ledger_keeps_the_last_one(
    refused: Refusing, newsletter: Newsletter, workspace: Path, content: bytes, problem: str
) -> None:
    before = (workspace / MEMBERS).read_bytes()
    assert newsletter("members").exit_code == Exit.DONE
    listing(workspace, content)
    for command in (("members",), ("send", FILE)):
        assert refused(*command)[0].startswith(problem)
    listing(workspace, before)
    assert "296  can be mailed" in newsletter("members").stdout


def test_a_list_of_a_heading_alone_is_told_and_nobody_is_mailed(
    refused: Refusing, newsletter: Newsletter, workspace: Path
) -> None:
    listing(workspace, "email,first_name\n")
    assert "there is no member below the heading" in newsletter("members").stderr
    said = refused("send", FILE, *for_real(0), code=Exit.REFUSED)
    assert "error: the member list is empty; nothing to send" in said


def test_names_are_data_wherever_they_stand(newsletter: Newsletter, workspace: Path) -> None:
    names = ["<b>Ann</b>", "{{ x }}", '"Bob", Jr.', "محمد", "😀", "x\r\nBcc: e@example.org"]
    names += ["{% raw %}", "QZ0000ZQ", "&amp;", "=?utf-8?q?x?=", "-first_name-", "a\u202eb"]
    quoted = ('"' + name.replace('"', '""') + '"' for name in names)
    rows = (f"m{n}@example.org,{name}\r\n" for n, name in enumerate(quoted))
    listing(workspace, "email,first_name\r\n" + "".join(rows))
    file = draft(
        workspace, HEAD + 'subject: "{{ first_name }}, a word"\n---\nDear {{ first_name }},\n'
    )
    sent = newsletter("send", file, *for_real(len(names)))
    check_words(sent)
    assert sent.exit_code == Exit.DONE, sent.output
    got = messages(workspace)
    assert not any("Bcc" in message for message in got)
    said = {part(message, "plain").partition("Dear ")[2].partition(",\r\n")[0] for message in got}
    assert said == {"a b" if "\u202e" in name else name.replace("\r\n", " ") for name in names}
    assert not any("<b>Ann" in part(message, "html") for message in got)
    counted = json.loads(newsletter("status", "--json").stdout)
    assert counted[0]["accepted"] == len(names)


# --- segments ----------------------------------------------------------------------------------


def test_every_wrong_rule_is_told_with_its_column(refused: Refusing, workspace: Path) -> None:
    (workspace / "recipients/segments.toml").write_text(
        "\ufeff[students]\nrule = \"membrship = 'student'\"\n\n"
        '[five]\nrule = "joined > 5"\n\n[text]\nrule = "country = 5"\n',
        encoding="utf-8",
    )
    said = refused("segments")
    assert said == [
        "recipients/segments.toml:2:9: the list has no column 'membrship'",
        "  hint: did you mean 'membership'?",
        "recipients/segments.toml:5:9: 'joined' holds dates, and 5 is not one",
        "  hint: write the date without quotes, as in joined >= 2024-01-31",
        "recipients/segments.toml:8:9: 'country' holds text, and 5 is not one",
        "  hint: put the value in quotes, as in membership = 'student'",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "membership = 'student'; DROP TABLE members",
        "membership = 'student' -- and so on",
        "membership LIKE '%'",
        "1 = 1",
        "membership == 'student'",
        "membership = 'student",
        "(" * 500 + "country = 'US'",
    ],
)
def test_what_the_grammar_does_not_say_is_no_rule(
    refused: Refusing, workspace: Path, rule: str
) -> None:
    (workspace / "recipients/segments.toml").write_text(f"[students]\nrule = {json.dumps(rule)}\n")
    assert refused("segments")[0].startswith("recipients/segments.toml:2:")


# --- settings ----------------------------------------------------------------------------------


def test_every_problem_of_the_settings_is_told_with_its_line(
    refused: Refusing, workspace: Path
) -> None:
    (workspace / "newsletter.toml").write_text(
        "[society]\nname = 3\ncolour = 'x'\n[brandd]\n[sender]\naddress = 'foo'\n"
        "[list]\nid = 'x y'\nbase_url = 'http://x'\n"
        "[dispatch]\nprovider = 'outbx'\nattempts = 0\n[providers]\nsmtp = 3\n"
    )
    problems = [line for line in refused("members") if "hint" not in line]
    assert [int(line.split(":")[1]) for line in problems] == [1, 2, 3, 4, 6, 8, 9, 11, 12, 14]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[society\n", "newsletter.toml:1:9: cannot be read"),
        (b"name = Meridian\n", "newsletter.toml:1:8: cannot be read"),
        (bytes(range(256)), "newsletter.toml: cannot be read"),
        (b"", "newsletter.toml: society.name is missing"),
    ],
)
def test_settings_that_are_no_toml_are_refused(
    refused: Refusing, workspace: Path, content: bytes, problem: str
) -> None:
    (workspace / "newsletter.toml").write_bytes(content)
    assert refused("members")[0].startswith(problem)


def test_without_settings_there_is_no_workspace(refused: Refusing, workspace: Path) -> None:
    (workspace / "newsletter.toml").unlink()
    assert "there is no newsletter.toml here" in refused("members")[0]


def test_a_short_secret_is_refused(refused: Refusing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_SECRET", "too short a one")
    said = refused("members")
    assert "fewer than 32 characters" in said[0]
    assert not any("too short a one" in line for line in said)


def test_a_secret_with_a_line_break_is_refused_without_showing_it(
    refused: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.with-a\nline-break")
    said = refused("send", FILE, "--provider", "sendgrid")
    assert not any("with-a" in line or "line-break" in line for line in said)


# --- folders, disks, ports, the network --------------------------------------------------------


@pytest.mark.parametrize("target", [".", "newsletter.toml", "newsletter.toml/below"])
def test_a_new_workspace_overwrites_nothing(
    refused: Refusing, workspace: Path, target: str
) -> None:
    before = sorted(path for path in workspace.rglob("*") if path.is_file())
    refused("new", target, code=Exit.REFUSED)
    assert sorted(path for path in workspace.rglob("*") if path.is_file()) == before


def test_a_ledger_that_is_no_database_is_left_as_it_is(refused: Refusing, workspace: Path) -> None:
    path = workspace / ".newsletter/ledger.sqlite3"
    path.parent.mkdir()
    path.write_bytes(b"This is somebody's thesis and not a database at all.\n" * 99)
    before = path.read_bytes()
    for command in (("status",), ("members",), ("send", FILE, *for_real(296))):
        said = refused(*command, code=Exit.REFUSED)
        assert said[0] == "error: the ledger failed: file is not a database"
    assert path.read_bytes() == before


def test_a_ledger_that_cannot_be_made_is_told(refused: Refusing, workspace: Path) -> None:
    (workspace / ".newsletter").write_text("in the way")
    assert "cannot be made" in refused("status", code=Exit.REFUSED)[0]


def test_an_address_that_is_no_database_is_told_without_its_password(
    refused: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_LEDGER", "nosuchdatabase://me:hush-hush@host/db")
    said = refused("status", code=Exit.REFUSED)
    assert not any("hush-hush" in line for line in said)


@pytest.mark.parametrize("command", [("serve",), ("preview", FILE, "--no-open")])
def test_a_port_in_use_is_refused(refused: Refusing, command: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused(*command, "--port", port, code=Exit.REFUSED)
    assert said == [f"error: port {port} cannot be used", "  hint: choose another --port"]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Give a port of this machine where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("provider", ["sendgrid", "smtp"])
def test_without_a_network_everything_is_pending_and_can_be_resumed(
    newsletter: Newsletter, workspace: Path, closed_port: int, provider: str
) -> None:
    path = workspace / "newsletter.toml"
    settings = path.read_text().replace(
        "https://api.sendgrid.com", f"http://127.0.0.1:{closed_port}"
    )
    settings = settings.replace("port = 587", f"port = {closed_port}")
    path.write_text(settings.replace("[dispatch]", "[dispatch]\nattempts = 1"))
    stopped = newsletter("send", FILE, "--provider", provider, *for_real(296))
    check_words(stopped)
    assert stopped.exit_code == Exit.STOPPED, stopped.output
    assert "300 listed = 4 excluded + 0 accepted + 0 rejected + 0 unsure + 296 pending" in (
        stopped.stdout
    )
    assert "go on with: newsletter dispatch resume 1" in stopped.stderr
    again = newsletter("dispatch", "resume", "1")
    assert again.exit_code == Exit.STOPPED
    assert "296 pending" in again.stdout


def run_apart(
    workspace: Path, *arguments: str, before: str = "", **options: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, after the Python lines `before`."""
    code = f"import sys\n{before}\nfrom newsletter.cli.main import cli\ncli(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,  # type: ignore[call-overload]  # preexec_fn, which typeshed cannot see here
    )


@pytest.mark.parametrize(
    "css",
    [
        '@import url("http://127.0.0.1:9/x.css");',
        "@IMPORT 'http://127.0.0.1:9/x.css';",
        "@\\69mport 'http://127.0.0.1:9/x.css';",
        "@im\\port url(http://127.0.0.1:9/x.css);",
        "p { background: url(http://127.0.0.1:9/x.png) }",
    ],
)
def test_css_of_a_theme_fetches_nothing(workspace: Path, css: str) -> None:
    theme = workspace / "templates/shared/inline.css.j2"
    theme.write_text(css + "\n" + theme.read_text())
    refusing = (
        "def hook(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'urllib.Request', 'open') and (\n"
        "        event != 'open' or '127.0.0.1' in str(arguments[0])\n"
        "    ):\n"
        "        print('FETCHED', event, arguments, file=sys.stderr)\n"
        "sys.addaudithook(hook)"
    )
    checked = run_apart(workspace, "check", FILE, before=refusing)
    assert "FETCHED" not in checked.stderr
    assert "Traceback" not in checked.stderr
    assert checked.returncode == Exit.INPUT, checked.stderr
    assert checked.stderr.startswith("templates/shared/inline.css.j2:")


def test_on_a_full_disk_nothing_is_sent_that_the_ledger_does_not_know(
    newsletter: Newsletter, workspace: Path, tmp_path: Path
) -> None:
    assert newsletter("members").exit_code == Exit.DONE
    shutil.copytree(workspace, tmp_path / "before")
    was_opened = []
    for share in (0.1, 0.25, 0.34, 0.4, 0.46):
        for folder in (".newsletter", "outbox"):
            shutil.rmtree(workspace / folder, ignore_errors=True)
        shutil.copytree(tmp_path / "before", workspace, dirs_exist_ok=True)
        was_opened.append(_fill_the_disk(newsletter, workspace, share))
    # It was full before the dispatch was opened, and in the middle of it.
    assert set(was_opened) == {False, True}


def _fill_the_disk(newsletter: Newsletter, workspace: Path, share: float) -> bool:
    """Send where files may grow to a share of the ledger; tell whether a dispatch was opened."""
    room = int((workspace / ".newsletter/ledger.sqlite3").stat().st_size * share)

    def fill() -> None:
        # No file may grow beyond this: the write-ahead log of the ledger is the first to be full.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    stopped = run_apart(workspace, "send", FILE, *for_real(296), preexec_fn=fill)
    assert "Traceback" not in stopped.stderr
    assert stopped.returncode == Exit.REFUSED, stopped.stderr
    assert "nothing was sent that the ledger does not know of" in stopped.stderr
    sent = len(list(workspace.glob("outbox/*/messages/*.eml")))
    rows = json.loads(newsletter("status", "--json").stdout)
    assert sent <= sum(row["accepted"] + row["pending"] for row in rows)
    # With room again everybody gets it, or is called unsure, and nobody gets it twice.
    finished = (
        newsletter("dispatch", "resume", "1") if rows else newsletter("send", FILE, *for_real(296))
    )
    assert finished.exit_code in {Exit.DONE, Exit.UNSURE}
    (row,) = json.loads(newsletter("status", "--json").stdout)
    assert (row["balances"], row["pending"], row["accepted"] + row["unsure"]) == (True, 0, 296)
    assert row["accepted"] <= len(list(workspace.glob("outbox/*/messages/*.eml")))
    return bool(rows)


_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1


def test_in_a_folder_that_cannot_be_written_nothing_is_sent(workspace: Path) -> None:
    def obey() -> None:
        # Root may write everywhere unless it gives up CAP_DAC_OVERRIDE (prctl(2), capabilities(7)).
        if os.geteuid() == 0:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)

    workspace.chmod(0o555)
    try:
        refused = run_apart(workspace, "send", FILE, *for_real(296), preexec_fn=obey)
    finally:
        workspace.chmod(0o755)
    assert "Traceback" not in refused.stderr
    assert refused.returncode == Exit.REFUSED, refused.stderr
    assert "cannot be made" in refused.stderr
    assert not (workspace / "outbox").exists()


def test_no_secret_is_shown_by_any_command(newsletter: Newsletter, workspace: Path) -> None:
    commands = (
        ("members",),
        ("segments", "--json"),
        ("check", FILE, "--json"),
        ("send", FILE, "--provider", "sendgrid", "--json"),
        ("send", FILE, *for_real(296)),
        ("proof", FILE, "--to", "me@example.org"),
        ("status", "--json"),
        ("status", "1"),
    )
    for command in commands:
        check_words(newsletter(*command))
    shutil.rmtree(workspace / "recipients")
    kept = [path for path in workspace.rglob("*") if path.is_file()]
    for path in kept:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in SECRETS.values()), path
