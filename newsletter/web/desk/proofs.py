"""Proofs: the email sent to oneself or to reviewers, through the identical path."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.address import EmailAddress, parse_address
from newsletter.dispatch.deliver import deliver
from newsletter.errors import InputError, NewsletterError, Refused
from newsletter.ledger.dispatches import Dispatch, balance_of, remarks_of
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.previews import Previews
from newsletter.web.desk.reviews import reviewing
from newsletter.web.desk.shelf import Shelf, composed, home
from newsletter.workspace.images import show_in_outbox
from newsletter.workspace.prepare import prepare
from newsletter.workspace.proof import open_proof_of, stand_in
from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up
from newsletter.workspace.secrets import HOW_TO_MAKE_A_KEY
from newsletter.workspace.workspace import Workspace

_MOST = 20
"""Addresses at once: more is a dispatch."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """Sends proofs."""

    shelf: Shelf
    previews: Previews

    def places(self) -> Sequence[Place]:
        """Give the places."""
        at = "/announcements/{name}/proof"
        return (
            page(at, composed(self.shelf, self.show), Right.WRITE),
            button(at, composed(self.shelf, self.send), Right.WRITE),
        )

    def show(self, asked: Asked, name: str) -> Answer:
        """Show the form, and the review links that still work."""
        return self._form(asked, name)

    def send(self, asked: Asked, name: str) -> Answer:
        """Send one proof to each address."""
        try:
            addresses = _addresses(asked.one("to"))
        except InputError as problem:
            return self._form(asked, name, error=f"{problem.problem}. {problem.hint}".rstrip(". "))
        try:
            told = self._send(name, addresses, asked.one("as").strip() or None)
        except NewsletterError as problem:
            return self._form(asked, name, error=_all_of(problem))
        number = f"to {len(addresses)} {'address' if len(addresses) == 1 else 'addresses'}"
        self.shelf.desk.note(asked, "sent proof", name, number)
        return go_to(f"{home(name)}/proof", told)

    def _send(self, name: str, addresses: Sequence[EmailAddress], member: str | None) -> str:
        opened = self.shelf.desk.open()
        if opened.secrets.links_key is None:
            raise Refused(
                "NEWSLETTER_SECRET is not set, and unsubscribe links are signed with it",
                hint=HOW_TO_MAKE_A_KEY,
            )
        plan = prepare(opened, self.shelf.task(name)).plan
        chosen = stand_in(opened, plan, member)
        through = opened.settings.provider
        show_in_outbox(opened.provider(through), plan)
        for address in addresses:
            dispatch = open_proof_of(opened, plan, chosen, address=address, provider=through)
            _deliver(opened, dispatch, address)
        whose = chosen.name or chosen.member_id
        where = " Look into the folder outbox." if through == "outbox" else ""
        return f"Sent to {', '.join(map(str, addresses))}, with the values of {whose}.{where}"

    def _form(self, asked: Asked, name: str, error: str = "") -> Answer:
        opened = self.shelf.desk.open()
        has_key = opened.secrets.links_key is not None
        now = self.shelf.desk.clock.now()
        return self.shelf.desk.page(
            asked,
            "proof.html.j2",
            status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
            error=error,
            to=asked.one("to") or asked.who.address,
            member=asked.one("as") or asked.ask("as"),
            provider=opened.settings.provider,
            has_key=has_key,
            links=reviewing(opened).of(name, now) if has_key else (),
            url=self.shelf.desk.site.url,
            zone=opened.settings.brand.time_zone or "UTC",
            **self.previews.values(asked, name),
        )


def _deliver(opened: Workspace, dispatch: Dispatch, address: EmailAddress) -> None:
    """Deliver a proof.

    Raises:
        Refused: it was not accepted.
    """
    brake = brake_of(opened)
    with sole_run_of(opened, dispatch):
        take_up(opened, dispatch)
        deliver(run_of(opened, dispatch, brake, Listener()))
    balance = balance_of(opened.ledger, dispatch)
    if not balance.accepted:
        notes = [each.note for each in remarks_of(opened.ledger, dispatch) if each.note]
        why = brake.reason.problem if brake.reason else "; ".join(notes) or "nobody knows why"
        raise Refused(f"{address} was not sent to: {why}", hint="look at the settings")


def _addresses(text: str) -> tuple[EmailAddress, ...]:
    """Read addresses apart by commas, semicolons or white space, each once.

    Raises:
        InputError: one is none, or there are none, or too many.
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not words:
        raise InputError("nobody is named", hint="write an address, or several with commas")
    found_ = tuple(dict.fromkeys(parse_address(word) for word in words))
    if len(found_) > _MOST:
        raise InputError(f"a proof goes to {_MOST} people at most", hint="send them a review link")
    return found_


def _all_of(problem: NewsletterError) -> str:
    return f"{problem}. {problem.hint}".rstrip(". ")
