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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


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
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Victim(pid, is_program=False)
    try:
        stream = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        code = _resume(folder, dispatch)
    except BaseException as error:  # noqa: BLE001 - nothing of a fork may come back into its parent
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def warm_up(provider: str) -> None:
    """Import here what every fork would otherwise import for itself."""
    for name in (
        *("newsletter.cli.deliver", "newsletter.cli.find", "newsletter.cli.workspace"),
        *("newsletter.dispatch.deliver", f"newsletter.providers.{provider}"),
        *("newsletter.providers.sendgrid_client", "newsletter.providers.smtp_connection"),
    ):
        importlib.import_module(name)


def _resume(folder: Path, dispatch: int) -> int:
    from newsletter.cli.deliver import run_dispatch
    from newsletter.cli.find import find
    from newsletter.cli.workspace import open_workspace

    with open_workspace(str(folder)) as opened:
        return int(run_dispatch(opened, find(opened, dispatch)))
