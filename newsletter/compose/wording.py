"""The words a theme brings along: labels, months and the way to write a date, by language."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.errors import Location, ThemeError

_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one language."""

    words: Mapping[str, str]
    """The labels by name, such as `unsubscribe`."""
    months: tuple[str, ...]
    date: str
    """With `{day}`, `{month}` and `{year}`."""

    def write_date(self, date: dt.date) -> str:
        """Write `date` as readers of the language do."""
        month = self.months[date.month - 1]
        return self.date.format(day=date.day, month=month, year=date.year)


def read_wordings(
    own: object, path: str, shared: Mapping[str, Mapping[str, object]]
) -> dict[str, Wording]:
    """Read the tables [lang.en], [lang.de], … of theme.toml; English is the fallback of all.

    What a theme does not say in `own` is taken from the words that all themes have in `shared`.

    Raises:
        ThemeError: English is missing, or a language is incomplete.
    """
    if not isinstance(own, dict) or not all(isinstance(table, dict) for table in own.values()):
        raise ThemeError("[lang.…] holds no words", at=Location(path), hint="copy it from a theme")
    languages = {lang: {**shared.get(lang, {}), **own.get(lang, {})} for lang in {**shared, **own}}
    if "en" not in languages:
        raise ThemeError("[lang.en] is missing", at=Location(path), hint="copy it from a theme")
    names = frozenset(languages["en"]) - {"months", "date"}
    return {lang: _wording(lang, table, names, path) for lang, table in languages.items()}


def _wording(lang: str, table: object, names: frozenset[str], path: str) -> Wording:
    if not isinstance(table, dict) or names - table.keys():
        missing = ", ".join(sorted(names - set(table if isinstance(table, dict) else ())))
        raise ThemeError(
            f"[lang.{lang}] lacks {missing or 'its words'}", at=Location(path), hint="add the words"
        )
    months, date = table.get("months"), table.get("date")
    if not isinstance(months, list) or len(months) != _MONTHS or not _is_date(date):
        raise ThemeError(
            f"[lang.{lang}] needs months, twelve of them, and date",
            at=Location(path),
            hint='write date = "{day} {month} {year}"',
        )
    words = {name: str(table[name]) for name in names}
    return Wording(words=words, months=tuple(map(str, months)), date=str(date))


def _is_date(pattern: object) -> bool:
    return isinstance(pattern, str) and not re.sub(r"\{(day|month|year)\}|[^{}]", "", pattern)
