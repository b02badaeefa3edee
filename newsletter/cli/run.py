"""`newsletter run`."""

import os
import signal
import sys
from types import FrameType

import click

from newsletter.cli.exits import Exit

PARTS = ("scheduler", "workers", "public", "desk")


@click.command("run", short_help="Keep everything running: schedules, workers, pages, desk.")
@click.option(
    "--without",
    type=click.Choice(PARTS),
    multiple=True,
    help="A part to leave out; may be given several times.",
)
@click.option(
    "--port", default=8025, show_default=True, help="Of the public pages; 0 takes a free one."
)
@click.option(
    "--desk-port", default=8030, show_default=True, help="Of the desk; 0 takes a free one."
)
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    default=60,
    metavar="SECONDS",
    show_default=True,
    help="How often to look at the schedules.",
)
@click.option(
    "--lanes",
    type=click.IntRange(1, 64),
    default=4,
    metavar="N",
    show_default=True,
    help="How many runs of requests workers send at once.",
)
@click.pass_obj
def command(  # noqa: PLR0913 - click hands over each option by name
    workspace: str | None,
    *,
    without: tuple[str, ...],
    port: int,
    desk_port: int,
    every: int,
    lanes: int,
) -> None:
    """Keep everything running in one program: the scheduler, workers, the public pages, the desk.

    It listens on 127.0.0.1 only, tells at /health how it stands, and ends on Ctrl-C or SIGTERM
    once the requests under way have ended; on a second one at once. A part that dies is started
    again; one that dies again and again ends the program.
    """
    from newsletter.cli.deliver import require_key
    from newsletter.cli.run_parts import Wanted, making
    from newsletter.cli.workspace import open_workspace
    from newsletter.service.supervisor import Supervisor

    with open_workspace(workspace) as opened:
        require_key(opened)
        wanted = Wanted(
            parts=frozenset(PARTS) - frozenset(without),
            port=port,
            desk_port=desk_port,
            every=float(every),
            lanes=lanes,
        )
        with making(opened, wanted, say) as house:
            supervisor = Supervisor(house.parts, opened.clock, say)
            house.standings = supervisor.standings
            signals = _Signals()
            supervisor.start()
            supervisor.wait(lambda: signals.heard)
            house.runs.close(None)
            supervisor.join()
    if supervisor.lost:
        sys.exit(Exit.GAVE_UP)
    say("ended")


def say(words: str) -> None:
    """Tell whoever runs the program."""
    click.echo(words, err=True)


class _Signals:
    """Hears the first signal, and ends the program at once on the second."""

    def __init__(self) -> None:
        self.heard = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        # Nothing here may wait for a lock: the thread that is interrupted may hold it.
        if self.heard:
            os.write(2, b"stopped at once; what was on its way is unsure\n")
            os._exit(Exit.UNSURE)
        self.heard = True
        os.write(2, b"ending after the requests under way (again: at once)\n")
