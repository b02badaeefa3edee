"""What is killed: the program itself, or a fork of this process that runs the same code.

A start of the program takes a second, nearly all of it imports. So most victims are forked from
this process, which has everything imported; they do what `newsletter dispatch resume` does, by the
same function. A share of the victims is the real program.
"""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from breaking import PATIENCE

LEASE, GRACE = PATIENCE + 0.5, 1.0
"""Seconds, for workers that share a ledger: a request takes no longer than the carrier's patience.
The program itself has ten minutes and two."""


@dataclass(slots=True)
class Victim:
    """A process that delivers."""

    pid: int
    is_program: bool
    status: int | None = None
    """As `waitpid` gives it, once it has ended."""

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is None

    @property
    def was_killed(self) -> bool:
        """Tell whether it ended by a signal."""
        return self.status is not None and os.WIFSIGNALED(self.status)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)

    def stop(self) -> None:
        """Hold it where it is, as a machine that sleeps would."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGCONT)


def run_program(folder: Path, words: Sequence[str], log: Path) -> Victim:
    """Start the real program in a workspace."""
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "newsletter", *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    process.returncode = 0  # it is waited for by its pid, and not by this object
    return Victim(process.pid, is_program=True)


def fork_resume(folder: Path, dispatch: int, log: Path) -> Victim:
    """Do in a fork what `newsletter dispatch resume` does."""
    return _fork(lambda: _resume(folder, dispatch), log)


def fork_worker(folder: Path, dispatch: int, log: Path) -> Victim:
    """Do in a fork what a worker does that shares a ledger with others, with a short lease."""
    return _fork(lambda: _work(folder, dispatch), log)


def _fork(act: Callable[[], int], log: Path) -> Victim:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Victim(pid, is_program=False)
    try:
        stream = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        code = act()
    except BaseException as error:  # noqa: BLE001 - nothing of a fork may come back into its parent
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _work(folder: Path, dispatch: int) -> int:
    """Sweep and deliver until nothing is left, with leases and without the lock of one machine."""
    from newsletter.cli.find import find
    from newsletter.cli.workspace import open_workspace
    from newsletter.dispatch.deliver import deliver
    from newsletter.ledger.claiming import pending_requests
    from newsletter.ledger.unsure import sweep
    from newsletter.workspace.running import Listener, brake_of, run_of

    with open_workspace(str(folder)) as opened:
        found = find(opened, dispatch)
        while True:
            sweep(opened.ledger, grace=GRACE, dispatch=dispatch)
            if not pending_requests(opened.ledger, dispatch):
                return 0
            run = run_of(opened, found, brake_of(opened), Listener())
            deliver(replace(run, lease=LEASE, workers=2))


def warm_up(provider: str) -> None:
    """Import here what every fork would otherwise import for itself."""
    for name in (
        *("newsletter.cli.deliver", "newsletter.cli.find", "newsletter.cli.workspace"),
        *("newsletter.dispatch.deliver", f"newsletter.providers.{provider}"),
        *("newsletter.providers.sendgrid_client", "newsletter.providers.smtp_opening"),
    ):
        importlib.import_module(name)


def _resume(folder: Path, dispatch: int) -> int:
    from newsletter.cli.deliver import run_dispatch
    from newsletter.cli.find import find
    from newsletter.cli.workspace import open_workspace

    with open_workspace(str(folder)) as opened:
        return int(run_dispatch(opened, find(opened, dispatch)))
