"""How a provider over HTTP is reached, as the settings say: its key, its host, its pace."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.providers.host import is_https_or_this_machine
from newsletter.tables import Table

PRINTABLE = re.compile("[ -~]*")
ACCOUNT_KEYS = ("host", "timeout", "batch_size", "connections")
"""What `read_account` reads."""
_LONGEST_TIMEOUT = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How to reach a provider over HTTP."""

    key: str = field(repr=False)
    host: str
    """Its scheme, name and maybe port."""
    timeout: float = 30.0
    """Seconds to wait for each answer."""
    batch_size: int
    """Recipients in one request, at most."""
    connections: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What holds where the settings say nothing else."""

    host: str
    variable: str
    """Of the environment: holds the key."""
    variable_hint: str
    """What to do where it is not set."""
    batch_size: int
    most: int
    """What the provider takes in one request."""
    connections: int = 4


def read_account(table: Table, secrets: Mapping[str, str], usual: Usual) -> Account:
    """Read the account from `table`; what is wrong becomes a problem of the table."""
    host = table.text("host", usual.host).rstrip("/")
    if not is_https_or_this_machine(host):
        # The key goes with every request, so it never crosses a network in clear.
        table.problem(
            "host", f"cannot be {host!r}", f"write https:// and a name only, such as {usual.host}"
        )
    return Account(
        key=read_secret(table, secrets, usual.variable, hint=usual.variable_hint),
        host=host,
        timeout=table.seconds("timeout", 30.0, most=_LONGEST_TIMEOUT),
        batch_size=table.number("batch_size", usual.batch_size, low=1, high=usual.most),
        connections=table.number("connections", usual.connections, low=1, high=64),
    )


def read_secret(table: Table, secrets: Mapping[str, str], name: str, *, hint: str = "") -> str:
    """Take a secret; what is wrong with it is said without showing it.

    With a `hint` it has to be there.
    """
    value = secrets.get(name, "")
    if not PRINTABLE.fullmatch(value):
        problem = f"{name} has line breaks or other characters that no key has"
        table.fault(problem, "copy it again")
        return "unusable"
    if not value and hint:
        table.fault(f"{name} is not set", hint)
    return value
