"""What the carrier saw, written before it answers; and how far it is, for whoever kills.

Each line is a kind and the position of a delivery: `taken`, or `doubt` where it leaves the sender
without an honest answer; or `cut` and the first position of a request that was broken off; or
`away`, and from when to when. A line that was begun is finished: the carrier is never killed.
"""

import mmap
import os
import struct
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fates import LEAVES_IN_DOUBT, TAKES, Fate

_PULSE = struct.Struct("<q")


class Journal:
    """The carrier's side."""

    def __init__(self, folder: Path) -> None:
        """Write into `folder`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(folder / "journal", flags, 0o600)
        (folder / "pulse").write_bytes(_PULSE.pack(0))
        with (folder / "pulse").open("r+b") as stream:
            self._pulse = mmap.mmap(stream.fileno(), _PULSE.size)
        self._lock = threading.Lock()
        self._times: Counter[str] = Counter()
        self.beats = 0

    def time_of(self, what: str) -> int:
        """Count how often `what` came, this time included."""
        with self._lock:
            self._times[what] += 1
            return self._times[what]

    def write(self, fate: Fate, positions: Iterable[int]) -> None:
        """Write down what became of deliveries."""
        kinds = ["taken"] * (fate in TAKES) + ["doubt"] * (fate in LEAVES_IN_DOUBT)
        lines = "".join(f"{kind} {position}\n" for position in positions for kind in kinds)
        self._write(f"fate {fate.name}\n{lines}")

    def cut(self, position: int) -> None:
        """Write down that the request that begins with a delivery was broken off."""
        self._write(f"fate {Fate.CUT.name}\ncut {position}\n")

    def away(self, began: float, ended: float) -> None:
        """Write down that nobody was here, in seconds since 1970."""
        self._write(f"away {began} {ended}\n")

    def _write(self, lines: str) -> None:
        os.write(self._file, lines.encode())
        with self._lock:
            self.beats += 1
            _PULSE.pack_into(self._pulse, 0, self.beats)


class Pulse:
    """How many requests or messages the carrier has dealt with, read from another process."""

    def __init__(self, folder: Path) -> None:
        """Read from `folder`."""
        with (folder / "pulse").open("rb") as stream:
            self._pulse = mmap.mmap(stream.fileno(), _PULSE.size, access=mmap.ACCESS_READ)

    @property
    def beats(self) -> int:
        """Tell the number now."""
        (found,) = _PULSE.unpack_from(self._pulse, 0)
        return int(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that the carrier saw."""

    taken: Counter[int]
    """How often it took each delivery."""
    doubtful: frozenset[int]
    """Deliveries that it once left without an honest answer."""
    cut: frozenset[int]
    """The first deliveries of requests that it once broke off."""
    away: tuple[tuple[float, float], ...]
    """When it was away, in seconds since 1970: what was on its way then it has never seen."""
    fates: Counter[str]


def read_journal(folder: Path) -> Seen:
    """Read what the carrier wrote so far."""
    taken: Counter[int] = Counter()
    doubtful, cut = set(), set()
    away = []
    fates: Counter[str] = Counter()
    for line in (folder / "journal").read_text().splitlines():
        kind, _, what = line.partition(" ")
        if kind == "taken":
            taken[int(what)] += 1
        elif kind == "doubt":
            doubtful.add(int(what))
        elif kind == "cut":
            cut.add(int(what))
        elif kind == "away":
            began, _, ended = what.partition(" ")
            away.append((float(began), float(ended)))
        else:
            fates[what] += 1
    return Seen(
        taken=taken,
        doubtful=frozenset(doubtful),
        cut=frozenset(cut),
        away=tuple(away),
        fates=fates,
    )
