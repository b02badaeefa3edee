"""One round: everything is looked at side by side, and nothing may take too long."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from newsletter.clock import Clock
from newsletter.doctor.opinion import Opinion, unknown
from newsletter.errors import NewsletterError


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at."""

    subject: str
    run: Callable[[], Iterable[Opinion]]


def go_round(
    looks: Iterable[Look], clock: Clock, patience: float
) -> Iterator[tuple[Look, tuple[Opinion, ...]]]:
    """Give what is said of each, as it comes; what takes longer than `patience` is not known."""
    answers: queue.Queue[tuple[Look, tuple[Opinion, ...]]] = queue.Queue()
    waiting = {each.subject: each for each in looks}
    for each in waiting.values():
        # Who hangs must not keep the program from ending.
        threading.Thread(target=_look, args=(each, answers), daemon=True).start()
    ends = clock.monotonic() + patience
    while waiting:
        try:
            look, opinions = answers.get(timeout=max(0.0, ends - clock.monotonic()))
        except queue.Empty:
            break
        del waiting[look.subject]
        yield look, opinions
    for look in waiting.values():
        yield look, (unknown(look.subject, f"no answer within {patience:.0f} seconds"),)


def _look(look: Look, answers: "queue.Queue[tuple[Look, tuple[Opinion, ...]]]") -> None:
    try:
        opinions = tuple(look.run())
    except NewsletterError as error:
        opinions = (unknown(look.subject, str(error)),)
    except Exception as fault:  # noqa: BLE001 - one that breaks must not take the others along
        opinions = (unknown(look.subject, f"looking at it broke off ({type(fault).__name__})"),)
    answers.put((look, opinions))
