"""The program: `newsletter` and `python send.py` are this."""

import sys
from typing import Any

import click

from newsletter.cli.exits import Exit
from newsletter.cli.lazy import LazyGroup, Listed
from newsletter.errors import InputError, InputErrors, NewsletterError, render_error
from newsletter.log import begin_log

# The summaries stand here too, so that `--help` need not import every command and its vendors;
# a test holds them against the commands' own.
_COMMANDS = {
    "preview": Listed("preview", "Show an announcement in the browser as members will get it."),
    "desk": Listed("desk", "Write, preview, approve and dispatch in the browser."),
    "convert": Listed("convert", "Turn a Word document into Markdown."),
    "check": Listed("check", "Show the findings on an announcement."),
    "send": Listed("send", "Plan a dispatch, and with --for-real send it."),
    "proof": Listed("proof", "Send one test message through the identical path."),
    "digest": Listed("digest", "Assemble, preview and edit a digest of what is due."),
    "images": Listed("images", "Write the images of an announcement, to upload them."),
    "status": Listed("status", "Show the dispatches and their balance."),
    "report": Listed("report", "Show what became of a dispatch."),
    "dispatch": Listed("dispatch", "Stop a dispatch, go on with it, settle what is unsure."),
    "bounces": Listed("bounces", "Read what came back, and draw the consequences."),
    "worker": Listed("worker", "Send what is opened --by-workers, on this machine too."),
    "segments": Listed("segments", "Show each segment, its rule and its count today."),
    "members": Listed("members", "Show how many members there are, and what is wrong."),
    "schedules": Listed("schedules", "Show when scheduled dispatches are due."),
    "archive": Listed("archive", "Build the site of past issues, or show one as it was sent."),
    "run": Listed("run", "Keep everything running: schedules, workers, pages, desk."),
    "serve": Listed("serve", "Answer unsubscribe links, and take events of providers."),
    "people": Listed("people", "Say who works at the desk, and as what."),
    "theme": Listed("theme", "List the themes, or make one of your own."),
    "doctor": Listed("doctor", "Look at what a dispatch rests on, and say what to do."),
    "new": Listed("new", "Make a workspace for a society of your own."),
}


class _Program(LazyGroup):
    """The whole program."""

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


@click.group(
    cls=_Program, listed=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False),
    help="The folder with newsletter.toml; found from here upwards if not given.",
)
@click.option(
    "--log",
    envvar="NEWSLETTER_LOG",
    metavar="FILE",
    help="Add a line of JSON to this file for each thing that happens; - is stderr.",
)
@click.version_option(package_name="newsletter", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, workspace: str | None, log: str | None) -> None:
    """Turn an announcement file into an email and send it to the right members.

    A day's work: `newsletter preview FILE` while you write, `newsletter proof FILE --to you@...`,
    `newsletter send FILE --segment NAME` to see who would get it, and the same with --for-real.
    """
    context.obj = workspace
    if log:
        context.call_on_close(begin_log(log))


if __name__ == "__main__":
    cli()
