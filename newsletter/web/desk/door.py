"""The door of the desk: every request passes here before a page sees it.

In this order: its host is one of ours; another site did not make the browser send it; it does not
come too often; who is asking; whether they may; only then its body, as far as its place allows;
and the token, without which nothing changes.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from http import HTTPStatus
from math import ceil
from secrets import token_urlsafe
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from newsletter.errors import InputErrors, LedgerError, NewsletterError, render_error
from newsletter.web.desk.answer import HTML, Answer
from newsletter.web.desk.asked import NOBODY, Asked, Visitor
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place
from newsletter.web.desk.saying import SAID, SAID_SECONDS, read_said, write_said
from newsletter.web.guard import Receive, Refusal, Scope, Send, read_body
from newsletter.web.limits import network_of
from newsletter.web.visit import is_foreign, read_form

_PATIENCE = 60.0
"""Seconds for a whole body: an upload over a slow line."""
_COOKIE_SECONDS = 7 * 86_400
_LONGEST_COOKIE = 100
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded")


def token_of(cookie: str) -> str:
    """Give what every form of a browser has to bring along; only the desk's own pages know it."""
    return blake2b(cookie.encode(), digest_size=24, person=b"nl-desk-form").hexdigest()


@dataclass(frozen=True, slots=True)
class Door:
    """Lets requests in to one place."""

    desk: Desk
    place: Place

    def route(self) -> Route:
        """Make the route of the place."""
        return Route(self.place.path, self, methods=[self.place.method])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        asked = self._arrive(request)
        try:
            answer = await self._answer(request, asked)
        except Refusal as refusal:
            answer = await run_in_threadpool(self._refused, asked, refusal)
        response = self._response(request, asked, answer)
        await response(scope, receive, send)

    async def _answer(self, request: Request, asked: Asked) -> Answer:
        desk, place = self.desk, self.place
        self._refuse_foreign(request)
        visitor = await run_in_threadpool(self._admitted, asked)
        self._refuse_haste(asked, is_known=visitor is not None)
        if visitor is None and place.needs is not None:
            return self._to_sign_in(asked, request)
        asked = replace(asked, who=visitor or NOBODY)
        if place.needs is not None and not asked.who.may(place.needs):
            text = f"For this one needs the right to {place.needs}; ask an admin of the desk."
            return await run_in_threadpool(
                desk.problem, asked, "This is not yours to do", text, HTTPStatus.FORBIDDEN
            )
        if place.method == "POST":
            asked = await self._with_body(request, asked)
        return await run_in_threadpool(_answered, desk, place, asked)

    def _refused(self, asked: Asked, refusal: Refusal) -> Answer:
        words = str(refusal)
        title, text = "That was not done", f"{words[:1].upper()}{words[1:]}."
        answer = self.desk.problem(asked, title, text, refusal.status)
        # What is still on its way to us belongs to no further request.
        return replace(answer, headers={"Connection": "close"})

    def _arrive(self, request: Request) -> Asked:
        cookie = request.cookies.get(self.desk.site.cookie, "")[:_LONGEST_COOKIE]
        cookie = cookie or token_urlsafe(32)
        return Asked(
            path=request.url.path,
            places={name: str(value) for name, value in request.path_params.items()},
            query=parse_qs(request.url.query, max_num_fields=100, errors="replace"),
            cookie=cookie,
            token=token_of(cookie),
            network=network_of(
                request.client.host if request.client else "",
                request.headers.getlist("x-forwarded-for"),
                self.desk.site.proxies,
            ),
            browser=request.headers.get("user-agent", ""),
            said=read_said(request.cookies.get(SAID, "")),
        )

    def _admitted(self, asked: Asked) -> Visitor | None:
        return self.desk.admit(asked.cookie)

    def _refuse_foreign(self, request: Request) -> None:
        headers = request.headers
        if self.desk.site.is_local and any(name in headers for name in _FORWARDED):
            raise Refusal(403, "start the desk with --base-url to put a web server before it")
        hosts = (headers.get("host", "").lower(), urlsplit(self.desk.site.url).netloc.lower())
        if self.place.method == "POST":
            if is_foreign(headers, hosts):
                raise Refusal(403, "another site sent this; nothing was done")
        elif headers.get("sec-fetch-site") == "cross-site" and not _is_visit(headers):
            raise Refusal(403, "pages of other sites do not get this")

    def _refuse_haste(self, asked: Asked, *, is_known: bool) -> None:
        limits, now = self.desk.limits, self.desk.clock.monotonic()
        wait = 0.0
        if not is_known:
            wait = limits.strangers.take(asked.network, now)
        else:
            wait = limits.visits.take(asked.cookie, now)
            if self.place.method == "POST":
                wait = max(wait, limits.changes.take(asked.cookie, now))
        if wait:
            raise Refusal(429, f"too often; come back in {ceil(wait)} seconds")

    def _to_sign_in(self, asked: Asked, request: Request) -> Answer:
        if self.place.method == "POST":
            raise Refusal(401, "sign in first; nothing was done")
        where = asked.path + (f"?{request.url.query}" if request.url.query else "")
        path = f"/sign-in?next={quote(where, safe='')}"
        return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": path})

    async def _with_body(self, request: Request, asked: Asked) -> Asked:
        body = await read_body(request.scope, request.receive, _PATIENCE, self.place.most)
        kind = request.headers.get("content-type", "")
        fields = read_form(kind, body)
        shown = request.headers.get("x-desk-token") or next(iter(fields.get("token", ())), "")
        if not hmac.compare_digest(shown.encode(), asked.token.encode()):
            raise Refusal(403, "this page is too old; load it again. Nothing was done")
        kind = kind.partition(";")[0].strip().lower()
        return replace(asked, fields=fields, body=body, kind=kind)

    def _response(self, request: Request, asked: Asked, answer: Answer) -> Response:
        headers = {"Content-Security-Policy": answer.policy, **answer.headers}
        response: Response
        if answer.stream is not None:
            response = StreamingResponse(answer.stream, answer.status, headers, answer.kind)
        else:
            response = Response(answer.body, answer.status, headers, answer.kind)
        self._keep(response, request, asked, answer)
        return response

    def _keep(self, response: Response, request: Request, asked: Asked, answer: Answer) -> None:
        """Let the browser keep what it has to."""
        name, cookie = self.desk.site.cookie, answer.cookie or asked.cookie
        if request.cookies.get(name) != cookie:
            self._set(response, name, cookie, _COOKIE_SECONDS)
        if answer.said:
            self._set(response, SAID, write_said(*answer.said), SAID_SECONDS)
        elif asked.said and answer.kind == HTML and answer.status == HTTPStatus.OK:
            self._set(response, SAID, "", 0)

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        secure = self.desk.site.is_secure
        # Lax, not strict: whoever follows a link in a mail to the desk is signed in there.
        response.set_cookie(
            name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure
        )


def _is_visit(headers: Mapping[str, str]) -> bool:
    """Tell whether somebody follows a link to us, as they may from any site."""
    return (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") == "document"
    )


def _answered(desk: Desk, place: Place, asked: Asked) -> Answer:
    """Let the place answer; say on a page what does not work."""
    try:
        return place.answer(asked)
    except InputErrors as found:
        text = "\n".join(render_error(each) for each in found.errors)
        return desk.problem(asked, "Something in a file is wrong", text, HTTPStatus.CONFLICT)
    except LedgerError as error:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return desk.problem(asked, "The ledger does not answer", render_error(error), status)
    except NewsletterError as error:
        text = render_error(error)
        return desk.problem(asked, "That was not done", text, HTTPStatus.CONFLICT)
