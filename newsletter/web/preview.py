"""The preview: one announcement in the browser, as each member will get it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter.web.following import Following, followed
from newsletter.web.live import Hub
from newsletter.web.sheet import Scheme, Sheet

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " frame-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""No script and no form; links open beside the preview, and nothing of it goes with them."""
_MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; base-uri 'none';"
    f" form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
)
"""What a mail program allows: styles and pictures, and no script at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the preview needs from those who know the workspace."""

    make: Callable[[str | None], Sheet]
    """Makes the sheet for a member (id or address), None for whoever comes first."""
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
            Route("/image/{name}", site.image),
            Route("/events", site.events),
            Route("/preview.css", site.asset),
            Route("/preview.js", site.asset),
            Route("/favicon.ico", _no_icon),
        ],
        # Another site must not read the preview by a name that it lets point here.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=site.lifespan,
    )


def page_environment() -> Environment:
    """Load the templates of the preview's pages."""
    environment = Environment(
        loader=PackageLoader("newsletter.web", "pages"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["sandbox"] = SANDBOX
    return environment


class _Site:
    def __init__(self, preview: Preview, hub: Hub) -> None:
        self._preview = preview
        self._hub = hub
        self._made: dict[tuple[str, str | None], Sheet] = {}
        self._making = asyncio.Lock()
        self._pages = page_environment()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Watch the files for as long as the program serves."""
        async with followed(self._preview.following, self._hub):
            yield

    async def page(self, request: Request) -> Response:
        """Serve the whole page; an open one takes from it what changed."""
        version = self._hub.version
        sheet = await self._sheet(request)
        text = self._pages.get_template("preview.html.j2").render(
            sheet=sheet, live=True, version=version
        )
        return HTMLResponse(text, headers=_headers(_PAGE_POLICY))

    async def message(self, request: Request) -> Response:
        """Serve the HTML part, with its local images from here."""
        sheet = await self._sheet(request)
        scheme: Scheme = "dark" if request.query_params.get("scheme") == "dark" else "light"
        html = sheet.html_for(scheme, "/image/")
        return HTMLResponse(html, headers=_headers(_MESSAGE_POLICY))

    async def text(self, request: Request) -> Response:
        """Serve the plain-text part."""
        sheet = await self._sheet(request)
        text = sheet.message.text if sheet.message else ""
        return Response(text, media_type="text/plain", headers=_headers(_MESSAGE_POLICY))

    async def image(self, request: Request) -> Response:
        """Serve a local image of the announcement."""
        path = (await self._sheet(request)).image(request.path_params["name"])
        if path is None or not path.is_file():
            return Response("no such image\n", status_code=404)
        # Its name is that of its content: the next save need not load it again.
        headers = {
            **_headers(_MESSAGE_POLICY),
            "Cache-Control": "private, max-age=86400, immutable",
        }
        return FileResponse(path, headers=headers)

    async def events(self, _request: Request) -> Response:
        """Tell the page of every new version."""
        return StreamingResponse(
            self._hub.stream(), media_type="text/event-stream", headers=_headers(_PAGE_POLICY)
        )

    async def asset(self, request: Request) -> Response:
        """Serve the page's own style and script."""
        name = request.url.path.lstrip("/")
        text = self._pages.get_template(name).render()
        kind = "text/css" if name.endswith("css") else "text/javascript"
        return Response(text, media_type=kind, headers=_headers(_PAGE_POLICY))

    async def _sheet(self, request: Request) -> Sheet:
        member = request.query_params.get("as", "").strip() or None
        async with self._making:
            key = (self._hub.version, member)
            if key not in self._made:
                sheet = await run_in_threadpool(self._preview.make, member)
                kept = {k: v for k, v in self._made.items() if k[0] == key[0]}
                # The page that asked for nobody in particular asks for its message by name.
                named = (key[0], sheet.shown.member or None) if sheet.shown else key
                self._made = {**kept, named: sheet, key: sheet}
            return self._made[key]


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
