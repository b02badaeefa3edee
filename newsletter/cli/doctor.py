"""`newsletter doctor`."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli import options
from newsletter.cli.exits import Exit

if TYPE_CHECKING:
    from newsletter.doctor.opinion import Opinion
    from newsletter.workspace.examining import Patient

_PATIENCE = 30.0
"""Seconds for all of it."""
_COLOURS = {"good": "green", "advice": "yellow", "wrong": "red", "could not ask": "cyan"}


@click.command("doctor", short_help="Look at what a dispatch rests on, and say what to do.")
@click.option("--provider", metavar="NAME", help="Through which mail would go.")
@options.JSON
@click.pass_obj
def command(workspace: str | None, *, provider: str | None, as_json: bool) -> None:
    """Look at the domain, the unsubscribe link, the provider, the clock, the disk, the database.

    No mail is sent, nobody is unsubscribed, and nothing is changed. It takes half a minute at most.
    """
    import json

    from newsletter.doctor.opinion import is_well, without_doubts
    from newsletter.doctor.rounds import go_round
    from newsletter.workspace.examining import looks_of

    patient = _patient(workspace, provider)
    looks = looks_of(patient)
    found = {}
    with click.progressbar(
        go_round(looks, patient.clock, _PATIENCE),
        length=len(looks),
        label="looking",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as rounds:
        for look, opinions in rounds:
            found[look.subject] = opinions
    told = without_doubts(opinion for look in looks for opinion in found[look.subject])
    if as_json:
        click.echo(json.dumps([_json(each) for each in told], indent=2))
    else:
        _show(told)
    sys.exit(Exit.DONE if is_well(told) else Exit.NOT_ALL_SENT)


def _patient(workspace: str | None, provider: str | None) -> "Patient":
    from pathlib import Path

    from newsletter.clock import SystemClock
    from newsletter.workspace.examining import Patient
    from newsletter.workspace.secrets import read_secrets
    from newsletter.workspace.settings import find_workspace, read_settings

    root = find_workspace(Path(workspace).resolve() if workspace else Path.cwd())
    settings = read_settings(root)
    return Patient(
        settings=settings,
        secrets=read_secrets(),
        clock=SystemClock(),
        provider=provider or settings.provider,
    )


def _show(told: "tuple[Opinion, ...]") -> None:
    for each in told:
        verdict = click.style(f"{each.verdict.value:>13}", fg=_COLOURS[each.verdict.value])
        click.echo(f"{verdict}  {each.subject}: {each.words}")
        if each.advice:
            click.echo(f"{'':>13}    {each.advice}")


def _json(opinion: "Opinion") -> dict[str, str]:
    return {
        "subject": opinion.subject,
        "verdict": opinion.verdict.value,
        "words": opinion.words,
        "advice": opinion.advice,
    }
