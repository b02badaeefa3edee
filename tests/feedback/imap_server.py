"""A small IMAP server over TLS, for one mailbox that nobody may change."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from certificates import write_certificate

PASSWORD = 'a "secret" \\ of the tests'  # noqa: S105 - of nobody


@dataclass(slots=True)
class Imap:
    """The server and what it was told."""

    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    user: str = "bounces@example.org"
    password: str = PASSWORD
    said: list[str] = field(default_factory=list)
    """Commands, less passwords."""
    drops_after: int | None = None
    """How many commands it bears until it hangs up."""


class _Session(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        of = self.server.imap
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode("utf-8").rstrip("\r\n").partition(" ")
            of.said.append(command.split(" ")[0] if "LOGIN" in command else command)
            if of.drops_after is not None and len(of.said) > of.drops_after:
                return
            if not self._answer(of, tag, command):
                return

    def _answer(self, of: Imap, tag: str, command: str) -> bool:
        """Answer a command; tell whether another may come."""
        word = command.partition(" ")[0].upper()
        refusal = _refusal(of, word, command)
        if refusal:
            self._say(f"{tag} NO {refusal}")
            return True
        if command.startswith("UID FETCH"):
            self._fetch(of, int(command.split()[2]))
        numbers = " ".join(str(100 + at) for at in range(len(of.letters)))
        told = {
            "CAPABILITY": "* CAPABILITY IMAP4rev1",
            "EXAMINE": f"* {len(of.letters)} EXISTS",
            "LOGOUT": "* BYE",
            "UID": f"* SEARCH {numbers}" if "SEARCH" in command else "",
        }
        if told.get(word):
            self._say(told[word])
        self._say(f"{tag} OK done")
        return word != "LOGOUT"

    def _fetch(self, of: Imap, number: int) -> None:
        letter = of.letters[number - 100]
        self._say(f"* {number - 99} FETCH (UID {number} BODY[]<0> {{{len(letter)}}}")
        self.wfile.write(letter + b")\r\n")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _refusal(of: Imap, word: str, command: str) -> str:
    if word == "LOGIN":
        given = re.findall(r'"((?:[^"\\]|\\.)*)"', command)
        names = [re.sub(r"\\(.)", r"\1", each) for each in given]
        return "" if names[-1:] == [of.password] else "wrong"
    return "no such folder" if word == "EXAMINE" and '"INBOX"' not in command else ""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, imap: Imap, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.imap = imap
        self.context = context

    def finish_request(self, request: object, client_address: object) -> None:
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type] # socketserver's own
                super().finish_request(secured, client_address)
        except OSError:
            return  # whoever does not trust the certificate hangs up


@contextmanager
def running(folder: Path, imap: Imap) -> Iterator[Path]:
    """Run the server; yield its certificate, which is its own authority."""
    certificate = write_certificate(folder / "imap.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(imap, context) as server:
        imap.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield certificate
        finally:
            server.shutdown()
            thread.join()
