"""The log: one JSON object a line about what the program does, for machines that watch it.

It names nobody. What is told are numbers and words of our own, never what a member, a provider or
a file says; an address that came into it all the same would be cut out.
"""

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from logging.handlers import WatchedFileHandler
from typing import TextIO

from newsletter.errors import Refused

_LOGGER = logging.getLogger("newsletter")
_LOGGER.propagate = False  # what other libraries log may hold addresses; ours stays apart
_ADDRESS = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")

Fact = int | float | str | None


class What(StrEnum):
    """What may happen; `docs/operations.md` shows this list."""

    OPENED = "dispatch opened"
    BEGAN = "run began"
    SETTLED = "request settled"
    SPLIT = "request split"
    THROTTLED = "throttled"
    ENDED = "run ended"
    TURNED = "course changed"
    UNSURE = "unsure declared"
    TOLD = "events taken"
    DOUBTED = "events refused"
    ARCHIVED = "archive built"
    MISSED = "occurrence missed"
    STEP = "step done"
    PART_BEGAN = "part began"
    PART_DIED = "part died"
    PART_ENDED = "part ended"


def tell(what: What, **facts: Fact) -> None:
    """Write a line, if anybody wants a log; costs next to nothing if not."""
    if _LOGGER.handlers:
        _LOGGER.info(what, extra={"facts": facts})


def begin_log(where: str) -> Callable[[], None]:
    """Write the log to the file at `where`, at its end, or to stderr for `-`; give what ends it.

    A file that is moved away meanwhile, as logrotate does, is begun anew.

    Raises:
        Refused: the file cannot be written.
    """
    try:
        handler = _StandardError() if where == "-" else _File(where, encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"the log {where} cannot be written: {error.strerror}", hint="choose another file"
        ) from error
    handler.setFormatter(_Line())
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)

    def end() -> None:
        _LOGGER.removeHandler(handler)
        handler.close()

    return end


class _Line(logging.Formatter):
    """One record as a JSON object without a line feed."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: dict[str, Fact] = getattr(record, "facts", {})
        plain = {
            name: _ADDRESS.sub("<...>", fact) if isinstance(fact, str) else fact
            for name, fact in facts.items()
        }
        return json.dumps({"at": at, "what": record.getMessage(), **plain})


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to stderr."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        _never_mind(record)


class _File(WatchedFileHandler):
    """Writes to a file."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        _never_mind(record)


def _never_mind(record: logging.LogRecord) -> None:
    """Say that a line is lost: a full disk is no reason to stop in the middle of a request."""
    sys.stderr.write(f"the log cannot be written; lost: {record.getMessage()}\n")
