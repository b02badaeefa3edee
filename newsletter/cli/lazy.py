"""Groups of commands that import a command when it is run, not when it is listed."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Listed(NamedTuple):
    """A command as `--help` lists it, without importing it and its vendors."""

    module: str
    summary: str
    """Held against the command's own by a test."""


class LazyGroup(click.Group):
    """A group of commands by the modules of this package."""

    def __init__(self, *args: Any, listed: Mapping[str, Listed], **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        """Take the commands by name, in the order of a user's day."""
        super().__init__(*args, **kwargs)
        self.listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in their order."""
        del ctx
        return list(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        if cmd_name not in self.listed:
            return None
        module = import_module(f"newsletter.cli.{self.listed[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.summary) for name, each in self.listed.items()])
