"""Announcements: the folder as a list, new ones, and all pages about one of them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.docx import SUFFIX as WORD
from newsletter.announcement.parse import examine
from newsletter.errors import InputErrors, NewsletterError, Refused
from newsletter.finding import Severity
from newsletter.ledger.dispatches import Dispatch, balance_of, list_dispatches
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer, Tone, as_json, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.editor import Editor
from newsletter.web.desk.moments import day_and_time
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.previews import Previews
from newsletter.web.desk.proofs import Proofs
from newsletter.web.desk.reviews import Reviews
from newsletter.web.desk.shelf import Shelf, found, home
from newsletter.web.desk.standing import Standing, standings_of
from newsletter.workspace.converting import convert
from newsletter.workspace.folder import front_matter
from newsletter.workspace.understand import Task, understand
from newsletter.workspace.workspace import Workspace

_UPLOAD = 42_000_000
"""Bytes; a Word document may have 40 MB with its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One announcement in the list."""

    name: str
    title: str
    state: str
    tone: Tone
    author: str = ""
    date: dt.date | None = None
    section: str = ""
    errors: int = 0
    warnings: int = 0
    owner: str = ""
    facts: Sequence[str] = ()
    """Of its days, where it says any."""
    standings: Sequence[Standing] = ()
    """In the next issue of each digest."""


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    shelf = Shelf(desk)
    pages = Announcements(shelf)
    previews = Previews(shelf)
    return (
        page("/announcements", pages.show),
        page("/announcements/new", pages.ask, Right.WRITE),
        button("/announcements/new", pages.create, Right.WRITE),
        button("/announcements/upload", pages.upload, Right.WRITE, most=_UPLOAD),
        button("/announcements/{name}/convert", found(shelf, pages.convert), Right.WRITE),
        *Editor(shelf, previews).places(),
        *Proofs(shelf, previews).places(),
        *Reviews(shelf).places(),
        *previews.places(),
    )


@dataclass(frozen=True, slots=True)
class Announcements:
    """The list, and what adds to it."""

    shelf: Shelf

    def show(self, asked: Asked) -> Answer:
        """List what lies in the folder, newest first."""
        opened = self.shelf.desk.open()
        sent, standings = _sent(opened), standings_of(opened)
        rows = [
            replace(row, standings=standings.of(self.shelf.task(row.name).file))
            for row in self._rows(opened, sent)
        ]
        rows.sort(key=lambda row: (row.date or dt.date.max, row.name), reverse=True)
        wanted = asked.ask("q").strip().casefold()
        shown = [row for row in rows if wanted in f"{row.title} {row.name} {row.author}".casefold()]
        return self.shelf.desk.page(
            asked,
            "announcements.html.j2",
            live=True,
            rows=shown,
            total=len(rows),
            coming=standings.coming,
            zone=opened.settings.brand.time_zone or "UTC",
            wanted=asked.ask("q"),
        )

    def ask(self, asked: Asked) -> Answer:
        """Show the form for a new announcement."""
        return self._form(asked)

    def create(self, asked: Asked) -> Answer:
        """Write the file of a new announcement, and go on to write in it."""
        title = asked.one("title").strip()
        if not title:
            return self._form(asked, error="Give it a title: the headline of the email.")
        keys = [
            ("title", title),
            ("byline", asked.one("byline")),
            ("date", self.shelf.desk.clock.now().date().isoformat()),
            *((key, asked.one(key)) for key in ("section", "topic", "theme")),
            ("segments", ", ".join(asked.all("segments"))),
        ]
        body = '\nDear {{ first_name or "colleague" }},\n\nWrite here.\n'
        name = self.shelf.folder.create(title, front_matter(keys) + body)
        self.shelf.desk.note(asked, "began announcement", name)
        return go_to(f"{home(name)}/write")

    def upload(self, asked: Asked) -> Answer:
        """Take a file; a Word document becomes Markdown, and what was dropped is told."""
        told: list[str] = []
        try:
            name = self.shelf.folder.add(asked.ask("name"), asked.body)
            if name.endswith(WORD):
                name, told = self._converted(name, is_kept=False)
        except NewsletterError as problem:
            return as_json({"problem": in_words(problem)}, HTTPStatus.CONFLICT)
        self.shelf.desk.note(asked, "uploaded announcement", name)
        return as_json({"path": f"{home(name)}/write", "told": told})

    def convert(self, asked: Asked, name: str) -> Answer:
        """Turn a Word document of the folder into Markdown."""
        made, told = self._converted(name, is_kept=True)
        self.shelf.desk.note(asked, "converted announcement", made, f"from {name}")
        words = "It is Markdown now; the Word document stays as it is."
        said = "\n".join([words, *told])
        return go_to(f"{home(made)}/write", said, "warn" if told else "good")

    def _converted(self, name: str, *, is_kept: bool) -> tuple[str, list[str]]:
        path = self.shelf.folder.find(name)
        target = _free(path)
        try:
            word = convert(path, target)
        finally:
            if not is_kept:
                path.unlink(missing_ok=True)
        return target.name, [f"{each.message}: {each.hint}" for each in word.findings]

    def _form(self, asked: Asked, error: str = "") -> Answer:
        opened = self.shelf.desk.open()
        known = {key: asked.one(key) for key in ("title", "byline", "section", "topic", "theme")}
        try:
            segments = [(each.name, each.title) for each in opened.segments().values()]
        except InputErrors:
            segments = []
        return self.shelf.desk.page(
            asked,
            "announcement_new.html.j2",
            status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
            error=error,
            known=known,
            topics=[(each.name, each.title) for each in opened.settings.topics],
            themes=_themes(opened.settings.templates),
            segments=segments,
            sections=self._sections(),
        )

    def _sections(self) -> list[str]:
        """List the sections that announcements had so far."""
        told = set[str]()
        for name in self.shelf.folder.names():
            with suppress(InputErrors):
                told.add(examine(self.shelf.task(name).file).announcement.section)
        return sorted(told - {""})

    def _rows(self, opened: Workspace, sent: Mapping[str, Dispatch]) -> Iterator[Row]:
        return (self._row(opened, sent, name) for name in self.shelf.folder.names())

    def _row(self, opened: Workspace, sent: Mapping[str, Dispatch], name: str) -> Row:
        task = self.shelf.task(name)
        try:
            about = examine(task.file).announcement
        except (InputErrors, Refused):
            return Row(name=name, title=name, state="cannot be read", tone="bad", errors=1)
        errors, warnings = _found(opened, task)
        state, tone = _state(opened, sent.get(about.slug), about.embargo, self.shelf.desk)
        return Row(
            name=name,
            title=about.title,
            state=state,
            tone=tone,
            author=about.byline.name if about.byline else "",
            date=about.date,
            section=about.section,
            owner=about.pooled.owner.name if about.pooled.owner else "",
            facts=_facts(about, opened.settings.brand.time_zone or "UTC"),
            errors=errors,
            warnings=warnings,
        )


def _found(opened: Workspace, task: Task) -> tuple[int, int]:
    """Count the errors and warnings of the text; nothing is compiled for a list."""
    try:
        findings = understand(opened, task)[0].findings
    except InputErrors as problems:
        return len(problems.errors), 0
    errors = sum(each.severity is Severity.ERROR for each in findings)
    return errors, len(findings) - errors


def _facts(about: Announcement, zone: str) -> tuple[str, ...]:
    """Say its days in short words."""
    said = about.pooled
    days = (("text until", said.deadline), ("expires", said.expires))
    told = tuple(f"{words} {day:%-d %b %Y}" for words, day in days if day)
    return (f"not before {day_and_time(about.embargo, zone)}", *told) if about.embargo else told


def _sent(opened: Workspace) -> Mapping[str, Dispatch]:
    """Give the newest dispatch of each issue."""
    newest: dict[str, Dispatch] = {}
    for each in list_dispatches(opened.ledger):
        if each.kind == "issue":
            newest.setdefault(each.slug, each)
    return newest


def _state(
    opened: Workspace, dispatch: Dispatch | None, embargo: dt.datetime | None, desk: Desk
) -> tuple[str, Tone]:
    if dispatch is not None:
        balance = balance_of(opened.ledger, dispatch)
        if balance.pending:
            return "being sent", "warn"
        return f"sent to {balance.accepted:,}", "good"
    if embargo and embargo > desk.clock.now():
        return "under embargo", "warn"
    return "draft", "plain"


def _themes(templates: Path) -> list[str]:
    try:
        return sorted(
            each.name for each in templates.iterdir() if (each / "issue.mjml.j2").is_file()
        )
    except OSError:
        return []


def _free(path: Path) -> Path:
    """Find a name for the Markdown of a Word document that nobody has."""
    stems = (path.stem, *(f"{path.stem}-{number}" for number in range(2, 1000)))
    names = (path.with_name(f"{stem}.md") for stem in stems)
    return next(
        name
        for name in names
        if not name.exists() and not name.with_name(f"{name.stem}-images").exists()
    )


def in_words(problem: NewsletterError) -> str:
    """Say what is wrong and what to do in a sentence or two."""
    parts = problem.errors if isinstance(problem, InputErrors) else (problem,)
    return " ".join(
        f"{each.problem[:1].upper()}{each.problem[1:]}."
        + (f" {each.hint[:1].upper()}{each.hint[1:]}." if each.hint else "")
        for each in parts
    )
