"""The desk as one application: every page module gives its places, each behind the door."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsletter.web.desk import (
    announcements,
    approving,
    audience,
    calendar,
    digests,
    dispatches,
    following,
    log,
    people,
    plans,
    signing,
    start,
)
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.door import Door
from newsletter.web.desk.place import Place
from newsletter.web.desk.watched import watched
from newsletter.web.following import followed
from newsletter.web.guard import Application, dressed

_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
"""The address of a file changes when the file does."""


def places(desk: Desk) -> Sequence[Place]:
    """Give every place of the desk."""
    return (
        *start.places(desk),
        *signing.places(desk),
        *announcements.places(desk),
        *digests.places(desk),
        *audience.places(desk),
        *plans.places(desk),
        *dispatches.places(desk),
        *approving.places(desk),
        *calendar.places(desk),
        *following.places(desk),
        *people.places(desk),
        *log.places(desk),
    )


def desk_app(desk: Desk) -> Application:
    """Serve `desk` over HTTP."""

    async def static(request: Request) -> Response:
        found = desk.paper.file(request.path_params["name"])
        if found is None:
            return PlainTextResponse("there is no such file\n", 404)
        return Response(found[1], media_type=found[0], headers=_KEPT)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with followed(watched(desk), desk.hub):
            yield

    app = Starlette(
        routes=[
            *(Door(desk, place).route() for place in places(desk)),
            Route("/static/{name}", static, methods=["GET"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(desk.site.hosts))],
        lifespan=lifespan,
    )
    return dressed(app)
