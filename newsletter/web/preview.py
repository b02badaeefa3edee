"""The preview: one announcement in the browser, as each member will get it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter.web.desk.answer import PAGE_POLICY
from newsletter.web.desk.paper import Paper
from newsletter.web.following import Following, followed
from newsletter.web.live import Hub
from newsletter.web.sheet import Sheet
from newsletter.web.showing import MESSAGE_POLICY, SANDBOX, Showing, View, read_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the preview needs from those who know the workspace."""

    showing: Showing
    following: Following
    """The files that the sheet is made of."""


def preview_app(preview: Preview, hub: Hub) -> Starlette:
    """Serve `preview` over HTTP to this machine; `hub` tells open pages of changes."""
    site = _Site(preview, hub)
    return Starlette(
        routes=[
            Route("/", site.page),
            Route("/message", site.message),
            Route("/text", site.text),
            Route("/people", site.people),
            Route("/events", site.events),
            Route("/static/{name}", site.static),
            Route("/favicon.ico", _no_icon),
        ],
        # Another site must not read the preview by a name that it lets point here.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=site.lifespan,
    )


def write_page(paper: Paper, sheet: Sheet, *, version: str, base: str) -> str:
    """Write the page of a sheet; without a `version` of the files it stands alone as a file."""
    values = {
        "sheet": sheet,
        "live": bool(version),
        "version": version,
        "base": base,
        "sandbox": SANDBOX,
        "address": paper.address if version else str,
    }
    return paper.write("preview.html.j2", values)


class _Site:
    def __init__(self, preview: Preview, hub: Hub) -> None:
        self._preview = preview
        self._hub = hub
        self._paper = Paper()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Watch the files for as long as the program serves."""
        async with followed(self._preview.following, self._hub):
            yield

    async def page(self, request: Request) -> Response:
        """Serve the whole page; an open one takes from it what changed."""
        version, view = self._hub.version, read_view(request.query_params)
        showing = self._preview.showing

        def write() -> str:
            return write_page(
                self._paper, showing.sheet(version, view.member), version=version, base="/"
            )

        return HTMLResponse(await run_in_threadpool(write), headers=_headers(PAGE_POLICY))

    async def message(self, request: Request) -> Response:
        """Serve the HTML part, with its local images in it."""
        html = await self._shown(request, self._preview.showing.message)
        return HTMLResponse(html, headers=_headers(MESSAGE_POLICY))

    async def text(self, request: Request) -> Response:
        """Serve the plain-text part."""
        text = await self._shown(request, self._preview.showing.text)
        return Response(text, media_type="text/plain", headers=_headers(MESSAGE_POLICY))

    async def people(self, request: Request) -> Response:
        """Find members while a name is typed."""
        typed = request.query_params.get("q", "")
        found = await run_in_threadpool(self._preview.showing.people, typed)
        return JSONResponse(found, headers=_headers(PAGE_POLICY))

    async def events(self, _request: Request) -> Response:
        """Tell the page of every new version."""
        return StreamingResponse(
            self._hub.stream(), media_type="text/event-stream", headers=_headers(PAGE_POLICY)
        )

    async def static(self, request: Request) -> Response:
        """Serve the page's own styles and scripts."""
        found = self._paper.file(request.path_params["name"])
        if found is None:
            return Response("no such file\n", status_code=404)
        return Response(found[1], media_type=found[0], headers=_headers(PAGE_POLICY))

    async def _shown(self, request: Request, show: Callable[[str, View], str]) -> str:
        return await run_in_threadpool(show, self._hub.version, read_view(request.query_params))


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
