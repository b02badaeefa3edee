"""An item: one announcement that an issue carries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One announcement that an issue carries; an issue of one announcement has one item."""

    announcement: str
    """The slug of the announcement: the same in its own mail and in every digest."""
    title: str
    announcement_hash: str = ""
    """Names the text of its file, 32 hex digits; empty where nobody knows it any more."""
    section: str = ""
    """The section of the digest in which it stands, or its own."""
    tags: tuple[str, ...] = ()
    digest: str = ""
    """The digest that assembled itself with it; empty for what an author put there."""
    flag: int | None = None
    """Which digit of a variant's key says whether the variant shows it, counted from 0; None
    where each variant does."""

    def is_in(self, variant: str) -> bool:
        """Tell whether the variant with this key shows it."""
        return self.flag is None or variant[self.flag : self.flag + 1] == "1"
