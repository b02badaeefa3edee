"""The options of a provider as a workspace writes them, read strictly. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from newsletter.errors import InputError, InputErrors, SettingsError
from newsletter.suggest import did_you_mean

_Choice = TypeVar("_Choice", bound=StrEnum)
_LONGEST_SECONDS = 3600


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
        value = self._value(name, default)
        if isinstance(value, str):
            return value
        self.wrong(f"`{name}` is {value!r}", "write a text in quotes")
        return default

    def whole(self, name: str, default: int, *, most: int) -> int:
        """Read a whole number from 1 to `most`."""
        value = self._value(name, default)
        # True is an int to Python; to whoever wrote the settings it is not.
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.wrong(f"`{name}` is {value!r}", f"write a whole number from 1 to {most}")
        return default

    def seconds(self, name: str, default: float) -> float:
        """Read a duration in seconds, more than none."""
        value = self._value(name, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 < float(str(value)) <= _LONGEST_SECONDS:
            return float(str(value))
        self.wrong(
            f"`{name}` is {value!r}", f"write seconds, more than 0, {_LONGEST_SECONDS} at most"
        )
        return default

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

    def _value(self, name: str, default: object) -> object:
        self._known.add(name)
        return self.table.get(name, default)


def closest(name: str, known: set[str]) -> str:
    """Suggest what may have been meant by `name`, or list all that is `known`."""
    return did_you_mean(name, sorted(known), otherwise=f"use one of {', '.join(sorted(known))}")
