"""`newsletter archive`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.ledger.database import Ledger
    from newsletter.ledger.dispatches import Dispatch
    from newsletter.workspace.archiving import Built

INTO = click.option("--into", metavar="DIR", type=click.Path(path_type=Path), help="Write there.")


@click.group("archive", short_help="Build the site of past issues, or show one as it was sent.")
def command() -> None:
    """Build the site of past issues for everybody to read, or show one as it was sent.

    docs/archive.md tells what stands in it.
    """


@command.command("build", short_help="Write the whole site anew.")
@INTO
@click.option("--with-outbox", is_flag=True, help="With issues that went to the outbox only.")
@options.JSON
@click.pass_obj
def build(workspace: str | None, *, into: Path | None, with_outbox: bool, as_json: bool) -> None:
    """Write the site of all issues that were sent, anew and as a whole.

    Without --into it is the `folder` of [archive] in newsletter.toml.
    """
    import json

    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace import archiving

    with open_workspace(workspace) as opened:
        built = archiving.build(opened, into=into, has_outbox=with_outbox)
    if as_json:
        click.echo(json.dumps(_built_json(built), indent=2))
    else:
        _show(built)


def _built_json(built: "Built") -> dict[str, object]:
    return {
        "folder": str(built.folder),
        "issues": built.issues,
        "files": built.files,
        "left_out": [{"issue": each.slug, "why": each.why} for each in built.left_out],
    }


def _show(built: "Built") -> None:
    from newsletter.cli.show import near, plural

    where = near(str(built.folder / "index.html"))
    click.echo(f"{plural(built.issues, 'issue')} in {plural(built.files, 'file')}: open {where}")
    for each in built.left_out:
        click.echo(f"  without {each.slug}: {each.why}", err=True)
    if any("outbox" in each.why for each in built.left_out):
        click.echo("  to try it with those of the outbox, add --with-outbox", err=True)


@command.command("show", short_help="Write a past issue as it was sent.")
@click.argument("issue", metavar="ISSUE")
@click.option("--dispatch", "number", type=int, metavar="N", help="Another than the last.")
@click.option("--to", "address", metavar="ADDRESS", help="The very message that somebody got.")
@INTO
@click.pass_obj
def show(
    workspace: str | None,
    issue: str,
    *,
    number: int | None,
    address: str | None,
    into: Path | None,
) -> None:
    """Write what was frozen of the issue with the slug ISSUE, byte for byte.

    With --to, each message that went to one address, octet for octet: it holds personal data.
    """
    from newsletter.address import parse_address
    from newsletter.cli.deliver import require_key
    from newsletter.cli.show import near, plural
    from newsletter.cli.workspace import open_workspace
    from newsletter.workspace.rebuilding import rebuild, rebuild_for

    with open_workspace(workspace) as opened:
        dispatch = _find(opened.ledger, issue, number)
        if address is None:
            found = rebuild(opened, dispatch)
        else:
            require_key(opened)
            found = rebuild_for(opened, dispatch, parse_address(address))
    folder = into or Path(f"{dispatch.slug}-dispatch-{dispatch.id}")
    _write(found, folder)
    click.echo(f"dispatch {dispatch.id}: {plural(len(found), 'file')} in {near(str(folder))}")


def _find(ledger: "Ledger", slug: str, number: int | None) -> "Dispatch":
    from newsletter.errors import Refused
    from newsletter.ledger.dispatches import list_dispatches

    found = list_dispatches(ledger, slug=slug)
    for each in found:
        if number in (None, each.id):
            return each
    if found:
        numbers = ", ".join(str(each.id) for each in found)
        raise Refused(f"dispatch {number} is none of {slug!r}", hint=f"choose one of {numbers}")
    raise Refused(
        f"no issue {slug!r} was ever dispatched", hint="look at them with `newsletter status`"
    )


def _write(files: "Mapping[str, bytes]", folder: Path) -> None:
    from newsletter.errors import Refused

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as reason:
        raise Refused(
            f"{folder} cannot be written: {reason.strerror or reason}",
            hint="choose another --into",
        ) from reason
