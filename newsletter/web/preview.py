"""The preview: one announcement in the browser, as each member will get it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from watchfiles import awatch

from newsletter.web.live import Hub
from newsletter.web.sheet import Sheet

_STEP_MS, _DEBOUNCE_MS = 15, 60
"""How long the watcher collects what one save does to the disk."""

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " frame-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
)
_MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; base-uri 'none'"
)
"""What a mail program allows: styles and pictures, and no script at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the preview needs from those who know the workspace."""

    make: Callable[[str | None], Sheet]
    """Makes the sheet for a member (id or address), None for whoever comes first."""
    folders: Sequence[Path]
    """Watched with all below."""
    root: Path
    """Watched without what is below."""
    is_ours: Callable[[Path], bool] = field(default=lambda _path: True)
    """Tells whether a changed file can change the sheet."""


def preview_app(preview: Preview) -> Starlette:
    """Serve `preview` over HTTP to this machine."""
    site = _Site(preview)
    return Starlette(
        routes=[
            Route("/", site.page),
            Route("/sheet", site.sheet),
            Route("/message", site.message),
            Route("/text", site.text),
            Route("/image/{name}", site.image),
            Route("/events", site.events),
            Route("/preview.css", site.asset),
            Route("/preview.js", site.asset),
        ],
        # Another site must not read the preview by a name that it lets point here.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=site.lifespan,
    )


def page_environment() -> Environment:
    """Load the templates of the preview's pages."""
    return Environment(
        loader=PackageLoader("newsletter.web", "pages"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Site:
    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._hub = Hub()
        self._made: dict[tuple[int, str | None], Sheet] = {}
        self._making = asyncio.Lock()
        self._pages = page_environment()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Watch the files for as long as the program serves."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(self._preview.folders, stop, recursive=True))
            tasks.create_task(self._watch((self._preview.root,), stop, recursive=False))
            yield
            stop.set()
            await self._hub.close()

    async def page(self, request: Request) -> Response:
        """Serve the whole page."""
        sheet = await self._sheet(request)
        text = self._pages.get_template("preview.html.j2").render(sheet=sheet, live=True)
        return HTMLResponse(text, headers=_headers(_PAGE_POLICY))

    async def sheet(self, request: Request) -> Response:
        """Serve what changes of the page."""
        sheet = await self._sheet(request)
        text = self._pages.get_template("sheet.html.j2").render(sheet=sheet, live=True)
        return HTMLResponse(text, headers=_headers(_PAGE_POLICY))

    async def message(self, request: Request) -> Response:
        """Serve the HTML part, with its local images from here."""
        sheet = await self._sheet(request)
        return HTMLResponse(sheet.html_with("/image/"), headers=_headers(_MESSAGE_POLICY))

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
        return FileResponse(path, headers=_headers(_MESSAGE_POLICY))

    async def events(self, _request: Request) -> Response:
        """Tell the page of every new version."""
        return StreamingResponse(
            self._hub.stream(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def asset(self, request: Request) -> Response:
        """Serve the page's own style and script."""
        name = request.url.path.lstrip("/")
        text = self._pages.get_template(name).render()
        kind = "text/css" if name.endswith("css") else "text/javascript"
        return Response(text, media_type=kind, headers=_headers(_PAGE_POLICY))

    async def _sheet(self, request: Request) -> Sheet:
        member = request.query_params.get("as") or None
        async with self._making:
            key = (self._hub.version, member)
            if key not in self._made:
                sheet = await run_in_threadpool(self._preview.make, member)
                kept = {k: v for k, v in self._made.items() if k[0] == key[0]}
                # The page that asked for nobody in particular asks for its message by name.
                named = (key[0], sheet.shown.member) if sheet.shown else key
                self._made = {**kept, named: sheet, key: sheet}
            return self._made[key]

    async def _watch(self, paths: Sequence[Path], stop: asyncio.Event, *, recursive: bool) -> None:
        existing = [path for path in paths if path.exists()]
        if not existing:
            return
        async for changes in awatch(
            *existing,
            recursive=recursive,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            stop_event=stop,
            watch_filter=lambda _change, path: self._preview.is_ours(Path(path)),
        ):
            if changes:
                await self._hub.publish()


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
