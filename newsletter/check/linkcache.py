"""What links answered before, kept in a file: the same are not asked twice a day."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from newsletter.check.fetch import Answer

_FRESH = dt.timedelta(hours=24)
"""A good answer holds for this long; a bad one is asked for again."""
_GOOD = range(200, 300)


def read_known(path: Path, now: dt.datetime) -> dict[str, Answer]:
    """Read the good answers of `path` that are fresh at `now`; what is no cache is none."""
    known: dict[str, Answer] = {}
    for url, (status, asked) in _entries(path).items():
        if dt.timedelta(0) <= now - asked < _FRESH:
            known[url] = Answer(status=status)
    return known


def keep_known(path: Path, answers: Mapping[str, Answer], now: dt.datetime) -> None:
    """Add the good ones of `answers`, given at `now`; those that are stale go.

    That the file cannot be written is no reason to fail: links are asked for again.
    """
    kept = {
        url: {"status": status, "asked": asked.isoformat()}
        for url, (status, asked) in _entries(path).items()
        if now - asked < _FRESH
    }
    for url in _good(answers):
        kept[url] = {"status": answers[url].status, "asked": now.isoformat()}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(kept, file, indent=1, sort_keys=True)
        Path(file.name).replace(path)


def _good(answers: Mapping[str, Answer]) -> Iterable[str]:
    return (url for url, answer in answers.items() if answer.status in _GOOD)


def _entries(path: Path) -> dict[str, tuple[int, dt.datetime]]:
    entries: dict[str, tuple[int, dt.datetime]] = {}
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        for url, entry in json.loads(path.read_text(encoding="utf-8")).items():
            asked = dt.datetime.fromisoformat(entry["asked"])
            if asked.tzinfo:
                entries[str(url)] = int(entry["status"]), asked
    return entries
