"""What a page of the desk answers: values, which the door turns into HTTP."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

Tone = Literal["good", "warn", "bad", "plain"]

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " frame-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
"""For our own pages: nothing inline, nothing from elsewhere."""

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer."""

    status: int = HTTPStatus.OK
    kind: str = HTML
    body: str | bytes = b""
    stream: AsyncIterator[str] | None = None
    """Instead of a body: parts that come one by one, such as server-sent events."""
    headers: Mapping[str, str] = field(default_factory=dict)
    policy: str = PAGE_POLICY
    """The Content-Security-Policy."""
    said: tuple[Tone, str] | None = None
    """What the next page says at its top."""
    cookie: str | None = field(default=None, repr=False)
    """The new secret of the browser; None leaves it."""


def go_to(path: str, said: str = "", tone: Tone = "good") -> Answer:
    """Send the browser on to one of our own pages, which then says `said`."""
    words = (tone, said) if said else None
    return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": path}, said=words)


def as_json(value: object, status: int = HTTPStatus.OK) -> Answer:
    """Answer a script of ours with a value."""
    text = json.dumps(value, ensure_ascii=False)
    return Answer(status=status, kind="application/json", body=text)


def as_text(text: str, status: int = HTTPStatus.OK) -> Answer:
    """Answer with a few words."""
    return Answer(status=status, kind="text/plain; charset=utf-8", body=text)


def download(name: str, kind: str, body: str | bytes) -> Answer:
    """Hand a file over; `name` is of letters, digits, dots and dashes."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(kind=kind, body=body, headers=headers)


def events(stream: AsyncIterator[str]) -> Answer:
    """Keep telling an open page, by server-sent events."""
    # A proxy that collects an answer before it passes it on would keep every event back.
    headers = {"X-Accel-Buffering": "no"}
    return Answer(kind="text/event-stream", stream=stream, headers=headers)
