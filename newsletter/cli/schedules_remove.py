"""`newsletter schedules remove`."""

import click

from newsletter.cli.schedules_add import YES, confirm_and_save, settings_of


@click.command("remove", short_help="Take a schedule out, after showing what it would send.")
@click.argument("name")
@YES
@click.pass_obj
def command(workspace: str | None, *, name: str, yes: bool) -> None:
    """Take the schedule NAME out of newsletter.toml, after showing its next twelve times.

    What it sent stays in the ledger. Comments stay in the file.
    """
    from newsletter.workspace.scheduled import schedules_of
    from newsletter.workspace.schedulefile import draft_without

    settings = settings_of(workspace)
    draft = draft_without(settings, schedules_of(settings), name)
    confirm_and_save(settings, draft, yes=yes, question="None of these will be sent. Remove it?")
