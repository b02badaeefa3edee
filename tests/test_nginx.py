"""The site for nginx in `docs/deploy`, before the running program: TLS, unsubscribing, events."""

import email.policy
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path

import pytest
from absent import do_without
from certificates import write_certificate
from ports import free_port

from newsletter.cli.sample import copy_sample
from newsletter.clock import SystemClock
from newsletter.ledger.colleagues import find_colleague
from newsletter.ledger.sessions import begin_session
from newsletter.workspace.workspace import open_workspace

ROOT = Path(__file__).parents[1]
SITE = ROOT / "docs/deploy/nginx.conf"
PLACES = None, "/usr/sbin", str(ROOT / "build/nginx/usr/sbin")
"""Where nginx may be: on the path, where servers are, and where `make test` unpacks it."""
CLOCK = SystemClock()
ADA = "ada@example.org"
ANNOUNCEMENT = "announcements/genetic-privacy-statement.md"


@dataclass(frozen=True, slots=True)
class Reached:
    """The program behind nginx, on one port for both of its names."""

    folder: Path
    port: int

    def connection(self, name: str) -> http.client.HTTPSConnection:
        """Connect as a browser that asks for `name` does."""
        trusting = ssl.create_default_context(cafile=self.folder.parent / "certificate.pem")
        trusting.check_hostname = False  # it is made out to 127.0.0.1
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        found = http.client.HTTPSConnection(name, timeout=20)
        found.sock = trusting.wrap_socket(plain, server_hostname=name)
        return found

    def ask(
        self, method: str, url: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Ask for a whole URL; redirects are not followed."""
        found = re.fullmatch(r"https://([^/]+)(/.*)", url)
        assert found, url
        with closing(self.connection(found[1])) as connection:
            connection.request(method, found[2], body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()


def newsletter(folder: Path, *arguments: str) -> str:
    program = [sys.executable, "-m", "newsletter", *arguments]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True).stdout


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = CLOCK.monotonic() + 30
    while not is_so():
        assert CLOCK.monotonic() < deadline
        CLOCK.sleep(0.05)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def write_site(folder: Path, port: int, public: int, desk: int) -> Path:
    """Write the site as it stands in the docs, with the ports and the certificate of the test."""
    certificate = write_certificate(folder / "certificate.pem")
    site = SITE.read_text()
    site = re.sub(r"(ssl_certificate(?:_key)?\s+)\S+;", rf"\g<1>{certificate};", site)
    site = re.sub(r"listen \[::\]:443[^;]*;", "", site)
    site = site.replace("listen 443", f"listen 127.0.0.1:{port}")
    site = site.replace("127.0.0.1:8025", f"127.0.0.1:{public}")
    site = site.replace("127.0.0.1:8030", f"127.0.0.1:{desk}")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n"
    )
    return path


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    nginx = next(filter(None, (shutil.which("nginx", path=each) for each in PLACES)), None)
    if nginx is None:
        do_without("nginx is not installed")
    top = tmp_path_factory.mktemp("behind-nginx")
    folder, port, public, desk = top / "society", free_port(), free_port(), free_port()
    copy_sample(folder)
    settings = folder / "newsletter.toml"
    text = settings.read_text().replace("news.meridian.example.org", "news.example.org")
    text = text.replace("[list]", '[list]\nproxies = ["127.0.0.1"]')
    settings.write_text(f'{text}\n[desk]\nbase_url = "https://desk.example.org"\n')
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NEWSLETTER_SECRET", "a secret of thirty-two characters, or more")
        environment.delenv("NEWSLETTER_LEDGER", raising=False)
        newsletter(folder, "people", "add", ADA)
        plan = json.loads(newsletter(folder, "send", ANNOUNCEMENT, "--json"))
        count = str(plan["recipients"])
        newsletter(folder, "send", ANNOUNCEMENT, "--for-real", "--yes-to", count)
        site = write_site(top, port, public, desk)
        ports = ("--port", str(public), "--desk-port", str(desk))
        with (top / "said.txt").open("wb") as said:
            started = [
                subprocess.Popen(
                    [sys.executable, "-m", "newsletter", "run", *ports], cwd=folder, stderr=said
                ),
                subprocess.Popen([nginx, "-p", str(top), "-c", str(site)], stderr=said),
            ]
        try:
            wait_until(lambda: all(answers(each) for each in (port, public, desk)))
            yield Reached(folder, port)
        finally:
            for each in started:
                each.terminate()
            for each in started:
                each.wait(timeout=30)


def test_the_button_of_mailbox_providers_unsubscribes_without_a_redirect(reached: Reached) -> None:
    message = min(reached.folder.glob("outbox/*/messages/*.eml"))
    headers = BytesParser(policy=email.policy.default).parsebytes(message.read_bytes())
    (url,) = re.findall(r"<(https://[^>]+)>", str(headers["List-Unsubscribe"]))
    assert url.startswith("https://news.example.org/")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = reached.ask("POST", url, b"List-Unsubscribe=One-Click", **form)
    assert status == 200
    address = str(headers["To"].addresses[0].addr_spec)
    assert "by one-click" in newsletter(reached.folder, "members", "record", address)
    assert reached.ask("GET", url)[0] == 200


def test_what_is_for_this_machine_alone_is_not_passed_on(reached: Reached) -> None:
    for url in ("news.example.org/metrics", "news.example.org/health", "desk.example.org/health"):
        assert reached.ask("GET", f"https://{url}")[0] == 404


def test_events_of_providers_pass_up_to_the_size_that_the_program_takes(reached: Reached) -> None:
    url = "https://news.example.org/events/sendgrid"
    status, said = reached.ask("POST", url, b"[" + b" " * 2_000_000 + b"]")
    assert (status, b"nginx" in said) != (413, True)
    assert status < 500
    assert reached.ask("POST", url, b" " * 3_000_000)[0] == 413


def test_the_desk_is_told_of_changes_as_they_happen(reached: Reached) -> None:
    cookie = "0123456789abcdef0123456789abcdef"
    with open_workspace(str(reached.folder)) as opened:
        ada = find_colleague(opened.ledger, key=ADA)
        assert ada is not None
        begin_session(opened.ledger, ada, cookie, browser="a test", now=CLOCK.now())
    with closing(reached.connection("desk.example.org")) as connection:
        connection.request("GET", "/changes", headers={"Cookie": f"__Host-desk={cookie}"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Content-Type")) == (
            200,
            "text/event-stream; charset=utf-8",
        )
        path = reached.folder / ANNOUNCEMENT
        path.write_text(path.read_text("utf-8") + "\nOne more line.\n", "utf-8")
        assert answer.readline()


def test_a_stranger_is_asked_to_sign_in_at_the_name_of_the_desk(reached: Reached) -> None:
    with closing(reached.connection("desk.example.org")) as connection:
        connection.request("GET", "/announcements")
        answer = connection.getresponse()
        where = answer.getheader("Location") or ""
        assert answer.status in (302, 303)
        assert not where.startswith("http:")
        assert "127.0.0.1" not in where
    with closing(reached.connection("elsewhere.example.org")) as connection:
        connection.request("GET", "/announcements")
        assert connection.getresponse().status in (400, 404, 421)
