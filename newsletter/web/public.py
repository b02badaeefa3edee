"""The public pages over HTTP: leaving, choosing, coming back, signing up."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsletter.compose.colour import text_on
from newsletter.errors import LedgerError
from newsletter.web.confirming import Confirming
from newsletter.web.guard import PATIENCE, Application, guarded
from newsletter.web.house import House
from newsletter.web.joining import Doors
from newsletter.web.limits import Networks, network_of
from newsletter.web.logo import Logo
from newsletter.web.page import Page
from newsletter.web.past import HEADERS, PastPages
from newsletter.web.visit import Visit, is_foreign, is_one_click, read_form
from newsletter.web.wishes import WishPages

Answer = Callable[[str, Visit], Page]
"""Answers a visit to a page; the text is the token of its path, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How the pages are reached and what they show besides words."""

    house: House
    doors: Doors
    hosts: tuple[str, ...] = ()
    """Under which the society's web server is known."""
    proxies: Networks = ()
    logos: Mapping[str, Logo] = field(default_factory=dict)
    archive: PastPages | None = None
    """Past issues, where they are read below these pages."""


def public_app(site: Site, *, patience: float = PATIENCE) -> Application:
    """Serve the pages of `site` over HTTP; a whole request may take `patience` seconds."""
    desk, wishes, doors = _Desk(site), WishPages(site.house), site.doors
    confirming = Confirming(site.house, doors.takes_sign_ups)
    routes = [
        desk.route("/u/{token}", GET=wishes.ask, POST=wishes.leave),
        desk.route("/p/{token}", GET=wishes.preferences, POST=wishes.save),
        desk.route("/s/{token}", POST=wishes.come_back),
        desk.route("/t/{token}", POST=wishes.drop),
        desk.route("/me", GET=doors.ask_link, POST=doors.send_link),
        desk.route("/join", GET=doors.ask_in, POST=doors.sign_up),
        desk.route("/c/{token}", GET=confirming.ask, POST=confirming.confirm),
        Route("/public.css", desk.style, methods=["GET"]),
        *(Route(f"/{name}", desk.logo, methods=["GET"]) for name in site.logos),
        Route("/health", desk.health, methods=["GET"]),
    ]
    if site.archive:
        past = _Past(site.archive, desk)
        routes += [
            Route(site.archive.path, past.enter, methods=["GET"]),
            Route(f"{site.archive.path}/{{rest:path}}", past.file, methods=["GET"]),
        ]
    app = Starlette(
        routes=routes,
        exception_handlers={404: desk.not_found, 405: desk.not_done},
    )
    app.router.redirect_slashes = False  # RFC 8058 section 3.1: no redirect
    return guarded(app, patience=patience)


class _Desk:
    """Turns requests into visits, and pages into responses."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._house = site.house
        self._environment = Environment(
            loader=PackageLoader("newsletter.web", "pages"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def route(self, path: str, **answers: Answer) -> Route:
        """Answer `path` with pages, by method."""
        return Route(path, self._page(answers), methods=list(answers))

    def _page(self, answers: Mapping[str, Answer]) -> Callable[[Request], Awaitable[Response]]:
        """Answer with a page, away from the event loop."""

        async def respond(request: Request) -> Response:
            visit = await self._visit(request)
            answer = answers["GET" if request.method == "HEAD" else request.method]
            try:
                token = request.path_params.get("token", "")
                page = await run_in_threadpool(answer, token, visit)
            except LedgerError:
                page = self._house.failed(visit)
            return self._response(request, page)

        return respond

    async def style(self, _request: Request) -> Response:
        """Serve the style in the society's colours."""
        brand = self._house.brand
        text = self._environment.get_template("public.css.j2").render(
            brand=brand,
            body_font=brand.body_font,
            heading_font=brand.heading_font,
            on_accent=text_on(brand.accent),
            on_accent_dark=text_on(brand.accent_dark),
        )
        return Response(text, media_type="text/css", headers=_KEPT)

    async def logo(self, request: Request) -> Response:
        """Serve the society's logo."""
        logo = self._site.logos[request.url.path.strip("/")]
        return Response(logo.content, media_type=logo.kind, headers=_KEPT)

    async def health(self, _request: Request) -> Response:
        """Say that the program answers."""
        return PlainTextResponse("ok\n")

    async def not_found(self, request: Request, _error: Exception) -> Response:
        """Say the same as for a forged link."""
        return self._response(request, self._house.not_ours(await self._visit(request)))

    async def not_done(self, _request: Request, error: Exception) -> Response:
        """Refuse a method that no link of ours needs."""
        allowed = error.headers if isinstance(error, HTTPException) else None
        return PlainTextResponse("not done\n", HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed)

    async def _visit(self, request: Request) -> Visit:
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Visit(
            accepted=headers.get("accept-language", ""),
            network=network_of(
                request.client.host if request.client else "",
                request.headers.getlist("x-forwarded-for"),
                self._site.proxies,
            ),
            fields=read_form(headers.get("content-type", ""), body),
            is_one_click=is_one_click(body),
            is_foreign=is_foreign(headers, _hosts(headers, self._site.hosts)),
        )

    def _response(self, request: Request, page: Page) -> Response:
        text = self._environment.get_template("public.html.j2").render(
            brand=self._house.brand,
            page=page,
            logos=self._site.logos,
            up="../" * min(max(request.url.path.count("/") - 1, 0), _DEEPEST),
        )
        headers = {"Content-Language": page.speech.lang}
        if page.wait:
            headers["Retry-After"] = str(ceil(page.wait))
        return HTMLResponse(text, status_code=page.status, headers=headers)


class _Past:
    """Serves the archive."""

    def __init__(self, pages: PastPages, desk: _Desk) -> None:
        self._pages, self._desk = pages, desk

    async def enter(self, request: Request) -> Response:
        """Lead into the folder, from the address without its slash."""
        return _into(request.url.path)

    async def file(self, request: Request) -> Response:
        """Serve a file; who has it already is told so."""
        rest = request.path_params["rest"]
        found = await run_in_threadpool(self._pages.find, rest)
        if found is None:
            if await run_in_threadpool(self._pages.is_folder, rest):
                return _into(rest)
            return await self._desk.not_found(request, HTTPException(HTTPStatus.NOT_FOUND))
        headers = {**HEADERS, "etag": found.mark}
        known = request.headers.get("if-none-match", "")
        if found.mark in (each.strip().removeprefix("W/") for each in known.split(",")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(found.content, headers={**headers, "content-type": found.kind})


def _into(path: str) -> Response:
    """Lead to the same folder with a slash, whatever a web server before us put before it."""
    last = path.rpartition("/")[2]
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers={"location": f"{last}/"})


_KEPT = {"Cache-Control": "max-age=300"}
_DEEPEST = 8
"""Folders that a page knows itself to lie in: no page of ours lies deeper than one."""


def _hosts(headers: Mapping[str, str], known: Sequence[str]) -> tuple[str, ...]:
    return (*known, headers.get("host", "").lower())
