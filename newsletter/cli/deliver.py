"""Driving an opened dispatch from the terminal: progress, Ctrl-C, and the balance at the end."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import click

from newsletter.cli.duration import duration
from newsletter.cli.exits import Exit
from newsletter.cli.progress import bar
from newsletter.cli.show import plural, show_balance
from newsletter.dispatch import envelope
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import deliver
from newsletter.errors import Refused, render_error
from newsletter.ledger.course import Hold
from newsletter.ledger.dispatches import Balance, Dispatch, balance_of, remarks_of
from newsletter.workspace.archiving import kept_up
from newsletter.workspace.running import Listener, brake_of, run_of, sole_run_of, take_up
from newsletter.workspace.secrets import HOW_TO_MAKE_A_KEY
from newsletter.workspace.workspace import Workspace

_WORTH_TELLING = 2.0
"""Seconds."""


def require_key(workspace: Workspace) -> None:
    """Make sure that unsubscribe links can be signed.

    Raises:
        Refused: NEWSLETTER_SECRET is not set.
    """
    if workspace.secrets.links_key is None:
        raise Refused(
            "NEWSLETTER_SECRET is not set, and unsubscribe links are signed with it",
            hint=HOW_TO_MAKE_A_KEY,
        )


def confirm(number: int, given: int | None, what: str) -> None:
    """Let a person, or a script with --yes-to, say the number of recipients.

    Raises:
        Refused: it is another number, or there is nobody to ask.
    """
    if given is None and not sys.stdin.isatty():
        raise Refused(
            "nobody is there to confirm the number of recipients",
            hint="add --yes-to N with the number that the dry run shows",
        )
    said = click.prompt(what, type=int, err=True) if given is None else given
    if said != number:
        raise Refused(
            f"{said:,} is not the number of recipients, which is {number:,}; nothing was sent",
            hint="look at the dry run again",
        )


def run_dispatch(workspace: Workspace, dispatch: Dispatch) -> Exit:
    """Deliver what is pending of `dispatch` and show the balance.

    Raises:
        Refused: another run of it is going on.
        LedgerError: the ledger failed.
    """
    require_key(workspace)
    with sole_run_of(workspace, dispatch):
        unsure = take_up(workspace, dispatch)
        if unsure:
            click.echo(
                f"the last run stopped at once: {plural(unsure, 'delivery')} unsure", err=True
            )
        before = balance_of(workspace.ledger, dispatch)
        brake = brake_of(workspace)
        with (
            kept_up(workspace, dispatch, partial(click.echo, err=True)),
            bar("sending", before.pending) as progress,
            _stop_on_ctrl_c(brake),
        ):
            listener = Listener(_locked(progress), _Teller())
            deliver(run_of(workspace, dispatch, brake, listener))
    return _report(workspace, dispatch, brake)


class _Teller:
    """Says once why the run waits, however often its workers look."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, hold: Hold) -> None:
        with self._lock:
            if hold.why in self._said or hold.seconds is None or hold.seconds < _WORTH_TELLING:
                return
            self._said.add(hold.why)
        click.echo(f"\nwaiting {duration(hold.seconds)}: {hold.why}", err=True)


def _report(workspace: Workspace, dispatch: Dispatch, brake: Brake) -> Exit:
    balance = balance_of(workspace.ledger, dispatch)
    show_balance(dispatch, balance)
    for remark in remarks_of(workspace.ledger, dispatch):
        click.echo(f"    {remark.state.value}: {remark.address}: {remark.note}", err=True)
    _say_where_to_look(workspace, dispatch)
    if brake.reason:
        click.echo(render_error(brake.reason), err=True)
    if balance.pending:
        click.echo(
            f"{plural(balance.pending, 'member')} not yet sent to;"
            f" go on with: newsletter dispatch resume {dispatch.id}",
            err=True,
        )
    if balance.unsure:
        click.echo(
            f"{plural(balance.unsure, 'member')} may have got it or not, and nothing is sent to"
            f" them again on its own; decide with: newsletter dispatch resolve {dispatch.id}",
            err=True,
        )
    return exit_of(balance)


def _say_where_to_look(workspace: Workspace, dispatch: Dispatch) -> None:
    from newsletter.providers.outbox import OutboxProvider

    provider = workspace.provider(dispatch.provider)
    if isinstance(provider, OutboxProvider):
        page = provider.page_of(envelope.from_json(dispatch.envelope))
        click.echo(f"open {page}", err=True)


def exit_of(balance: Balance) -> Exit:
    """Give the exit code of a dispatch that stands like this."""
    if balance.unsure:
        return Exit.UNSURE
    if balance.pending:
        return Exit.STOPPED
    return Exit.NOT_ALL_SENT if balance.rejected else Exit.DONE


@contextmanager
def _stop_on_ctrl_c(brake: Brake) -> Iterator[None]:
    """Stop between requests on the first Ctrl-C, at once on the second."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if brake.is_on:
            click.echo("\nstopped at once; what was on its way is unsure", err=True)
            os._exit(Exit.UNSURE)
        brake.pull()
        click.echo("\nstopping after the requests under way (again: at once)", err=True)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _locked(step: Callable[[int], None]) -> Callable[[int], None]:
    """Let one worker at a time say how many deliveries became final."""
    lock = threading.Lock()

    def locked(deliveries: int) -> None:
        with lock:
            step(deliveries)

    return locked
