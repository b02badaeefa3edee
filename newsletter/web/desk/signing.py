"""Signing in and out: with a password, with a link by mail, with OpenID Connect; and `/me`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from secrets import token_urlsafe

from newsletter.address import EmailAddress, parse_address
from newsletter.errors import InputError, Refused
from newsletter.ledger.colleagues import Colleague, bind_subject, find_colleague, set_password
from newsletter.ledger.decisions import Author
from newsletter.ledger.letters import Letter, find_letter
from newsletter.ledger.roles import Right
from newsletter.ledger.sessions import begin_session, end_session, use_pass
from newsletter.message.token import ForgedToken, verify
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.oidc import Issuer
from newsletter.web.desk.place import Place, button, page
from newsletter.workspace.letters import Addressee, Text
from newsletter.workspace.passwords import SHORTEST, hash_password, is_right

SIGN_IN = "desk-sign-in"
"""The kind of the letter."""
_PROMPTLY = timedelta(minutes=15)
_WRONG = "That address and that password do not belong together."


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Signing(desk)
    return (
        page("/sign-in", pages.show, None),
        button("/sign-in", pages.with_password, None),
        button("/sign-in/mail", pages.send_link, None),
        page("/sign-in/link/{token}", pages.show_link, None),
        button("/sign-in/link/{token}", pages.with_link, None),
        page("/sign-in/with", pages.to_issuer, None),
        page("/sign-in/back", pages.from_issuer, None),
        button("/sign-out", pages.out, Right.LOOK),
        page("/me", pages.me),
        button("/me/password", pages.change, Right.LOOK),
    )


@dataclass(frozen=True, slots=True)
class _Signing:
    desk: Desk

    def show(self, asked: Asked) -> Answer:
        """Show the form."""
        if asked.who.name:
            return go_to("/")
        return self._form(asked, asked.ask("next"))

    def with_password(self, asked: Asked) -> Answer:
        """Let somebody in by address and password."""
        self._wait(asked)
        address, ledger = _address(asked), self.desk.open().ledger
        who = find_colleague(ledger, key=address.key) if address else None
        if not is_right(who.password if who else "", asked.one("password")) or who is None:
            return self._form(asked, asked.one("next"), _WRONG)
        return self.let_in(asked, who, asked.one("next"))

    def send_link(self, asked: Asked) -> Answer:
        """Send a link to who works here; say the same to everybody."""
        self._wait(asked)
        address = _address(asked)
        if address is None:
            return self._form(asked, asked.one("next"), "That is not an address.")
        who = find_colleague(self.desk.open().ledger, key=address.key)
        if who is not None:
            self._post(who)
        return self.desk.page(
            asked,
            "alone.html.j2",
            title="Look into your mail",
            text="If somebody with this address works at this desk, a link is on its way there."
            " It works once, and for 15 minutes.",
        )

    def show_link(self, asked: Asked) -> Answer:
        """Ask once more: programs that scan mail follow every link in it."""
        letter = self._letter(asked)
        if letter is None:
            return self._late(asked)
        return self.desk.page(
            asked, "enter.html.j2", title="Welcome back", action=asked.path, button="Sign in"
        )

    def with_link(self, asked: Asked) -> Answer:
        """Let somebody in by the link of a letter, once."""
        self._wait(asked)
        letter, ledger, now = self._letter(asked), self.desk.open().ledger, self.desk.clock.now()
        if letter is None or not use_pass(ledger, asked.places["token"], now):
            return self._late(asked)
        who = find_colleague(ledger, number=int(letter.values["colleague"]))
        return self.let_in(asked, who, "/") if who else self._late(asked)

    def to_issuer(self, asked: Asked) -> Answer:
        """Send the browser to whoever proves who somebody is."""
        now = self.desk.clock.now().timestamp()
        where = self._issuer().begin(asked.cookie, _ours(asked.ask("next")), now)
        return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": where})

    def from_issuer(self, asked: Asked) -> Answer:
        """Let in whom the issuer proves, if they work here."""
        ledger, now = self.desk.open().ledger, self.desk.clock.now()
        query = {name: values[0] for name, values in asked.query.items()}
        proven, where = self._issuer().finish(asked.cookie, query, now.timestamp())
        who = find_colleague(ledger, subject=proven.subject)
        if who is None and proven.address:
            who = find_colleague(ledger, key=parse_address(proven.address).key)
            if who is not None:
                bind_subject(ledger, who, proven.subject, Author(who.name, now))
        if who is None:
            raise Refused("nobody of that account works at this desk", hint="ask an admin of it")
        return self.let_in(asked, who, where)

    def let_in(self, asked: Asked, who: Colleague, where: str) -> Answer:
        """Begin a session with a new cookie, and go where they wanted to go."""
        cookie, now = token_urlsafe(32), self.desk.clock.now()
        ledger = self.desk.open().ledger
        end_session(ledger, asked.cookie)
        begin_session(ledger, who, cookie, browser=asked.browser, now=now)
        answer = go_to(_ours(where))
        return replace(answer, cookie=cookie)

    def out(self, asked: Asked) -> Answer:
        """Sign this browser out."""
        end_session(self.desk.open().ledger, asked.cookie)
        return replace(go_to("/sign-in", "You are signed out."), cookie=token_urlsafe(32))

    def me(self, asked: Asked, problem: str = "") -> Answer:
        """Show somebody their own page."""
        who = self._me(asked)
        if who is None:
            return go_to("/")
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return self.desk.page(
            asked, "me.html.j2", colleague=who, problem=problem, shortest=SHORTEST, status=status
        )

    def change(self, asked: Asked) -> Answer:
        """Change one's own password; other browsers have to sign in anew."""
        self._wait(asked)
        who, ledger = self._me(asked), self.desk.open().ledger
        if who is None:
            return go_to("/")
        if who.password and not is_right(who.password, asked.one("old")):
            return self.me(asked, "That is not your present password.")
        try:
            hashed = hash_password(asked.one("password"))
        except Refused as refusal:
            return self.me(asked, f"{refusal.problem[:1].upper()}{refusal.problem[1:]}.")
        set_password(ledger, who, hashed, self.desk.author(asked))
        answer = self.let_in(asked, who, "/me")
        words = "Your password is changed; other browsers have to sign in anew."
        return replace(answer, said=("good", words))

    # --- behind the pages ------------------------------------------------------------------------

    def _me(self, asked: Asked) -> Colleague | None:
        number = asked.who.colleague
        return find_colleague(self.desk.open().ledger, number=number) if number else None

    def _form(self, asked: Asked, where: str, problem: str = "") -> Answer:
        workspace = self.desk.open()
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return self.desk.page(
            asked,
            "sign-in.html.j2",
            status=status,
            next=_ours(where),
            address=asked.one("address"),
            problem=problem,
            has_mail=workspace.secrets.links_key is not None,
            issuer=workspace.settings.desk.issuer_name if workspace.settings.desk.issuer else "",
        )

    def _issuer(self) -> Issuer:
        workspace = self.desk.open()
        wanted = workspace.settings.desk
        if not wanted.issuer:
            raise Refused(
                "nobody signs in like that here", hint="use a password, or a link by mail"
            )
        return Issuer(
            url=wanted.issuer,
            client=wanted.client,
            secret=workspace.secrets.oidc,
            back=f"{self.desk.site.url}/sign-in/back",
        )

    def _wait(self, asked: Asked) -> None:
        """Let nobody try passwords one after another.

        Raises:
            Refused: they tried too often.
        """
        now, entries = self.desk.clock.monotonic(), self.desk.limits.entries
        keys = (f"at {asked.network}" if asked.network else "", asked.one("address").lower()[:200])
        wait = max((entries.take(key, now) for key in keys if key), default=0.0)
        if wait:
            raise Refused(f"that was tried too often; come back in {ceil(wait)} seconds")

    def _post(self, who: Colleague) -> None:
        brand = self.desk.open().settings.brand
        text = Text(
            kind=SIGN_IN,
            lang="en",
            subject=f"Sign in to the desk of {brand.short_name}",
            lines=(
                "This opens the desk. It works once, and for 15 minutes.",
                "If you did not ask for it, do nothing: nobody gets in without this link.",
            ),
            button="Sign in",
            page="sign-in/link",
            site=self.desk.site.url,
        )
        self.desk.post(text, Addressee(address=who.address, values={"colleague": str(who.number)}))

    def _letter(self, asked: Asked) -> Letter | None:
        workspace, now = self.desk.open(), self.desk.clock.now()
        try:
            ref, position = verify(workspace.secrets.links_keys, asked.places["token"])
        except ForgedToken:
            return None
        found = find_letter(workspace.ledger, ref, position)
        is_ours = found is not None and found.kind == SIGN_IN and now - found.opened < _PROMPTLY
        return found if is_ours else None

    def _late(self, asked: Asked) -> Answer:
        return self.desk.page(
            asked,
            "alone.html.j2",
            status=HTTPStatus.GONE,
            title="This link does not work any more",
            text="It works once, and for 15 minutes. Ask for a new one.",
            link=("Sign in", "/sign-in"),
        )


def _address(asked: Asked) -> EmailAddress | None:
    try:
        return parse_address(asked.one("address").strip())
    except InputError:
        return None


def _ours(where: str) -> str:
    """Give a path of the desk; the first page for whatever else somebody wrote into a link."""
    is_path = where.startswith("/") and not where.startswith(("//", "/\\", "/sign-in"))
    return where if is_path and where.isprintable() else "/"
