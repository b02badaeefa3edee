"""The exit codes of the program, for scripts."""

from enum import IntEnum


class Exit(IntEnum):
    """What a code means; `docs/commands.md` shows this list."""

    DONE = 0
    """All went well."""
    NOT_ALL_SENT = 1
    """The dispatch ended with rejected deliveries, or a check found errors."""
    USAGE = 2
    """The command line cannot be understood."""
    INPUT = 3
    """A file or a setting is wrong; nothing was sent."""
    UNSURE = 4
    """Some deliveries may have been sent; a person has to decide."""
    STOPPED = 5
    """The dispatch was stopped or broke off; run it again to go on."""
    REFUSED = 6
    """The program will not do that, or the ledger failed; nothing more was sent."""
    GAVE_UP = 7
    """A part of `newsletter run` died again and again; start the program anew."""
