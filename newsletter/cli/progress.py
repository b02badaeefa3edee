"""Showing that something goes on: words and bars on stderr, only where a person looks."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def counter(what: str) -> Iterator[Callable[[int], None]]:
    """Count up on one line, from the second second on; the length is not known."""
    began = time.monotonic()
    is_shown = False

    def show(count: int) -> None:
        nonlocal is_shown
        if sys.stderr.isatty() and time.monotonic() - began > 1:
            is_shown = True
            click.echo(f"\r{what}: {count:,}", nl=False, err=True)

    yield show
    if is_shown:
        click.echo(err=True)


@contextmanager
def bar(what: str, length: int) -> Iterator[Callable[[int], None]]:
    """Draw a bar with rate and time left; yields what is called with each further step."""
    began = time.monotonic()
    done = 0

    def rate(_item: object) -> str:
        seconds = time.monotonic() - began
        return f"{done / seconds:,.0f}/s" if seconds > 0 and done else ""

    with click.progressbar(
        length=length,
        label=what,
        file=sys.stderr,
        show_pos=True,
        item_show_func=rate,
        hidden=not sys.stderr.isatty(),
    ) as shown:

        def step(count: int) -> None:
            nonlocal done
            done += count
            shown.update(count, done)

        yield step
