"""The announcements as the pages of the desk have them: files, and their previews."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote

from newsletter.errors import Refused
from newsletter.web.desk.answer import Answer
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.sources import find_file, find_source, is_digest
from newsletter.web.previewing import Previewing
from newsletter.web.showing import Showing
from newsletter.workspace.folder import Folder
from newsletter.workspace.understand import Task

_MOST = 24
"""Previews that are kept; who was looked at longest ago is made anew."""


class Shelf:
    """What all pages about announcements share."""

    def __init__(self, desk: Desk) -> None:
        """Begin with no preview made."""
        self.desk = desk
        self.folder = Folder(desk.root)
        self._showings: OrderedDict[str, Showing] = OrderedDict()
        self._lock = threading.Lock()

    def task(self, name: str) -> Task:
        """Say what to compose.

        Raises:
            Refused: there is no such announcement, and no such digest.
        """
        if is_digest(name):
            return Task(file=find_file(self.desk.open(), self.folder, name), again=True)
        return Task(file=_near(str(self.folder.find(name))), again=True)

    def showing(self, name: str) -> Showing:
        """Give the preview of an announcement.

        Raises:
            Refused: there is none.
            InputErrors: the settings are wrong.
        """
        task = self.task(name)
        with self._lock:
            if name not in self._showings:
                previewing = Previewing(self.desk.open(), task)
                self._showings[name] = Showing(previewing.sheet, previewing.people)
            self._showings.move_to_end(name)
            while len(self._showings) > _MOST:
                self._showings.popitem(last=False)
            return self._showings[name]


def found(shelf: Shelf, answer: Callable[[Asked, str], Answer]) -> Callable[[Asked], Answer]:
    """Let `answer` have the name of the announcement, or say that there is none."""

    def checked(asked: Asked) -> Answer:
        name = asked.places["name"]
        try:
            shelf.folder.find(name)
        except Refused:
            text = "Perhaps it was renamed or deleted. The list shows what is there now."
            return shelf.desk.problem(
                asked, "There is no such announcement", text, HTTPStatus.NOT_FOUND
            )
        return answer(asked, name)

    return checked


def composed(shelf: Shelf, answer: Callable[[Asked, str], Answer]) -> Callable[[Asked], Answer]:
    """Let `answer` have the name of an announcement or of a digest, or say that there is none."""
    file = found(shelf, answer)

    def checked(asked: Asked) -> Answer:
        name = asked.places["name"]
        if not is_digest(name):
            return file(asked)
        try:
            find_source(shelf.desk.open(), name)
        except Refused as refusal:
            text = f"{refusal.problem[:1].upper()}{refusal.problem[1:]}: {refusal.hint}."
            title = "There is no such issue"
            return shelf.desk.problem(asked, title, text, HTTPStatus.NOT_FOUND)
        return answer(asked, name)

    return checked


def home(name: str) -> str:
    """Give where the pages of an announcement begin, whatever its file is called."""
    return f"/announcements/{quote(name, safe='')}"


def query_of(asked: Asked) -> Mapping[str, str]:
    """Give the first value of each name of the query."""
    return {name: values[0] for name, values in asked.query.items() if values}


def _near(path: str) -> str:
    """Name a file as a person at this machine would, from the folder they work in."""
    try:
        near = os.path.relpath(path)
    except ValueError:  # on another drive
        return path
    return path if near.startswith("..") else near
