"""What colleagues may do at the desk: roles, and the rights that each gives."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is for the society; one person may be several."""

    AUTHOR = "author"
    APPROVER = "approver"
    SENDER = "sender"
    ADMIN = "admin"


class Right(StrEnum):
    """What somebody may do."""

    LOOK = "look"
    """See every page, and nothing more."""
    WRITE = "write"
    """Write announcements, save segments, send proofs, ask for approval."""
    APPROVE = "approve"
    SEND = "send"
    """Open a dispatch, hold it, settle what is unsure."""
    MANAGE = "manage"
    """Say who may do what; see the log of all."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.AUTHOR: frozenset({Right.LOOK, Right.WRITE}),
    Role.APPROVER: frozenset({Right.LOOK, Right.APPROVE}),
    Role.SENDER: frozenset({Right.LOOK, Right.SEND}),
    Role.ADMIN: frozenset({Right.LOOK, Right.MANAGE}),
}
"""Roles add up. Nobody approves or sends just because they are an admin."""


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Add up what `roles` allow."""
    return frozenset[Right]().union(*(RIGHTS[role] for role in roles))
