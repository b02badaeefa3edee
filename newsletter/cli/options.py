"""Options and arguments that several commands share."""

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FILE: Decorator = click.argument("file", type=click.Path(path_type=str))
SUBJECT: Decorator = click.option(
    "--subject", metavar="TEXT", help="The subject line, instead of the announcement's."
)
SEGMENT: Decorator = click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="NAME",
    help="Who gets it; may be given several times. Each member gets one email.",
)
EXCLUDE: Decorator = click.option(
    "--exclude", multiple=True, metavar="NAME", help="A segment that does not get it."
)
JSON: Decorator = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
ROLE: Decorator = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["author", "approver", "sender", "admin"]),
    help="What they are; may be given several times.",
)
