"""`/metrics`: the numbers of the ledger for Prometheus. The one door to its client.

Whoever may read them: this machine, where no token is set; else whoever shows the token. They hold
no address, but how many members a society has, and how many complain, is nobody else's business.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsletter.errors import LedgerError
from newsletter.ledger.database import Ledger
from newsletter.ledger.overview import Key, Overview, overview_of
from newsletter.web.guard import Application, Receive, Scope, Send, guarded

_PATH = "/metrics"
_HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]:]+))(?::\d+)?")
"""The header Host: an IPv6 address stands in brackets (RFC 9110, section 7.2)."""
_PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""What web servers add to a request that they pass on."""


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric: its name, what it says, and its labels."""

    name: str
    words: str
    labels: tuple[str, ...] = ()


class _Numbers(NamedTuple):
    family: _Family
    values: Mapping[tuple[str, ...], float]


def numbers_of(seen: Overview) -> Iterator[_Numbers]:
    """Give every metric with its numbers by their labels."""
    yield _by_key("deliveries", "Deliveries of all dispatches.", "state", seen.deliveries)
    yield _by_key(
        "unfinished_dispatches",
        "Dispatches that have something to send.",
        "course",
        seen.unfinished,
    )
    yield _by_word(
        "requests_in_flight",
        "Requests that were begun and of which nothing is known yet.",
        "provider",
        seen.in_flight,
    )
    yield _by_word(
        "lease_left_seconds",
        "Until the first lease of a request in flight ends; below nothing where it is over.",
        "provider",
        seen.lease_left,
    )
    yield _by_word(
        "pace_wait_seconds",
        "For how long a pace lets nothing go.",
        "pace",
        {name: wait for name, wait in seen.waits.items() if not _is_of_a_dispatch(name)},
    )
    yield _by_word(
        "pace_lowered_rate",
        "Messages a second, where a provider said that it is too much.",
        "pace",
        {name: rate for name, rate in seen.rates.items() if not _is_of_a_dispatch(name)},
    )
    yield _by_key(
        "feedback_deliveries",
        "Deliveries by the last that was told of them.",
        "kind",
        seen.feedback,
    )
    yield _by_word("suppressions", "People who are never mailed.", "reason", seen.suppressions)
    yield _Numbers(_named("list_rows", "Rows of the list."), {(): seen.listed})
    yield _Numbers(
        _named("list_faults", "Rows of the list that cannot be mailed."), {(): seen.faults}
    )


def _is_of_a_dispatch(pace: str) -> bool:
    """Tell whether a pace is one dispatch's own: a label for each would grow without end."""
    return pace.startswith("dispatch ")


def _named(name: str, words: str, *labels: str) -> _Family:
    return _Family(f"newsletter_{name}", words, labels)


def _by_key(name: str, words: str, label: str, values: Mapping[Key, float]) -> _Numbers:
    family = _named(name, words, "provider", label)
    return _Numbers(family, {(key.provider, key.word): each for key, each in values.items()})


def _by_word(name: str, words: str, label: str, values: Mapping[str, float]) -> _Numbers:
    return _Numbers(_named(name, words, label), {(key,): each for key, each in values.items()})


class _Reader(Collector):
    """Gives the registry what the ledger tells now."""

    def __init__(self, seen: Overview) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        for family, values in numbers_of(self._seen):
            metric = GaugeMetricFamily(family.name, family.words, labels=family.labels)
            for labels, value in sorted(values.items()):
                metric.add_metric(labels, value)
            yield metric


def write_metrics(seen: Overview, accept: str) -> tuple[bytes, str]:
    """Write the numbers in the format that `accept` asks for; give it with its media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reader(seen))
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


@dataclass(frozen=True, slots=True)
class Doorman:
    """Decides who may read the numbers."""

    token: str = ""

    def refusal(self, peer: str, headers: Mapping[str, str]) -> HTTPStatus | None:
        """Tell how to refuse a request; None where it is let in.

        Args:
            peer: who is connected to us.
            headers: by their names in lower case.
        """
        if self.token:
            word, _, shown = headers.get("authorization", "").partition(" ")
            is_it = hmac.compare_digest(shown.strip().encode(), self.token.encode())
            return None if is_it and word.lower() == "bearer" else HTTPStatus.UNAUTHORIZED
        is_passed_on = any(name in headers for name in _PROXIED)
        # A web server that adds nothing still gives the name that the world knows; and a page in
        # a browser of this machine that had its own name lead here cannot hide it.
        name = _HOST.fullmatch(headers.get("host", ""))
        is_named_so = name is not None and _is_here(name[1] or name[2])
        return None if _is_here(peer) and is_named_so and not is_passed_on else HTTPStatus.NOT_FOUND


def _is_here(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def metrics_app(ledger: Ledger, doorman: Doorman) -> Application:
    """Serve `/metrics`."""

    async def respond(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        refusal = doorman.refusal(request.client.host if request.client else "", headers)
        if refusal:
            asked = {"WWW-Authenticate": "Bearer"} if refusal is HTTPStatus.UNAUTHORIZED else {}
            return PlainTextResponse(f"{refusal.phrase.lower()}\n", refusal, headers=asked)
        try:
            seen = await run_in_threadpool(overview_of, ledger)
        except LedgerError:
            return PlainTextResponse(
                "the ledger cannot be read now\n", HTTPStatus.SERVICE_UNAVAILABLE
            )
        content, kind = write_metrics(seen, headers.get("accept", ""))
        return Response(content, headers={"Content-Type": kind})

    app = Starlette(routes=[Route(_PATH, respond, methods=["GET"])])
    app.router.redirect_slashes = False
    return guarded(app)


def with_metrics(others: Application, metrics: Application) -> Application:
    """Serve the numbers beside everything else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["path"] == _PATH
        await (metrics if is_asked else others)(scope, receive, send)

    return answer
