"""The keys that matter to digests, understood from what stands in the header."""

import datetime as dt
import re

from newsletter.address import parse_address
from newsletter.announcement.dates import read_date
from newsletter.announcement.fields import one_line
from newsletter.announcement.header import Entry, Header, split_names
from newsletter.announcement.pooled import USUAL, Owner, Pooled
from newsletter.errors import InputError

_LEAST = 9
_PRIORITIES = {"high": 2, "normal": USUAL, "low": 8}
_OWNER = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>]+)>")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_NOWHERE = ("no", "none", "never", "false")
_MOST_WORDS = 10_000


def pooled(header: Header) -> Pooled:
    """Understand what stands in `header`; what is wrong is noted there."""
    return Pooled(
        owner=_owner(header),
        deadline=_day(header, "deadline"),
        expires=_day(header, "expires"),
        priority=_priority(header),
        words=_words(header),
        is_repeated=_flag(header, "repeat"),
        digests=_digests(header),
    )


def tags(header: Header) -> tuple[str, ...]:
    """List what it is about, each once."""
    return tuple(dict.fromkeys(each.text for each in split_names(_line(header, "tags"))))


def _line(header: Header, key: str) -> Entry:
    text = one_line(header, key)
    return Entry(text, header.entries[key].at) if text else Entry("", header.whole)


def _owner(header: Header) -> Owner | None:
    line = _line(header, "owner")
    if not line.text:
        return None
    found = _OWNER.fullmatch(line.text)
    bare = line.text if "@" in line.text and " " not in line.text else ""
    address = found["address"].strip() if found else bare
    name = found["name"].strip(" \"'") if found else line.text
    if not address:
        return Owner(name)
    try:
        return Owner(name or address, parse_address(address))
    except InputError as reason:
        hint = "write owner: Jane Doe <jane@example.org>"
        header.refuse(f"the owner's address cannot be used: {reason.problem}", line.at, hint)
        return Owner(name)


def _day(header: Header, key: str) -> dt.date | None:
    line = _line(header, key)
    found = read_date(line.text) if line.text else None
    if line.text and found is None:
        header.refuse(f"{line.text!r} is not a date", line.at, f"write {key}: 2027-03-15")
    return found


def _priority(header: Header) -> int:
    line = _line(header, "priority")
    said = line.text.lower()
    if not said:
        return USUAL
    if said in _PRIORITIES:
        return _PRIORITIES[said]
    if said.isascii() and said.isdigit() and 1 <= int(said) <= _LEAST:
        return int(said)
    hint = "write high, normal, low, or a number from 1 (first) to 9"
    header.refuse(f"{line.text!r} is no priority", line.at, hint)
    return USUAL


def _words(header: Header) -> int | None:
    line = _line(header, "words")
    said = line.text.removesuffix(" words")
    if not said:
        return None
    if said.isascii() and said.isdigit() and 0 < int(said[:6]) <= _MOST_WORDS:
        return int(said)
    header.refuse(f"{line.text!r} is no number of words", line.at, "write words: 250")
    return None


def _flag(header: Header, key: str) -> bool:
    line = _line(header, key)
    said = line.text.lower()
    if said and said not in ("true", "yes", "on", "false", "no", "off"):
        header.refuse(f"{line.text!r} is neither yes nor no", line.at, f"write {key}: yes")
    return said in ("true", "yes", "on")


def _digests(header: Header) -> tuple[str, ...] | None:
    line = _line(header, "digest")
    if not line.text:
        return None
    if line.text.lower() in _NOWHERE:
        return ()
    names = split_names(line)
    for each in names:
        if not _NAME.fullmatch(each.text):
            hint = "name one of [digests] in newsletter.toml, or write no"
            header.refuse(f"{each.text!r} cannot be a digest", each.at, hint)
    return tuple(dict.fromkeys(each.text for each in names))
