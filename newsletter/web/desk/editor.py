"""Writing an announcement: the file itself, in the browser, with its preview beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.announcement.docx import SUFFIX as WORD
from newsletter.announcement.pasted import LARGEST as MOST_PASTED
from newsletter.announcement.pasted import from_html
from newsletter.errors import NewsletterError, render_error
from newsletter.ledger.roles import Right
from newsletter.web.desk.answer import Answer, as_json, as_text, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.previews import Previews
from newsletter.web.desk.shelf import Shelf, found, home
from newsletter.workspace.folder import LARGEST_PICTURE, NewerOnDisk, Written

_MOST_TEXT = 6_500_000
"""Bytes of a form with the largest text: most letters take three where a form sends them."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Answers whoever writes."""

    shelf: Shelf
    previews: Previews

    def places(self) -> Sequence[Place]:
        """Give the places."""
        at, shelf = "/announcements/{name}", self.shelf
        return (
            page(f"{at}/write", found(shelf, self.show), Right.WRITE),
            page(f"{at}/file", found(shelf, self.file), Right.WRITE),
            button(f"{at}/save", found(shelf, self.save), Right.WRITE, most=_MOST_TEXT),
            button(f"{at}/picture", found(shelf, self.picture), Right.WRITE, most=LARGEST_PICTURE),
            button("/announcements/paste", self.paste, Right.WRITE, most=MOST_PASTED),
        )

    def show(self, asked: Asked, name: str) -> Answer:
        """Show the text and the email that it makes."""
        if name.lower().endswith(WORD):
            said = "A Word document is written in Word. Turn it into Markdown to write it here."
            return go_to(home(name), said, "plain")
        written = self.shelf.folder.read(name)
        return self.shelf.desk.page(
            asked, "editor.html.j2", written=written, **self.previews.values(asked, name)
        )

    def file(self, _asked: Asked, name: str) -> Answer:
        """Tell an open page what stands on disk now."""
        return as_json(_as_values(self.shelf.folder.read(name)))

    def save(self, asked: Asked, name: str) -> Answer:
        """Write the text, if what stands on disk is what the writer had before them."""
        is_form = "text" in asked.fields
        text = asked.one("text") if is_form else asked.body.decode("utf-8", "replace")
        mark = asked.one("mark") or asked.ask("mark")
        try:
            written = self.shelf.folder.save(name, text, mark)
        except NewerOnDisk as newer:
            if not is_form:
                return as_json(_as_values(newer.theirs), HTTPStatus.CONFLICT)
            return self._both(asked, name, text, newer.theirs)
        if is_form:
            return go_to(f"{home(name)}/write", "Saved.")
        return as_json({"mark": written.mark})

    def picture(self, asked: Asked, name: str) -> Answer:
        """Put a picture beside the announcement."""
        try:
            path = self.shelf.folder.add_picture(asked.ask("as"), asked.body)
        except NewsletterError as problem:
            return as_text(render_error(problem), HTTPStatus.CONFLICT)
        return as_json({"path": path, "for": name})

    def paste(self, asked: Asked) -> Answer:
        """Turn what was copied from Word or a web page into Markdown."""
        return as_text(from_html(asked.body.decode("utf-8", "replace")))

    def _both(self, asked: Asked, name: str, mine: str, theirs: Written) -> Answer:
        """Show both texts; nothing was written."""
        return self.shelf.desk.page(
            asked,
            "editor_both.html.j2",
            status=HTTPStatus.CONFLICT,
            name=name,
            mine=mine,
            theirs=theirs,
        )


def _as_values(written: Written) -> dict[str, str]:
    return {"text": written.text, "mark": written.mark}
