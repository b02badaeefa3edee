"""How long before a dispatch its steps are due, and who is told of them."""

from dataclasses import dataclass

from newsletter.address import EmailAddress, parse_address
from newsletter.errors import InputError
from newsletter.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """How long before a dispatch its steps are due; 0 leaves one out."""

    remind: int = 5
    """Working days."""
    proof: int = 3
    """Working days."""
    warn: int = 24
    """Hours."""


def read_leads(table: Table) -> Leads:
    """Read how long before each step is due."""
    usual = Leads()
    return Leads(
        remind=table.number("remind_days_before", usual.remind, low=0, high=60),
        proof=table.number("proof_days_before", usual.proof, low=0, high=60),
        warn=table.number("warn_hours_before", usual.warn, low=0, high=720),
    )


def read_addresses(table: Table, key: str) -> tuple[EmailAddress, ...]:
    """Read addresses, each once."""
    found = {}
    for each in table.lines(key):
        try:
            address = parse_address(each)
        except InputError as reason:
            table.problem(key, f"holds {each!r}: {reason.problem}", reason.hint)
        else:
            found[address.key] = address
    return tuple(found.values())
