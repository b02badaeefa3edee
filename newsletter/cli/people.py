"""`newsletter people`: who works at the desk."""

from typing import TYPE_CHECKING

import click

from newsletter.cli.lazy import LazyGroup, Listed

if TYPE_CHECKING:
    from newsletter.ledger.colleagues import Colleague
    from newsletter.workspace.workspace import Workspace

LISTED = {
    "add": Listed("people_add", "Let somebody in to the desk."),
    "list": Listed("people_list", "Show who works at the desk."),
    "role": Listed("people_role", "Change what somebody may do."),
    "password": Listed("people_password", "Give somebody a password."),
    "remove": Listed("people_remove", "Let somebody in no more."),
}


@click.group(
    "people", cls=LazyGroup, listed=LISTED, short_help="Say who works at the desk, and as what."
)
def command() -> None:
    """Say who works at the desk, and as what: author, approver, sender, admin.

    As long as there is nobody, the desk asks for nothing and is for this machine alone.
    """


def find_one(workspace: "Workspace", address: str) -> "Colleague":
    """Find who has an address.

    Raises:
        Refused: nobody has it.
    """
    from newsletter.address import parse_address
    from newsletter.errors import Refused
    from newsletter.ledger.colleagues import find_colleague

    found = find_colleague(workspace.ledger, key=parse_address(address).key)
    if found is None:
        raise Refused(
            "nobody of this address works at the desk", hint="see `newsletter people list`"
        )
    return found
