"""One run at a time for a dispatch, and one at a time of whatever else must not meet itself."""

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


@contextmanager
def in_turn(folder: Path, name: str, *, patience: float) -> Iterator[None]:
    """Hold the lock `name`, waiting for whoever has it, for so many seconds at most.

    Raises:
        TakenElsewhere: somebody holds it for longer.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{name}.lock", timeout=patience):
            yield
    except Timeout as taken:
        raise TakenElsewhere(
            f"somebody else has held {name}.lock for more than {patience:g} seconds",
            hint="look what else runs in this workspace, and try again",
        ) from taken
