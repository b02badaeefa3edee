"""Delivering a dispatch: claim a request, call the provider, settle; again until nothing is left.

The attempt is committed before the provider is called and the outcome after. A run that dies in
between leaves its requests `sending`, which is the truth; the next run declares their deliveries
unsure. Nothing here ever tries again what may have been sent.
"""

import gc
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from newsletter.dispatch.claims import Lane
from newsletter.dispatch.driver import Driver
from newsletter.dispatch.run import Run
from newsletter.dispatch.telling import word_for
from newsletter.ledger.claiming import pending_requests
from newsletter.log import What, tell


def deliver(run: Run) -> None:
    """Drive every pending request of the dispatch until none is left or the brake is on.

    Raises:
        LedgerError: the ledger failed; nothing that it does not know of was sent.
    """
    pending = pending_requests(run.ledger, run.dispatch)
    tell(What.BEGAN, dispatch=run.dispatch, requests=len(pending), workers=run.workers)
    lanes = cut_lanes(pending, run.workers)
    with _long_lived_apart(), ThreadPoolExecutor(max_workers=max(1, len(lanes))) as pool:
        workers = [pool.submit(_work, run, lane) for lane in lanes]
    tell(What.ENDED, dispatch=run.dispatch, why=word_for(run.brake.reason))
    for worker in workers:
        worker.result()


def drive(run: Run, lane: Lane) -> None:
    """Drive the requests of `lane`, one after the other, until none is left or the brake is on.

    This is the one way to send, by whomever it is called.

    Raises:
        LedgerError: the ledger failed; nothing that it does not know of was sent.
    """
    _work(run, lane)


def cut_lanes(requests: Sequence[int], workers: int) -> tuple[Lane, ...]:
    """Cut `requests` into at most `workers` runs of neighbours, as even as can be."""
    count = max(1, min(workers, len(requests)))
    edges = [len(requests) * edge // count for edge in range(count + 1)]
    return tuple(requests[a:b] for a, b in itertools.pairwise(edges) if a < b)


@contextmanager
def _long_lived_apart() -> Iterator[None]:
    """Keep what lives on out of the search for garbage: a twelfth of the work goes into that."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _work(run: Run, lane: Lane) -> None:
    try:
        provider = run.provider()
        try:
            Driver(run, lane, provider).drive()
        finally:
            provider.close()
    except BaseException:
        # Whatever it was, the others must not go on while somebody reads about it.
        run.brake.pull()
        raise
