"""The errors of the package, each with its problem and a hint for a person.

::

    NewsletterError
    ├── InputError                     what somebody wrote is wrong, at a place in a file
    │   ├── AnnouncementError
    │   ├── ThemeError
    │   ├── AudienceError              members, segments, rules
    │   └── SettingsError              newsletter.toml, the environment
    ├── InputErrors                    every problem of one reading, together
    ├── LedgerError                    the database cannot be read or written
    │   └── LedgerLost                 the connection to it broke
    ├── Refused                        the program will not do that; nothing was sent
    │   ├── HeldBack                   a dispatch may not be sent now
    │   └── TakenElsewhere             somebody else does it already
    └── ProviderError                  one request to a carrier went wrong
        ├── Rejected                   never accepted; trying again is useless
        ├── NotAccepted                surely not sent; may be tried again
        │   ├── Throttled              the same, after a wait
        │   └── LeaseLost              the same, but somebody else may have it by now
        ├── AccessRefused              it refuses us, whatever the message
        └── OutcomeUnknown             may have been sent; nobody can know from here

*Surely not sent* and *may have been sent* must never look alike: one means a retry, the other
means that a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file, shown as editors and compilers show it."""

    path: str
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1, in characters."""

    def __str__(self) -> str:
        """Join what is known by colons."""
        known = [str(part) for part in (self.line, self.column) if part is not None]
        return ":".join([self.path, *known])


class NewsletterError(Exception):
    """Something a person has to know of, said so that they can act on it."""

    def __init__(self, problem: str, *, hint: str = "") -> None:
        """Keep the `problem` and the `hint`, which begins with a verb."""
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        """Show the problem alone; `render_error` adds place and hint."""
        return self.problem


class InputError(NewsletterError):
    """Something that somebody wrote cannot be used as it is."""

    def __init__(self, problem: str, *, at: Location | None = None, hint: str = "") -> None:
        """Keep where it stands beside what is wrong."""
        super().__init__(problem, hint=hint)
        self.at = at

    def __str__(self) -> str:
        """Show place and problem in one line."""
        return f"{self.at}: {self.problem}" if self.at else self.problem


class AnnouncementError(InputError):
    """The announcement cannot be read or composed."""


class ThemeError(InputError):
    """The theme is missing or its templates are wrong."""


class AudienceError(InputError):
    """The members, a segment or a rule are wrong."""


class SettingsError(InputError):
    """The settings of the workspace or of the environment are wrong."""


class InputErrors(NewsletterError):
    """Every problem found in one reading, so that nobody mends them one run at a time."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        """Keep the `errors` in the order of their places."""
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class LedgerError(NewsletterError):
    """The ledger cannot be read or written, so nothing may be sent."""


class LedgerLost(LedgerError):
    """The database went away; what was not committed is not kept, and it may come back."""


class Refused(NewsletterError):
    """The program will not do what was asked; nothing was sent."""


class HeldBack(Refused):
    """The dispatch may not be sent now, because somebody or its terms say so."""


class TakenElsewhere(Refused):
    """Somebody else, maybe on another machine, does just that: there is nothing to do here."""


class ProviderError(NewsletterError):
    """One request to a provider went wrong."""


class Rejected(ProviderError):
    """The provider will never accept this request."""


class NotAccepted(ProviderError):
    """The request was surely not accepted; trying again is safe."""


class Throttled(NotAccepted):
    """The provider asks for a pause first."""

    def __init__(self, problem: str, *, retry_after: float | None = None, hint: str = "") -> None:
        """Keep how long to wait: `retry_after` in seconds, None where it was not said."""
        super().__init__(problem, hint=hint)
        self.retry_after = retry_after


class LeaseLost(NotAccepted):
    """The worker was away for longer than its lease, so nothing may leave from here any more."""


class AccessRefused(ProviderError):
    """The provider refuses us (key, plan, sender), so the whole dispatch has to stop."""


class OutcomeUnknown(ProviderError):
    """The provider may have the request; only its events or a person can tell."""


def render_error(error: NewsletterError) -> str:
    """Write `error` for a person: `place: problem`, then the hint on a line of its own."""
    if isinstance(error, InputErrors):
        return "\n".join(render_error(each) for each in error.errors)
    is_placed = isinstance(error, InputError) and error.at is not None
    lines = [str(error) if is_placed else f"error: {error}"]
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)
