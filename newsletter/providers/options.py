"""The options of a provider as a workspace writes them, read strictly. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from newsletter.errors import InputError, InputErrors, SettingsError

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(slots=True)
class Options:
    """One `[providers.NAME]` table; every mistake in it is kept until `check`."""

    table: Mapping[str, object]
    place: str
    """Such as `[providers.smtp]`, for the mistakes."""
    _known: set[str] = field(default_factory=set)
    _errors: list[InputError] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """Read a text."""
        return self._read(name, default, str, "a text in quotes")

    def whole(self, name: str, default: int, *, most: int) -> int:
        """Read a whole number from 1 to `most`."""
        number = self._read(name, default, int, "a whole number")
        if not 1 <= number <= most:
            self.wrong(f"`{name}` is {number}", f"use a number from 1 to {most}")
        return number

    def seconds(self, name: str, default: float) -> float:
        """Read a duration in seconds, more than none."""
        value = self._read(name, default, (int, float), "a number of seconds")
        if not 0 < value < float("inf"):
            self.wrong(f"`{name}` is {value}", "use more than 0 seconds")
        return float(value)

    def choice(self, name: str, default: _Choice) -> _Choice:
        """Read one of the words of an enumeration."""
        word = self.text(name, default)
        allowed = type(default)
        try:
            return allowed(word)
        except ValueError:
            self.wrong(f"`{name}` is {word!r}", f"use one of {', '.join(allowed)}")
            return default

    def wrong(self, problem: str, hint: str) -> None:
        """Keep one more mistake."""
        self._errors.append(SettingsError(f"{self.place}: {problem}", hint=hint))

    def check(self) -> None:
        """Complain once, about everything.

        Raises:
            InputErrors: an option is unknown or has a value it cannot have.
        """
        for name in self.table:
            if name not in self._known:
                hint = closest(name, self._known)
                self._errors.append(SettingsError(f"{self.place}: no option {name!r}", hint=hint))
        if self._errors:
            raise InputErrors(self._errors)

    def _read(
        self, name: str, default: "_Value", kind: type | tuple[type, ...], what: str
    ) -> "_Value":
        self._known.add(name)
        value = self.table.get(name, default)
        # True is an int to Python; to whoever wrote the settings it is not.
        if isinstance(value, kind) and not isinstance(value, bool):
            return value  # type: ignore[return-value] # `kind` is the type of `default`
        self.wrong(f"`{name}` is {value!r}", f"write {what}")
        return default


_Value = TypeVar("_Value", str, int, float)


def closest(name: str, known: set[str]) -> str:
    """Suggest what may have been meant by `name`, or list all that is `known`."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(sorted(known))}"
