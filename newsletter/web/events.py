"""What providers post to us: proven first, then read, then taken into the ledger.

Every answer is a few words. Only an answer of the two hundreds ends the provider's repeating, so
that is given only when the ledger has what was told.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsletter.clock import Clock
from newsletter.errors import InputError, LedgerError
from newsletter.feedback import brevo, mailgun, postmark, resend, sendgrid
from newsletter.feedback.payload import Reading
from newsletter.feedback.policy import Policy
from newsletter.feedback.proof import (
    MailgunSignature,
    NotProven,
    Proof,
    SharedSecret,
    SvixSignature,
    Told,
)
from newsletter.feedback.sendgrid_proof import SendgridSignature
from newsletter.feedback.sns import Topic
from newsletter.ledger.database import Ledger
from newsletter.ledger.feedback import take_in
from newsletter.log import What, tell
from newsletter.web.amazon import Amazon, Unreachable
from newsletter.web.guard import PATIENCE, Application, Receive, Scope, Send, guarded
from newsletter.web.limits import Limits, Networks, network_of

MOST_BYTES = 2_097_152
"""Of a request with events; SendGrid puts thousands into one."""
_PREFIX = "/events/"


@dataclass(frozen=True, slots=True)
class Entrance:
    """How one provider tells us something."""

    proof: Proof
    read: Callable[[bytes], Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Where events come in."""

    ledger: Ledger
    policy: Policy
    entrances: Mapping[str, Entrance]
    """By provider."""
    clock: Clock
    proxies: Networks = ()
    limits: Limits = field(default_factory=Limits)

    def take(self, provider: str, told: Told, network: str) -> tuple[HTTPStatus, str]:
        """Take a request of a provider; give the answer.

        Raises:
            LedgerError: it could not be written.
        """
        entrance = self.entrances.get(provider)
        if entrance is None:
            return HTTPStatus.NOT_FOUND, "nobody is expected here"
        try:
            entrance.proof.check(told)
            reading = entrance.read(told.body)
        except NotProven as doubt:
            tell(What.DOUBTED, provider=provider)
            return self._doubt(doubt, network)
        except InputError as fault:
            return HTTPStatus.BAD_REQUEST, fault.problem
        except Unreachable as reason:
            return HTTPStatus.SERVICE_UNAVAILABLE, str(reason)
        if reading.unreadable:
            # For whoever runs the program: it names nobody.
            sys.stderr.write(f"{provider}: {reading.unreadable} events cannot be read\n")
        taken = take_in(
            self.ledger, reading.events, source=provider, policy=self.policy, now=told.at
        )
        heard = len(reading.events)
        tell(What.TOLD, provider=provider, events=heard, new=taken.new)
        return HTTPStatus.OK, f"{taken.new} new"

    def _doubt(self, doubt: NotProven, network: str) -> tuple[HTTPStatus, str]:
        wait = self.limits.forged.take(network, self.clock.monotonic())
        if wait:
            return HTTPStatus.TOO_MANY_REQUESTS, f"wait {ceil(wait)} seconds"
        status = HTTPStatus.UNAUTHORIZED if doubt.is_missing else HTTPStatus.FORBIDDEN
        return status, doubt.problem


def entrances(public: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Entrance]:
    """Make the entrances of all providers that can prove who they are.

    Args:
        public: SendGrid's verification key, the topic of Amazon SES.
        secrets: those of the other providers.

    Raises:
        SettingsError: a key is none.
    """
    made: dict[str, Entrance] = {}
    if "sendgrid" in public:
        made["sendgrid"] = Entrance(SendgridSignature(public["sendgrid"]), sendgrid.read)
    if "ses" in public:
        amazon = Amazon(Topic(public["ses"]))
        made["ses"] = Entrance(amazon, amazon.read)
    known: dict[str, tuple[Callable[[str], Proof], Callable[[bytes], Reading]]] = {
        "postmark": (SharedSecret, postmark.read),
        "mailgun": (MailgunSignature, mailgun.read),
        "resend": (SvixSignature, resend.read),
        "brevo": (SharedSecret, brevo.read),
    }
    for name, secret in secrets.items():
        proof, read = known[name]
        made[name] = Entrance(proof(secret), read)
    return made


def events_app(reception: Reception, *, patience: float = PATIENCE) -> Application:
    """Serve `/events/PROVIDER`."""

    async def respond(request: Request) -> Response:
        told = Told(
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            at=reception.clock.now(),
        )
        network = network_of(
            request.client.host if request.client else "",
            request.headers.getlist("x-forwarded-for"),
            reception.proxies,
        )
        provider = request.path_params["provider"]
        try:
            status, words = await run_in_threadpool(reception.take, provider, told, network)
        except LedgerError:
            status, words = HTTPStatus.SERVICE_UNAVAILABLE, "the ledger cannot be written now"
        headers = {"WWW-Authenticate": "Basic"} if status is HTTPStatus.UNAUTHORIZED else {}
        return PlainTextResponse(f"{words}\n", status, headers=headers)

    app = Starlette(routes=[Route(_PREFIX + "{provider}", respond, methods=["POST"])])
    app.router.redirect_slashes = False
    return guarded(app, patience=patience, most=MOST_BYTES)


def with_events(pages: Application, events: Application) -> Application:
    """Serve events beside the public pages."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_event = scope["type"] == "http" and scope["path"].startswith(_PREFIX)
        await (events if is_event else pages)(scope, receive, send)

    return answer
