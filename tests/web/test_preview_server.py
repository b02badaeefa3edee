"""The preview as a server: for this machine only, and gone as soon as it is told to go."""

from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

import pytest
from web_samples import MEETING, Program, running, society


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.example.org", "", "evil:80"])
def test_another_name_that_leads_here_is_refused(preview: Program, host: str) -> None:
    for path in ("/", "/message", "/text", "/events", "/static/preview.js"):
        answer = preview.ask(path, headers={"Host": host})
        assert answer.status == 400
        assert "Baltimore" not in answer.body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_answered(preview: Program, host: str) -> None:
    answer = preview.ask("/", headers={"Host": f"{host}:{preview.port}"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/image/../newsletter.toml",
        "/image/..%2fnewsletter.toml",
        "/image/%2e%2e%2fnewsletter.toml",
        "/image/..%5cnewsletter.toml",
        "/image/%2fetc%2fpasswd",
        "/image//etc/passwd",
        "/image/",
        "/image/missing",
        "/image/harbour.jpg",
        "/image/harbour-00000000.jpg%00",
        "/../newsletter.toml",
        "/newsletter.toml",
        "/recipients/members.csv",
        "/pages/sheet.html.j2",
        "/sheet.html.j2",
        "/nothing",
    ],
)
def test_no_path_leads_to_any_other_file(preview: Program, path: str) -> None:
    answer = preview.ask(path)
    assert answer.status == 404
    assert "[society]" not in answer.body
    assert "root:" not in answer.body
    assert "@" not in answer.body


def test_the_pictures_of_the_email_are_within_it(preview: Program) -> None:
    answer = preview.ask("/message?as=M10022")
    assert 'src="data:image/jpeg;base64,' in answer.body
    assert 'src="/' not in answer.body
    # The frame that shows it loads nothing from here, and has no origin by which it could ask.
    policy = answer.headers["content-security-policy"]
    assert "img-src data: https:;" in policy
    assert "allow-same-origin" not in policy
    assert "allow-scripts" not in policy


def test_head_answers_like_get_and_other_methods_are_refused(preview: Program) -> None:
    for path in ("/", "/message", "/text", "/static/preview.css", "/static/preview.js"):
        head = preview.ask(path, method="HEAD")
        assert (head.status, head.body) == (200, "")
        for method in ("POST", "PUT", "DELETE"):
            assert preview.ask(path, method=method).status == 405


def test_every_answer_forbids_scripts_of_others_and_keeps_to_itself(preview: Program) -> None:
    for path in ("/", "/message", "/text", "/static/preview.css", "/static/preview.js"):
        headers = preview.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-eval'" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers
        assert "set-cookie" not in headers
    assert "script-src" not in preview.ask("/message").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in preview.ask("/").headers["content-security-policy"]


def _open_stream(program: Program) -> HTTPConnection:
    connection = HTTPConnection("127.0.0.1", program.port, timeout=30)
    connection.request("GET", "/events")
    response = connection.getresponse()
    assert response.getheader("content-type", "").startswith("text/event-stream")
    assert response.readline() == b"retry: 500\n"
    return connection


def test_tabs_that_are_closed_while_they_listen_do_no_harm(preview: Program) -> None:
    for _ in range(20):
        _open_stream(preview).close()
    assert preview.ask().status == 200


def test_ctrl_c_ends_the_program_at_once_however_many_tabs_listen(tmp_path: Path) -> None:
    took = {}
    for listeners in (0, 3):
        folder = society(tmp_path / f"society-{listeners}")
        with running(folder, "preview", MEETING, "--no-open") as program:
            program.ask()
            streams = [_open_stream(program) for _ in range(listeners)]
            took[listeners] = program.stop()
            for stream in streams:
                stream.close()
            assert program.process.returncode == 0
            assert "Traceback" not in "".join(program.said)
    assert took[3] < 2 * took[0] + 1.5, "uvicorn itself would wait two seconds for open answers"


def test_who_comes_before_the_first_email_is_made_is_answered_when_it_is(tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    with running(folder, "preview", MEETING, "--no-open") as program:
        begun = monotonic()
        assert "Meridian Society" in program.ask("/message").body
        first = monotonic() - begun
        begun = monotonic()
        program.ask("/message")
        assert monotonic() - begun < first, "made once for one state of the files"


def test_a_port_that_somebody_has_is_refused_in_words(preview: Program, tmp_path: Path) -> None:
    folder = society(tmp_path / "society")
    wanted = ("preview", MEETING, "--no-open", "--port", str(preview.port))
    with pytest.raises(AssertionError) as refused, running(folder, *wanted):
        pass
    assert f"port {preview.port} cannot be used" in str(refused.value)
    assert "choose another --port" in str(refused.value)
    assert "Traceback" not in str(refused.value)
