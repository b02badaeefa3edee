"""The whole site as files: the same issues make the same bytes."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import groupby
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from newsletter.archive.feed import Channel, Entry, write_feed
from newsletter.archive.issue import Announced, PastIssue
from newsletter.archive.neutral import fill_for_nobody
from newsletter.archive.page import Frame, Press, script, words_in
from newsletter.archive.sheet import Sheet, take_apart
from newsletter.archive.shelf import Shelf, shelves
from newsletter.compose.brand import Brand
from newsletter.compose.calendar import write_date
from newsletter.compose.language import direction_of
from newsletter.compose.pictures import CID
from newsletter.issue.archived import issue_address, item_address
from newsletter.message.frozen import Document

Files = Mapping[str, bytes]
"""By path below the folder of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whose site it is, and where."""

    url: str
    """Without a slash at the end."""
    title: str
    brand: Brand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """One page with an email, and how lists show it."""

    issue: PastIssue
    path: str
    """Its folder, with a slash at the end."""
    address: str
    sheet: Sheet
    title: str
    about: str
    date: dt.date
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    files: Files
    downloads: tuple[Shelf, ...]
    within: str = ""
    """The title of the issue that it is a part of; empty for an issue itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """An entry of a list, in words."""

    path: str
    title: str
    about: str
    date: str
    day: str
    marks: tuple[str, ...]
    lang: str
    dir: str


def build_site(plan: Plan, issues: Iterable[PastIssue]) -> Files:
    """Make every file of the site."""
    return _Building(plan, issues).files()


class _Building:
    """One site on its way."""

    def __init__(self, plan: Plan, issues: Iterable[PastIssue]) -> None:
        brand = plan.brand
        self.plan = plan
        self.words = words_in(brand.lang)
        self.zone = ZoneInfo(brand.time_zone or "UTC")
        newest = sorted(issues, key=lambda each: (each.sent, each.slug), reverse=True)
        self.issues = [self._shown(each) for each in newest]
        self.full = {
            each.path: list(self._wholes(each, each.issue.announced)) for each in self.issues
        }
        self.all = [page for each in self.issues for page in (each, *self.full[each.path])]
        self.dropped = [
            page for each in self.issues for page in self._wholes(each, each.issue.dropped)
        ]
        self.frame = Frame(
            title=plan.title,
            lang=brand.lang,
            dir=brand.dir,
            brand=brand,
            words=self.words,
            sections=shelves("section", [each.sections for each in self.all]),
            tags=shelves("tag", [each.tags for each in self.all]),
        )
        self.press = Press(self.frame)

    def files(self) -> Files:
        press = self.press
        found = {
            "archive.css": press.style(),
            "archive.js": script(),
            "search-words.js": self._search_words(),
            "feed.xml": self._feed(),
            "index.html": press.page(
                "index", "index.html", self.plan.title, years=list(self._years())
            ),
            "search.html": press.page(
                "search", "search.html", self.words["search"], entries=self._lines(self.all)
            ),
        }
        for shelf, kind, has in self._lists():
            entries = self._lines([each for each in self.all if has(each)])
            found[shelf.path] = press.page(
                "list", shelf.path, shelf.name, kind=self.words[kind], entries=entries
            )
        for at, each in enumerate(self.issues):
            found |= self._page(
                each, self.issues[at + 1 : at + 2], self.issues[max(at - 1, 0) : at]
            )
        for each in (*self.all, *self.dropped):
            found |= self._page(each, (), ()) if each.within else {}
            found |= each.files
        return dict(sorted(found.items()))

    # --- emails ----------------------------------------------------------------------------------

    def _shown(self, issue: PastIssue) -> _Shown:
        shown = self._sheet(issue, issue.document, issue_address("", issue.slug))
        return replace(shown, sections=issue.sections, tags=issue.tags)

    def _wholes(self, shown: _Shown, announced: Iterable[Announced]) -> Iterator[_Shown]:
        for each in announced:
            if each.full is not None:
                yield self._whole(shown, each, each.full)

    def _whole(self, shown: _Shown, announced: Announced, full: Document) -> _Shown:
        path = item_address("", shown.issue.slug, announced.slug)
        return replace(
            self._sheet(shown.issue, full, path),
            sections=(announced.section,) if announced.section else (),
            tags=announced.tags,
            within=shown.title,
        )

    def _sheet(self, issue: PastIssue, document: Document, path: str) -> _Shown:
        member = self.words["member"]
        attached = {each.content_id: each for each in document.attachments if each.content_id}
        names = {name: _file_name(each.content, each.name) for name, each in attached.items()}
        beside = [each for each in document.attachments if not each.content_id]
        sheet = take_apart(
            document,
            member=member,
            own=f"{self.plan.url}{path}",
            reason=self.plan.brand.reason,
            pictures={f"{CID}{name}": file for name, file in names.items()},
        )
        subject = fill_for_nobody(document.subject, member)
        downloads = tuple(
            Shelf(name=each.name, path=_file_name(each.content, each.name)) for each in beside
        )
        folder = path.removeprefix("/")
        contents = {folder + names[name]: each.content for name, each in attached.items()}
        contents |= {
            folder + file.path: each.content for file, each in zip(downloads, beside, strict=True)
        }
        return _Shown(
            issue=issue,
            path=folder,
            address=f"{self.plan.url}{path}",
            sheet=sheet,
            title=sheet.title or subject,
            about=fill_for_nobody(document.preheader, member),
            date=issue.sent.astimezone(self.zone).date(),
            sections=(),
            tags=(),
            files=contents,
            downloads=downloads,
        )

    # --- pages -----------------------------------------------------------------------------------

    def _page(self, each: _Shown, older: Sequence[_Shown], newer: Sequence[_Shown]) -> Files:
        words, issue = self.words, each.issue
        known = {*each.sections, *each.tags}
        links = [s for s in (*self.frame.sections, *self.frame.tags) if s.name in known]
        whole = self.full.get(each.path, [])
        page = self.press.page(
            "issue",
            f"{each.path}index.html",
            each.title,
            sheet=each.sheet,
            date=each.date.isoformat(),
            day=self._day(each.date),
            changed=self._changed(issue),
            within=each.within,
            part_of=words["part_of"].format(issue=each.within),
            links=links,
            full=[Shelf(name=w.title, path=w.path.removeprefix(each.path)) for w in whole],
            files=each.downloads,
            older=next(iter(older), None),
            newer=next(iter(newer), None),
        )
        return {f"{each.path}index.html": page}

    def _changed(self, issue: PastIssue) -> str:
        if issue.changed is None:
            return ""
        day = self._day(issue.changed.astimezone(self.zone).date())
        return self.words["changed"].format(day=day)

    def _day(self, date: dt.date) -> str:
        return write_date(date, self.plan.brand.lang)

    def _years(self) -> Iterator[tuple[int, list[_Line]]]:
        for year, entries in groupby(self.issues, key=lambda each: each.date.year):
            yield year, self._lines(list(entries))

    def _lines(self, shown: Sequence[_Shown]) -> list[_Line]:
        return [
            _Line(
                path=each.path,
                title=each.title,
                about=each.about,
                date=each.date.isoformat(),
                day=self._day(each.date),
                marks=(each.within,) if each.within else each.sections,
                lang=each.sheet.lang or self.plan.brand.lang,
                dir=each.sheet.dir or direction_of(each.sheet.lang),
            )
            for each in shown
        ]

    # --- what leads to them ----------------------------------------------------------------------

    def _lists(self) -> "Iterator[tuple[Shelf, str, _Has]]":
        for shelf in self.frame.sections:
            yield shelf, "sections", _Has("sections", shelf.name)
        for shelf in self.frame.tags:
            yield shelf, "tags", _Has("tags", shelf.name)

    def _search_words(self) -> bytes:
        entries = [
            {"t": each.title, "s": each.sections, "g": each.tags, "w": each.sheet.words}
            for each in self.all
        ]
        return f"const ARCHIVED = {json.dumps(entries, ensure_ascii=False)};\n".encode()

    def _feed(self) -> bytes:
        brand = self.plan.brand
        channel = Channel(
            url=f"{self.plan.url}/", title=self.plan.title, author=brand.name, lang=brand.lang
        )
        latest = sorted(self.issues, key=lambda each: each.issue.updated, reverse=True)
        return write_feed(
            channel,
            (
                Entry(
                    url=each.address,
                    title=each.title,
                    lang=each.sheet.lang or brand.lang,
                    sent=each.issue.sent,
                    updated=each.issue.updated,
                    summary=each.about,
                    categories=(*each.sections, *each.tags),
                )
                for each in latest
            ),
        )


@dataclass(frozen=True, slots=True)
class _Has:
    """Tells whether a page is on a shelf."""

    kind: str
    name: str

    def __call__(self, page: _Shown) -> bool:
        return self.name in (page.sections if self.kind == "sections" else page.tags)


def _file_name(content: bytes, name: str) -> str:
    """Name a file by what is in it: the same picture twice is one file."""
    digest = blake2b(content, digest_size=8).hexdigest()
    return f"{digest}{PurePosixPath(name).suffix or '.bin'}"
