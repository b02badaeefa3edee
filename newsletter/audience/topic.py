"""Topics: what a member can opt out of one by one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of email that the society sends."""

    name: str
    """As announcements write it, such as `events`."""
    title: str
    """As members read it."""
    about: str = ""
    """One sentence for those who decide whether they want it."""
