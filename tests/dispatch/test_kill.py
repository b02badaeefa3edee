"""kill -9 at every step of a dispatch, then a second run: nobody lost, nobody twice."""

import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from dispatch_samples import journal_of, run_of
from sqlalchemy import Engine, event, select

from newsletter.dispatch.deliver import deliver
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.dispatches import Dispatch, balance_of
from newsletter.ledger.schema import deliveries
from newsletter.ledger.states import standing_of
from newsletter.ledger.unsure import recover
from newsletter.message.state import DeliveryState

_SURELY_ENOUGH = 1_000


def _die_at(step: int, engine: Engine) -> None:
    """Kill this process at its `step`-th statement, commit or opening of the journal."""
    left = step

    def count(*_args: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "after_cursor_execute", count)
    event.listen(engine, "commit", count)
    sys.addaudithook(
        lambda name, args: count() if name == "open" and "journal" in str(args) else None
    )


def _run_and_die(path: Path, dispatch: Dispatch, journal: Path, step: int) -> bool:
    """Deliver in a process that dies at `step`; tell whether it did."""
    child = os.fork()
    if child == 0:
        try:
            ledger = open_ledger(path)
            run = run_of(ledger, dispatch, journal)
            _die_at(step, ledger.engine)
            deliver(run)
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.timeout(300)
def test_a_kill_at_every_step_loses_nobody_and_sends_to_nobody_twice(
    opened: tuple[Ledger, Dispatch], tmp_path: Path
) -> None:
    _ledger, dispatch = opened
    pristine = (tmp_path / "ledger.sqlite3").read_bytes()
    steps = 0
    for step in range(1, _SURELY_ENOUGH):
        folder = tmp_path / str(step)
        folder.mkdir()
        path, journal = folder / "ledger.sqlite3", folder / "journal"
        path.write_bytes(pristine)
        is_dead = _run_and_die(path, dispatch, journal, step)
        _check_after_a_second_run(path, dispatch, journal, may_be_unsure=is_dead)
        if not is_dead:
            break
        steps = step
    assert 50 < steps < _SURELY_ENOUGH - 1


def _check_after_a_second_run(
    path: Path, dispatch: Dispatch, journal: Path, *, may_be_unsure: bool
) -> None:
    ledger = open_ledger(path)
    recover(ledger, dispatch.id)
    deliver(run_of(ledger, dispatch, journal))
    balance = balance_of(ledger, dispatch)
    sent = Counter(journal_of(journal))
    with ledger.read() as connection:
        states = dict(connection.execute(select(deliveries.c.position, standing_of())).all())
    ledger.close()
    assert balance.balances
    assert balance.pending == 0
    assert balance.unsure <= (2 if may_be_unsure else 0)
    assert max(sent.values()) == 1
    for position, state in states.items():
        assert state in (DeliveryState.ACCEPTED.value, DeliveryState.UNSURE.value)
        if state == DeliveryState.ACCEPTED.value:
            assert sent[position] == 1
