"""Options and arguments that several commands share."""

from collections.abc import Callable
from pathlib import Path
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
OUT: Decorator = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write static files instead."
)
PORT: Decorator = click.option("--port", default=0, help="On 127.0.0.1; a free one if not given.")
OPEN: Decorator = click.option(
    "--open/--no-open", "is_opening", default=True, help="Open the browser."
)
ROLE: Decorator = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["author", "approver", "sender", "admin"]),
    help="What they are; may be given several times.",
)
