"""Passwords of the staff: Argon2id, with the parameters of RFC 9106 (its second choice)."""

from newsletter.errors import Refused

SHORTEST, LONGEST = 12, 200
"""Characters; NIST SP 800-63B asks for length and for nothing else."""


def hash_password(password: str) -> str:
    """Give what the ledger keeps of a password.

    Raises:
        Refused: it is too short, or so long that hashing it would be work for an attacker's sake.
    """
    from argon2 import PasswordHasher

    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(
            f"a password has {SHORTEST} to {LONGEST} characters",
            hint="take four words that do not belong together",
        )
    return PasswordHasher().hash(password)


def is_right(hashed: str, password: str) -> bool:
    """Tell whether a password is the one; takes as long where there is none."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        PasswordHasher().verify(hashed or _NOBODYS, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(hashed)


_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$bmV3c2xldHRlci1ub2JvZHk$"
    "XCjXmyzXX3bNxWHJzYzkCDQG6iJrLzjcYcYr4qZLWTM"
)
"""Of no password that anybody knows."""
