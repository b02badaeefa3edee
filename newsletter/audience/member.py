"""Members as the list names them."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.address import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One row of the list, whether it can be mailed or not."""

    line: int
    """Where the row begins in the file, counted from 1."""
    id: str
    """The association's own id, or the address where the list has no such column."""
    address: EmailAddress | None
    """None where what the list holds is not an address; then `fault` says why."""
    written_address: str
    """The address as the list holds it."""
    fault: str = ""
    """Why this row cannot be mailed; empty where it can."""
    attributes: Mapping[str, str]
    """Every column by its name, control characters removed; empty text where there is no value."""

    @property
    def name(self) -> str:
        """Give the display name: the column `name`, or first and last name."""
        whole = self.attributes.get("name", "")
        if whole:
            return whole
        parts = (self.attributes.get("first_name", ""), self.attributes.get("last_name", ""))
        return " ".join(part for part in parts if part)
