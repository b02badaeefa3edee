"""The program: `newsletter` and `python send.py` are this."""

import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from newsletter.cli.exits import Exit
from newsletter.errors import InputError, InputErrors, NewsletterError, render_error


class _Command(NamedTuple):
    module: str
    summary: str


# The summaries stand here too, so that `--help` need not import every command and its vendors;
# a test holds them against the commands' own.
_COMMANDS = {
    "preview": _Command("preview", "Show an announcement in the browser as members will get it."),
    "convert": _Command("convert", "Turn a Word document into Markdown."),
    "check": _Command("check", "Show the findings on an announcement."),
    "send": _Command("send", "Plan a dispatch, and with --for-real send it."),
    "proof": _Command("proof", "Send one test message through the identical path."),
    "images": _Command("images", "Write the images of an announcement, to upload them."),
    "status": _Command("status", "Show the dispatches and their balance."),
    "report": _Command("report", "Show what became of a dispatch."),
    "resume": _Command("resume", "Go on with a dispatch that was stopped."),
    "resolve": _Command("resolve", "Decide what became of unsure deliveries."),
    "bounces": _Command("bounces", "Read what came back, and draw the consequences."),
    "segments": _Command("segments", "Show each segment, its rule and its count today."),
    "members": _Command("members", "Show how many members there are, and what is wrong."),
    "schedules": _Command("schedules", "Show when scheduled dispatches are due."),
    "serve": _Command("serve", "Answer unsubscribe links, and take events of providers."),
    "theme": _Command("theme", "List the themes, or make one of your own."),
    "new": _Command("new", "Make a workspace for a society of your own."),
}


class _LazyGroup(click.Group):
    """A group that imports a command when it is run, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of a user's day."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"newsletter.cli.{_COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.summary) for name, each in _COMMANDS.items()])

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run, and show our errors as words instead of tracebacks."""
        try:
            return super().main(*args, **kwargs)
        except NewsletterError as error:
            click.echo(render_error(_nearer(error)), err=True)
            is_input = isinstance(error, InputError | InputErrors)
            sys.exit(Exit.INPUT if is_input else Exit.REFUSED)


def _nearer(error: NewsletterError) -> NewsletterError:
    """Shorten the paths that begin with the current folder."""
    from newsletter.cli.show import nearer

    if isinstance(error, InputErrors):
        shown = (type(e)(e.problem, at=e.at and nearer(e.at), hint=e.hint) for e in error.errors)
        return InputErrors(shown)
    if isinstance(error, InputError) and error.at:
        return InputError(error.problem, at=nearer(error.at), hint=error.hint)
    return error


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False),
    help="The folder with newsletter.toml; found from here upwards if not given.",
)
@click.version_option(package_name="newsletter", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, workspace: str | None) -> None:
    """Turn an announcement file into an email and send it to the right members.

    A day's work: `newsletter preview FILE` while you write, `newsletter proof FILE --to you@...`,
    `newsletter send FILE --segment NAME` to see who would get it, and the same with --for-real.
    """
    context.obj = workspace


if __name__ == "__main__":
    cli()
