"""The program itself as a server, and a client that hides nothing."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from os import environ  # noqa: TID251 - the program that is started reads its own
from pathlib import Path
from time import monotonic
from typing import Any

from newsletter.cli.sample import copy_sample

SECRET = "a secret of the tests, long enough"  # noqa: S105 - signs nothing real
MEETING = "announcements/annual-meeting-2027.md"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True)
class Program:
    """A `newsletter` that serves."""

    process: "subprocess.Popen[str]"
    port: int
    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(
        self,
        path: str = "/",
        *,
        method: str = "GET",
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for `path` as it stands: nothing is tidied on the way."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, text)
        finally:
            connection.close()

    def stop(self) -> float:
        """Press Ctrl-C; tell how many seconds the end took."""
        begun = monotonic()
        self.process.send_signal(signal.SIGINT)
        rest = self.process.communicate(timeout=30)[1]
        self.said.append(rest)
        return monotonic() - begun


def society(folder: Path) -> Path:
    """Make a copy of the sample society."""
    copy_sample(folder)
    return folder


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Program]:
    """Start the program in `folder` and stop it afterwards, if nobody did."""
    names = ("NEWSLETTER_LEDGER", "SENDGRID_API_KEY", "NEWSLETTER_SMTP_PASSWORD")
    environment = {name: value for name, value in environ.items() if name not in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter", *arguments],
        cwd=folder,
        env={**environment, "NEWSLETTER_SECRET": SECRET},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                yield Program(process, int(found[1]), folder, said)
                return
        raise AssertionError("".join(said))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


@contextmanager
def restored(path: Path) -> Iterator[Path]:
    """Put the file back as it was."""
    before = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(before)


def emails(page: Any) -> list[Any]:
    """The emails that a page shows, as frames; nobody looks into them from the page itself."""
    shown = page.locator("iframe:not(.coming):visible").element_handles()
    return [frame for frame in (each.content_frame() for each in shown) if frame]


def wait_for_email(page: Any, word: str) -> None:
    """Wait until every email that is seen has the words; lines are held together by many spaces."""
    from playwright.sync_api import Error

    for _ in range(400):
        try:
            texts = [frame.locator("body").inner_text(timeout=2_000) for frame in emails(page)]
        except Error:  # it was exchanged while we looked
            texts = []
        if texts and all(word in re.sub(r"\s", " ", text) for text in texts):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"no email shows {word!r}")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def version(program: Program) -> int:
    """How many times the preview told its pages to ask again."""
    connection = HTTPConnection("127.0.0.1", program.port, timeout=30)
    try:
        connection.request("GET", "/events")
        response = connection.getresponse()
        while not (line := response.readline()).startswith(b"data:"):
            assert line
        return int(line.decode().rpartition(".")[2])
    finally:
        connection.close()


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file of a workspace but those of the program itself."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in paths if ".newsletter" not in path.parts}


def put_back(folder: Path, before: Mapping[Path, bytes]) -> None:
    """Make the workspace what it was."""
    now = contents(folder)
    for path in now.keys() - before.keys():
        path.unlink()
    different = [path for path, content in before.items() if now.get(path) != content]
    for path in different:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before[path])
