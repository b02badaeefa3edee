"""The words of the public pages, in the language of whoever reads them."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from newsletter.compose.calendar import write_date
from newsletter.compose.language import direction_of
from newsletter.compose.wording import Words, read_wordings

_ACCEPTED = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d*)?))?"
)
_LONGEST = 500
"""Characters of Accept-Language that are read: browsers send fewer than 100."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What a page says, in one language."""

    lang: str
    words: Words

    @property
    def dir(self) -> str:
        """Tell the direction of writing: `ltr` or `rtl`."""
        return direction_of(self.lang)

    def say(self, key: str, **values: str) -> str:
        """Give a sentence with its values filled in."""
        return self.words[key].format(**values)

    def day(self, date: dt.date) -> str:
        """Write a day: `12 March 2026`."""
        return write_date(date, self.lang)


@dataclass(frozen=True, slots=True)
class Speeches:
    """The languages that the pages know."""

    wordings: Mapping[str, Words]
    otherwise: str
    """The society's own language."""

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """List the languages as their speakers call them, by tag."""
        return tuple((tag, words["language"]) for tag, words in self.wordings.items())

    def choose(self, wished: str, accepted: str) -> Speech:
        """Take the language that a member asked for, else the browser's, else the society's.

        Args:
            wished: a BCP 47 tag, or empty.
            accepted: what the header Accept-Language says.
        """
        asked = (wished, *_ranked(accepted[:_LONGEST]), self.otherwise)
        tag = next(filter(None, map(self.known, asked)), "en")
        return Speech(tag, self.wordings[tag])

    def known(self, tag: str) -> str:
        """Give the nearest tag that there are words for (RFC 4647 section 3.4), or nothing."""
        tag = tag.lower()
        while tag and tag not in self.wordings:
            tag = tag.rpartition("-")[0]
        return tag


def read_speeches(otherwise: str) -> Speeches:
    """Read the words that come with the program."""
    text = files("newsletter.web").joinpath("pages/words.toml").read_text(encoding="utf-8")
    return Speeches(read_wordings(tomllib.loads(text)["lang"], "words.toml", {}), otherwise)


def _ranked(accepted: str) -> Iterable[str]:
    """List the tags of Accept-Language, the most welcome first (RFC 9110 section 12.5.4)."""
    found = [_ACCEPTED.fullmatch(each.rstrip()) for each in accepted.split(",")]
    ranked = [(float(each[2] or 1), each[1]) for each in found if each]
    return [tag for quality, tag in sorted(ranked, key=lambda pair: -pair[0]) if quality > 0]
