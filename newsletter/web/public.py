"""The public pages: leaving, and coming back, by the signed link of an email.

RFC 8058: a POST to the link unsubscribes at once, without a redirect, a cookie or a question; a
GET changes nothing, because programs that scan mail follow every link in it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.clock import Clock
from newsletter.compose.brand import Brand
from newsletter.compose.colour import text_on
from newsletter.errors import LedgerError
from newsletter.ledger.consent import come_back, leave
from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import person_of
from newsletter.ledger.suppressions import suppression_of
from newsletter.message.token import ForgedToken, verify

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that can be done on a page."""

    label: str
    action: str
    """Seen from the page: the society may serve it below any path of its site."""
    look: str = "strong"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says."""

    title: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    contact: str = ""
    """An address to write to."""
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPages:
    """Answers the links of emails."""

    ledger: Ledger
    brand: Brand
    keys: tuple[bytes, ...] = field(repr=False)
    """The one that signs now first; older ones, so that the links of old emails go on working."""
    contact: str
    """The address of the people who answer for the list."""
    clock: Clock

    def ask(self, token: str) -> Page:
        """Ask before leaving; nothing changes."""
        person = self._person(token)
        if person is None:
            return self.not_ours()
        return Page(
            f"Unsubscribe from {self.brand.short_name}?",
            (f"{masked(person.address_key)} will get no more email from this list.",),
            (Button("Unsubscribe", f"../u/{token}"),),
        )

    def leave(self, token: str) -> Page:
        """Unsubscribe at once."""
        person = self._person(token)
        if person is None:
            return self.not_ours()
        words = f"Unsubscribe from {self.brand.short_name}?"
        how = Circumstance(source="link", words=words, at=self.clock.now())
        leave(self.ledger, person, how)
        again = Button("Subscribe again", f"../s/{token}", "quiet")
        return Page(
            "You are unsubscribed",
            (
                f"{masked(person.address_key)} will get no more email from {self.brand.name}.",
                "What is on its way already may still arrive.",
            ),
            (again,) if self._may_return(person) else (),
        )

    def preferences(self, token: str) -> Page:
        """Show how the member stands."""
        person = self._person(token)
        if person is None:
            return self.not_ours()
        if suppression_of(self.ledger, person) is None:
            return Page(
                "Your email preferences",
                (f"{masked(person.address_key)} gets the email of {self.brand.name}.",),
                (Button("Unsubscribe", f"../u/{token}", "quiet"),),
            )
        if self._may_return(person):
            return Page(
                "Your email preferences",
                (f"{masked(person.address_key)} gets no email from {self.brand.name}.",),
                (Button("Subscribe again", f"../s/{token}"),),
            )
        return self._not_by_link(person)

    def come_back(self, token: str) -> Page:
        """Take an unsubscription back."""
        person = self._person(token)
        if person is None:
            return self.not_ours()
        how = Circumstance(source="link", words="Subscribe again", at=self.clock.now())
        if not come_back(self.ledger, person, how):
            return self._not_by_link(person, HTTPStatus.FORBIDDEN)
        return Page(
            "Welcome back",
            (f"{masked(person.address_key)} gets the email of {self.brand.name} again.",),
        )

    def _may_return(self, person: Person) -> bool:
        return suppression_of(self.ledger, person) is SuppressionReason.UNSUBSCRIBED

    def _not_by_link(self, person: Person, status: HTTPStatus = HTTPStatus.OK) -> Page:
        # A bounce or a complaint is for a person to judge, not for whoever has the link.
        return Page(
            "Please write to us",
            (f"{masked(person.address_key)} gets no email from us, and no link can change that.",),
            contact=self.contact,
            status=status,
        )

    def not_ours(self) -> Page:
        """Say that a link does not work."""
        # The same words whatever is wrong: nobody learns here who is on the list.
        return Page(
            "This link does not work",
            ("It was cut off, or it is not one of ours. Open it straight from the email.",),
            contact=self.contact,
            status=HTTPStatus.NOT_FOUND,
        )

    def _person(self, token: str) -> Person | None:
        try:
            dispatch, delivery = verify(self.keys, token)
        except ForgedToken:
            return None
        return person_of(self.ledger, dispatch, delivery)


def public_app(pages: PublicPages) -> Starlette:
    """Serve `pages` over HTTP."""
    site = _Site(pages)
    app = Starlette(
        routes=[
            Route("/u/{token}", site.page(pages.ask), methods=["GET"]),
            Route("/u/{token}", site.page(pages.leave), methods=["POST"]),
            Route("/p/{token}", site.page(pages.preferences), methods=["GET"]),
            Route("/s/{token}", site.page(pages.come_back), methods=["POST"]),
            Route("/public.css", site.style, methods=["GET"]),
            Route("/health", site.health, methods=["GET"]),
        ],
        exception_handlers={404: site.not_found, 405: site.not_done},
    )
    app.router.redirect_slashes = False  # RFC 8058 section 3.1: no redirect
    return app


class _Site:
    """Turns pages into responses."""

    def __init__(self, pages: PublicPages) -> None:
        self._pages = pages
        self._brand = pages.brand
        self._environment = Environment(
            loader=PackageLoader("newsletter.web", "pages"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"]),
            trim_blocks=True,
        )

    def page(self, answer: Callable[[str], Page]) -> Callable[[Request], Awaitable[Response]]:
        """Answer a request for the token in its path, away from the event loop."""

        async def respond(request: Request) -> Response:
            try:
                page = await run_in_threadpool(answer, request.path_params["token"])
            except LedgerError:
                page = Page(
                    "That did not work just now",
                    ("Nothing was changed. Please try again in a few minutes.",),
                    status=HTTPStatus.SERVICE_UNAVAILABLE,
                )
            return self._response(page)

        return respond

    async def style(self, _request: Request) -> Response:
        """Serve the style in the society's colours."""
        brand = self._brand
        text = self._environment.get_template("public.css.j2").render(
            brand=brand,
            body_font=brand.body_font,
            heading_font=brand.heading_font,
            on_accent=text_on(brand.accent),
            on_accent_dark=text_on(brand.accent_dark),
        )
        headers = {**_HEADERS, "Cache-Control": "max-age=300"}
        return Response(text, media_type="text/css", headers=headers)

    async def health(self, _request: Request) -> Response:
        """Say that the program answers."""
        return PlainTextResponse("ok\n", headers=_HEADERS)

    async def not_found(self, _request: Request, _error: Exception) -> Response:
        """Say the same as for a forged link."""
        return self._response(self._pages.not_ours())

    async def not_done(self, _request: Request, _error: Exception) -> Response:
        """Refuse a method that no link of ours needs."""
        return PlainTextResponse("not done\n", HTTPStatus.METHOD_NOT_ALLOWED, headers=_HEADERS)

    def _response(self, page: Page) -> Response:
        text = self._environment.get_template("public.html.j2").render(brand=self._brand, page=page)
        return HTMLResponse(text, status_code=page.status, headers=_HEADERS)


def masked(address: str) -> str:
    """Show of an address what its owner knows it by, and nobody else can write to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
