"""The people of the desk: who may do what, and where they are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.address import parse_address
from newsletter.errors import InputError, Refused
from newsletter.ledger.colleagues import (
    Colleague,
    add_colleague,
    colleagues_of,
    find_colleague,
    give_roles,
    set_password,
    take_off,
)
from newsletter.ledger.roles import Right, Role
from newsletter.ledger.sessions import end_sessions, sessions_of
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.workspace.passwords import hash_password

WHAT_ROLES_DO = {
    Role.AUTHOR: "writes announcements, sends proofs, asks for approval",
    Role.APPROVER: "agrees to a dispatch or refuses it",
    Role.SENDER: "opens dispatches, pauses them, settles what is unsure",
    Role.ADMIN: "says who may do what, and reads the log",
}


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _People(desk)
    return (
        page("/people", pages.show, Right.MANAGE),
        button("/people/add", pages.add, Right.MANAGE),
        button("/people/{number:int}/roles", pages.roles, Right.MANAGE),
        button("/people/{number:int}/remove", pages.remove, Right.MANAGE),
        button("/people/{number:int}/sign-out", pages.sign_out, Right.MANAGE),
    )


@dataclass(frozen=True, slots=True)
class _People:
    desk: Desk

    def show(self, asked: Asked) -> Answer:
        """List the people and where they are signed in."""
        ledger = self.desk.open().ledger
        found = sessions_of(ledger, self.desk.clock.now())
        people = colleagues_of(ledger)
        return self.desk.page(
            asked,
            "people.html.j2",
            people=people,
            sessions={p.number: [s for s in found if s.colleague == p.number] for p in people},
            roles=WHAT_ROLES_DO,
        )

    def add(self, asked: Asked) -> Answer:
        """Take somebody on."""
        try:
            address = parse_address(asked.one("address").strip())
        except InputError as error:
            return go_to("/people", f"{error.problem}. {error.hint}", "bad")
        ledger, first = self.desk.open().ledger, not colleagues_of(self.desk.open().ledger)
        roles = _roles(asked)
        if first and Role.ADMIN not in roles:
            raise Refused(
                "the first one has to be an admin: from then on the desk lets in nobody else",
                hint="tick admin",
            )
        hashed = self._hashed(asked, is_first=first)
        who = add_colleague(ledger, address, asked.one("name"), roles, self.desk.author(asked))
        if hashed:
            set_password(ledger, who, hashed, self.desk.author(asked))
        said = f"{who.name} can sign in now, with {'the password' if hashed else 'a link by mail'}."
        return go_to("/sign-in" if first else "/people", said)

    def _hashed(self, asked: Asked, *, is_first: bool) -> str:
        """Hash the password that was chosen; empty where none was."""
        password = asked.one("password")
        if not password and is_first and self.desk.open().secrets.links_key is None:
            raise Refused(
                "links by mail need NEWSLETTER_SECRET, so you could not sign in again",
                hint="choose a password",
            )
        return hash_password(password) if password else ""

    def roles(self, asked: Asked) -> Answer:
        """Change what somebody is."""
        who = self._who(asked)
        give_roles(self.desk.open().ledger, who, _roles(asked), self.desk.author(asked))
        return go_to("/people", f"{who.name} has other roles now.")

    def remove(self, asked: Asked) -> Answer:
        """Let somebody in no more."""
        who = self._who(asked)
        take_off(self.desk.open().ledger, who, self.desk.author(asked))
        return go_to("/people", f"{who.name} is signed out everywhere and cannot come back.")

    def sign_out(self, asked: Asked) -> Answer:
        """Sign somebody out everywhere."""
        who = self._who(asked)
        end_sessions(self.desk.open().ledger, who, self.desk.author(asked))
        return go_to("/people", f"{who.name} is signed out everywhere.")

    def _who(self, asked: Asked) -> Colleague:
        who = find_colleague(self.desk.open().ledger, number=int(asked.places["number"]))
        if who is None:
            raise Refused("there is nobody of this number", hint="load the page again")
        return who


def _roles(asked: Asked) -> list[Role]:
    return [role for role in Role if role.value in asked.all("role")]
