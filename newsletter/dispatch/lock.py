"""One run at a time for a dispatch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from newsletter.errors import TakenElsewhere


@contextmanager
def sole_run(folder: Path, dispatch: str) -> Iterator[None]:
    """Hold the lock of `dispatch`; the system lets go of it when this process dies, however.

    Raises:
        TakenElsewhere: another run of the same dispatch is alive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"dispatch-{dispatch}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as taken:
        raise TakenElsewhere(
            "another run of this dispatch is going on",
            hint="watch it with `newsletter status`",
        ) from taken
    try:
        yield
    finally:
        lock.release()
