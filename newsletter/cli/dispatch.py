"""`newsletter dispatch`: everything that is done to a dispatch after it was opened."""

import click

from newsletter.cli.lazy import LazyGroup, Listed

LISTED = {
    "pause": Listed("pause", "Let no further request of a dispatch begin."),
    "resume": Listed("resume", "Go on with a dispatch that was stopped."),
    "cancel": Listed("cancel", "Never send what is left of a dispatch."),
    "undo": Listed("undo", "Take a dispatch back that is still held."),
    "reconcile": Listed("reconcile", "Ask the provider about unsure deliveries."),
    "watch": Listed("watch", "Show live how a dispatch gets on."),
    "resolve": Listed("resolve", "Decide what became of unsure deliveries."),
}


@click.group(
    "dispatch",
    cls=LazyGroup,
    listed=LISTED,
    short_help="Stop a dispatch, go on with it, settle what is unsure.",
)
def command() -> None:
    """Stop a dispatch, go on with it, take it back, or settle what is unsure of it.

    The number of a dispatch stands in `newsletter status`.
    """
