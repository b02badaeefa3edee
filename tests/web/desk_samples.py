"""A desk to knock at, without a network between."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, TypeVar
from urllib.parse import urlencode

from web_samples import society

from newsletter.web.desk.app import desk_app
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.door import token_of
from newsletter.web.desk.opened import make_desk
from newsletter.web.errands import Errands
from newsletter.workspace.reopened import Opened
from newsletter.workspace.workspace import open_workspace

T = TypeVar("T")
URL = "http://127.0.0.1:8766"


def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Do it in a loop of its own: the browser of other tests has one on this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: str
    cookies: tuple[str, ...]


@dataclass(slots=True)
class Caller:
    """Somebody with a browser: keeps cookies, and sends the token of the desk's forms."""

    desk: Desk
    jar: dict[str, str] = field(default_factory=dict)
    patience: float = 0.0
    """Seconds after which they hang up, if an answer does not end by itself."""
    app: Any = None

    def __post_init__(self) -> None:
        self.app = desk_app(self.desk)
        self.jar[self.desk.site.cookie] = token_urlsafe(32)

    @property
    def token(self) -> str:
        return token_of(self.jar[self.desk.site.cookie])

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.send("GET", path, headers=headers)

    def post(
        self, path: str, fields: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> Reply:
        shown = self.token if token is None else token
        body = urlencode({"token": shown, **(fields or {})}, doseq=True)
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, body=body.encode(), headers=form)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        sent = {
            "host": self.desk.site.url.partition("//")[2],
            **({"cookie": cookies} if cookies else {}),
            **(headers or {}),
        }
        reply = _apart(_ask(self.app, _request(method, path, sent), body, self.patience))
        for each in reply.cookies:
            for name, morsel in SimpleCookie(each).items():
                self.jar[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.jar[name]
        return reply


def _request(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    where, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8766),
        "scheme": "http",
        "root_path": "",
    }


async def _ask(app: Any, scope: dict[str, Any], body: bytes, patience: float) -> Reply:
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[Any] = []

    async def receive() -> Any:
        if incoming:
            return incoming.pop()
        await asyncio.sleep(patience)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = next(each for each in told if each["type"] == "http.response.start")
    pairs = [(name.decode(), value.decode()) for name, value in start["headers"]]
    text = b"".join(each.get("body", b"") for each in told).decode("utf-8", "replace")
    cookies = tuple(value for name, value in pairs if name == "set-cookie")
    return Reply(start["status"], dict(pairs), text, cookies)


@contextmanager
def desk_of(folder: Path, url: str = URL) -> Iterator[Desk]:
    """Open the desk of a new society."""
    society(folder)
    with open_workspace(str(folder)) as opened:
        errands = Errands()
        try:
            desk = make_desk(Opened(opened), errands, url=url, user="ada")
            _apart(desk.hub.close())  # its streams end after their first words
            yield desk
        finally:
            errands.close()


def with_rights(desk: Desk, visitor: Any) -> Desk:
    """Let everybody who comes be `visitor`; None has to sign in."""
    return replace(desk, admit=lambda _cookie: visitor)
