"""Asking SpamAssassin, where it is installed. The only place that starts `spamc`."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_TIMEOUT = 30.0
"""Seconds; a message takes a third of one, and the daemon may be starting."""
_SCORE = re.compile(rb"^(-?\d+(?:\.\d+)?)/(-?\d+(?:\.\d+)?)\s*$", re.MULTILINE)
_RULE = re.compile(r"^\s*(-?\d+\.\d+|-?\d+)\s+([A-Z][A-Z0-9_]+)\s", re.MULTILINE)
_LARGEST = 2_000_000
"""Bytes; `spamc` passes over what is larger than its `-s`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What SpamAssassin thinks of a message."""

    score: float
    rules: tuple[tuple[str, float], ...]
    """The rules that spoke against it, with their points, the worst first."""


def spamc_command(host: str = "", port: str = "") -> tuple[str, ...]:
    """Give the command that asks the daemon at `host` and `port`, or at those of its own settings.

    Empty where SpamAssassin is not installed.
    """
    path = shutil.which("spamc")
    if path is None:
        return ()
    return (path, *(("-d", host, "-p", port) if host else ()))


def score_message(message: bytes, command: Sequence[str]) -> Verdict | None:
    """Let `command` (the path of `spamc`, with options) judge a complete message.

    None where it gives no answer: the daemon does not run, or is too slow.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the path is that of spamc; the message is its input
            [*command, "-R", "-x", "--connect-retries=1", "-s", str(_LARGEST)],
            input=message,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_report(done.stdout)


def read_report(report: bytes) -> Verdict | None:
    """Read what `spamc -R` writes: the score and the threshold, then the rules; else None."""
    found = _SCORE.search(report)
    if not found or (found[1], found[2]) == (b"0", b"0"):  # what it says instead of "no answer"
        return None
    text = report.decode("utf-8", "replace")
    rules = [(name, float(points)) for points, name in _RULE.findall(text) if float(points) > 0]
    return Verdict(float(found[1]), tuple(sorted(rules, key=lambda rule: -rule[1])))
