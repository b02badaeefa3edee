"""`newsletter digest`: the digests that assemble themselves."""

from typing import TYPE_CHECKING

import click

from newsletter.cli.lazy import LazyGroup, Listed

if TYPE_CHECKING:
    from newsletter.workspace.digestsource import DigestSource
    from newsletter.workspace.workspace import Workspace

LISTED = {
    "preview": Listed("digest_preview", "Show a digest in the browser as it would go out then."),
    "show": Listed("digest_show", "Show what is in a digest, what is not, and why."),
    "open": Listed("digest_open", "Make the files in which an editor decides about one issue."),
}

NAME = click.argument("name", required=False)
AS_OF = click.option(
    "--as-of",
    metavar="WHEN",
    help="When it goes out, such as 2027-03-02 or 2027-03-02T09:00; now if not given.",
)


def asked_for(workspace: "Workspace", name: str | None, as_of: str | None) -> "DigestSource":
    """Say which digest is meant, as of when.

    Raises:
        InputErrors: there are several and none is named, or the moment is none.
    """
    from newsletter.errors import InputErrors, SettingsError
    from newsletter.workspace.digestsource import DigestSource, rules_of, source_of

    known = tuple(workspace.settings.digests)
    if name is None and len(known) > 1:
        problem = f"there are several digests: {', '.join(known)}"
        raise InputErrors([SettingsError(problem, hint="name one of them")])
    wanted = rules_of(workspace, name or next(iter(known), "monthly")).name
    found = source_of(f"digest:{wanted}@{as_of}") if as_of else None
    return found or DigestSource(wanted)


@click.group(
    "digest",
    cls=LazyGroup,
    listed=LISTED,
    short_help="Assemble, preview and edit a digest of what is due.",
)
def command() -> None:
    """Show what a digest of newsletter.toml is made of by itself, and decide about one issue.

    To prove or send it, write digest:NAME@WHEN where a command takes a file.
    """
