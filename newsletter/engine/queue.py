"""The door to Procrastinate: lanes in a queue of the ledger's own PostgreSQL database.

A job names a lane and nothing else. It may run twice, late or never: the ledger lets every
request be claimed once, and the sweeper puts back whatever is not final. So the queue needs to
keep no promise but to be quick.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import ColumnElement, Connection, func, select

from newsletter.engine.lanes import Lane, lanes_up_to
from newsletter.errors import LedgerError, LedgerLost
from newsletter.ledger.database import Ledger
from newsletter.ledger.schema import requests

_QUEUE, _TASK = "lanes", "newsletter.drive"
_ONE_PREPARES = 0x6E71
"""A number of our own among PostgreSQL's advisory locks."""

_TICK = 0.2
"""Seconds until a stop is seen."""

Drive = Callable[[Lane], None]


def prepare_queue(ledger: Ledger) -> None:
    """Make the tables of the queue, where there are none.

    Raises:
        LedgerError: the ledger is no PostgreSQL database, or it cannot be written.
    """
    if not ledger.is_shared:
        raise LedgerError(
            "workers need a ledger on a PostgreSQL server",
            hint="set NEWSLETTER_LEDGER, or `url` of [ledger], to a postgresql+psycopg:// URL",
        )
    with ledger.write() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_ONE_PREPARES)))
        if connection.scalar(select(func.to_regclass("procrastinate_jobs"))) is None:
            app = App(connector=SyncPsycopgConnector())
            driver = connection.connection.driver_connection
            if driver is None:
                raise LedgerError("the connection to the ledger was lost")
            # As it stands, without parameters: it is full of percent signs.
            driver.execute(app.schema_manager.get_schema().encode())


def _job(lane: Lane) -> Job:
    return Job(
        queue=_QUEUE,
        lock=lane.name,
        queueing_lock=lane.name,
        task_name=_TASK,
        task_kwargs={"dispatch": lane.dispatch, "lane": lane.number},
    )


def put_in(connection: Connection, dispatch: int) -> None:
    """Put the lanes of a new dispatch into the queue, in the transaction that opens it."""
    last = connection.scalar(select(func.max(requests.c.number)).where(_is_of(dispatch)))
    jobs = [_job(lane) for lane in lanes_up_to(dispatch, last or 0)]
    if jobs:
        manager = App(connector=SyncPsycopgConnector()).job_manager
        manager.batch_defer_jobs(jobs, connection=connection.connection.driver_connection)


def _is_of(dispatch: int) -> ColumnElement[bool]:
    return requests.c.dispatch == dispatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a worker does, and how often."""

    drive: Drive
    """Called in a thread for each lane."""
    sweep: Callable[[], Iterable[Lane]]
    """Called every now and then in a thread; gives the lanes that have to stand in the queue."""
    lanes_at_once: int
    stops_when_idle: bool = False
    """For tests and benchmarks."""
    stop: threading.Event | None = None
    """Ends it when it is set; None where signals do."""
    ending: Callable[[], None] = lambda: None
    """Hears that it was set."""
    stalled: float = 20.0
    """Seconds without a sign of life after which a worker is taken for dead."""

    @property
    def every(self) -> float:
        """Give the seconds between two signs of life, and between two sweeps."""
        return self.stalled / 4


async def work(ledger: Ledger, shift: Shift) -> None:
    """Take lanes from the queue until somebody stops this process.

    Raises:
        LedgerLost: the database went away; call it again once it is back.
    """
    url = ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name=_TASK, queue=_QUEUE)
    def drive(dispatch: int, lane: int) -> None:
        shift.drive(Lane(dispatch, lane))

    try:
        async with app.open_async():
            sweeper = asyncio.create_task(_sweep(app, shift))
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=[_QUEUE],
                    concurrency=shift.lanes_at_once,
                    wait=not shift.stops_when_idle,
                    update_heartbeat_interval=shift.every,
                    stalled_worker_timeout=shift.stalled,
                    delete_jobs="always",
                    install_signal_handlers=shift.stop is None,
                )
            )
            try:
                await _until_stopped(worker, shift)
            finally:
                sweeper.cancel()
    except ConnectorException as error:
        raise LedgerLost("the database of the queue went away") from error


async def _until_stopped(worker: asyncio.Task[None], shift: Shift) -> None:
    """Wait for the worker; once it is to stop, let it end what it has begun."""
    stop = shift.stop
    while stop is not None and not stop.is_set() and not worker.done():
        await asyncio.wait([worker], timeout=_TICK)
    if stop is not None and stop.is_set():
        shift.ending()
        worker.cancel()  # it waits for its lanes before it lets itself be cancelled
        with suppress(asyncio.CancelledError):
            await worker
        return
    await worker


async def _sweep(app: App, shift: Shift) -> None:
    while True:
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=shift.stalled)
        for job in stalled:
            # Its worker is gone. What became of its requests is in the ledger, and whatever of
            # them is pending comes back below.
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        for lane in await asyncio.to_thread(shift.sweep):
            with suppress(AlreadyEnqueued):
                await app.job_manager.batch_defer_jobs_async([_job(lane)])
        await asyncio.sleep(shift.every)
