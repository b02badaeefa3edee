"""Asking for many links at once: politely, one request at a time to a host, in bounded time."""

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsletter.check.fetch import Answer
from newsletter.clock import Clock

Ask = Callable[[str], Answer]

_PAUSE = 0.2
"""Seconds between two requests to one host."""
_HOSTS = 8
"""Hosts that are asked at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How to ask."""

    hosts: int = _HOSTS
    pause: float = _PAUSE
    longest: float = 60.0
    """Seconds for all of them; links without an answer by then are left out."""


def ask_all(
    urls: Iterable[str],
    ask: Ask,
    clock: Clock,
    *,
    manners: Manners | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> dict[str, Answer]:
    """Ask for each of `urls` once; `progress` hears of each further answer.

    A link that got no answer in time is not in the result.
    """
    manners = manners or Manners()
    hosts: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    wanted = list(dict.fromkeys(urls))
    by_host = _by_host(wanted)
    for group in by_host:
        hosts.put(group)
    answers: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()
    stop = threading.Event()
    for _ in range(min(manners.hosts, len(by_host))):
        # Daemons: a server that drips one byte a second must not keep the program from ending.
        work = _Work(hosts, answers, ask, stop, manners.pause)
        threading.Thread(target=work.run, daemon=True).start()
    found: dict[str, Answer] = {}
    deadline = clock.monotonic() + manners.longest
    try:
        while len(found) < len(wanted) and (left := deadline - clock.monotonic()) > 0:
            try:
                url, answer = answers.get(timeout=left)
            except queue.Empty:
                break
            found[url] = answer
            progress(1)
    finally:
        stop.set()
    return found


def _by_host(urls: Iterable[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for url in urls:
        groups.setdefault((urlsplit(url).hostname or "").lower(), []).append(url)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Work:
    """What one thread does: host after host, link after link."""

    hosts: "queue.SimpleQueue[list[str]]"
    answers: "queue.SimpleQueue[tuple[str, Answer]]"
    ask: Ask
    stop: threading.Event
    pause: float

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                urls = self.hosts.get_nowait()
            except queue.Empty:
                return
            for number, url in enumerate(urls):
                if number and self.stop.wait(self.pause):
                    return
                self.answers.put((url, self.ask(url)))
