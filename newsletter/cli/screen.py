"""A part of the terminal that is drawn again and again in its place."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
"""While the lines stand there, one that became too long for a narrower window is cut, not folded:
otherwise nobody knows how many lines up the first one is."""
_TO_THE_END = "\x1b[K"
_ALL_BELOW = "\x1b[J"


class Screen:
    """The lines drawn last, and where they stand."""

    def __init__(self) -> None:
        """Begin below whatever stands in the terminal."""
        self._height = 0

    def show(self, lines: Sequence[str]) -> None:
        """Draw `lines` over those drawn before; what has no room in the window is left out."""
        rows = shutil.get_terminal_size().lines
        shown = list(lines)[: max(1, rows - 1)]
        up = f"\x1b[{self._height}A" if self._height else ""
        text = "".join(f"{each}{_TO_THE_END}\n" for each in shown)
        # In one piece, so that it does not flicker.
        click.echo(f"\r{up}{text}{_ALL_BELOW}", nl=False)
        self._height = len(shown)


@contextmanager
def screen() -> Iterator[Screen]:
    """Draw on the terminal, and leave the last lines there and its cursor as it was."""
    click.echo(f"{_HIDE}{_NO_WRAP}", nl=False)
    try:
        yield Screen()
    finally:
        click.echo(f"{_WRAP}{_SHOW}", nl=False)


def is_terminal() -> bool:
    """Tell whether stdout is a terminal that can be drawn on."""
    return sys.stdout.isatty() and os.name != "nt"


def columns() -> int:
    """Tell how wide the window is now."""
    return shutil.get_terminal_size().columns
