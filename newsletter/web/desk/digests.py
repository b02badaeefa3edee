"""A digest that assembles itself: its issue of a moment, what is not in it and why."""

import datetime as dt
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from newsletter.errors import Refused
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.sources import find_source
from newsletter.workspace.digestdraft import open_issue
from newsletter.workspace.digestsource import DigestSource
from newsletter.workspace.folder import Folder
from newsletter.workspace.nextissue import next_source
from newsletter.workspace.pool import Pool, pool_of
from newsletter.workspace.workspace import Workspace


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""

    def show(asked: Asked) -> Answer:
        workspace = desk.open()
        try:
            source = _source(workspace, asked.places["digest"], asked.ask("as-of").strip())
        except Refused as refusal:
            return _nothing(desk, asked, refusal)
        pool = pool_of(workspace, source)
        return desk.page(
            asked,
            "digest.html.j2",
            pool=pool,
            source=str(source),
            is_next=not asked.ask("as-of").strip() and source.when is not None,
            is_now=source.when is None,
            day=pool.day.isoformat(),
            zone=workspace.settings.brand.time_zone or "UTC",
            names=_names(Folder(desk.root), pool),
            edited=[each.name for each in (pool.issue_file, pool.decisions_file) if each.exists()],
        )

    def edit(asked: Asked) -> Answer:
        workspace, name = desk.open(), asked.places["digest"]
        try:
            source = _source(workspace, name, asked.one("as-of").strip())
        except Refused as refusal:
            return _nothing(desk, asked, refusal)
        made = [path.name for path, is_new in open_issue(workspace, source) if is_new]
        for each in made:
            desk.note(asked, "began the editor's file", each, f"of {source}")
        said = (
            f"Made {' and '.join(made)}." if made else "They were there already; nothing changed."
        )
        return go_to(f"/digests/{name}?as-of={pool_of(workspace, source).day}", said)

    return (
        page("/digests/{digest}", show),
        button("/digests/{digest}/edit", edit, Right.WRITE),
    )


def _source(workspace: Workspace, name: str, day: str) -> DigestSource:
    """Say which issue is meant: that of a day, or the next one.

    Raises:
        Refused: there is no such digest, or `day` is none.
        InputErrors: a schedule is wrong.
    """
    found = find_source(workspace, f"digest:{name}")
    if not day:
        return next_source(workspace, found.name)
    try:
        dt.date.fromisoformat(day)
    except ValueError as reason:
        raise Refused(f"{day!r} is no day", hint="write it like 2027-03-02") from reason
    return find_source(workspace, f"digest:{found.name}@{day}")


def _nothing(desk: Desk, asked: Asked, refusal: Refused) -> Answer:
    text = f"{refusal.problem[:1].upper()}{refusal.problem[1:]}: {refusal.hint}."
    return desk.problem(asked, "There is no such issue", text, HTTPStatus.NOT_FOUND)


def _names(folder: Folder, pool: Pool) -> Mapping[str, str]:
    """Give the file that the desk knows of each announcement, by its path."""
    written = (
        *(each.entrant.announcement.path for each in pool.selected.placed),
        *(each.entrant.announcement.path for each in pool.selected.left),
    )
    home, known = folder.path.resolve(), set(folder.names())
    paths = {path: Path(path) for path in written}
    return {
        path: each.name
        for path, each in paths.items()
        if each.name in known and each.parent.resolve() == home
    }
