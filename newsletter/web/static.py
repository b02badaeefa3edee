"""The preview as files: the same pages without a server."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from newsletter.errors import Refused
from newsletter.web.anchors import with_headings
from newsletter.web.desk.paper import Paper
from newsletter.web.looks import Look
from newsletter.web.preview import write_page
from newsletter.web.sheet import Sheet

_HEAD = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " style-src 'unsafe-inline'; img-src data: http: https:; base-uri 'none';"
    " form-action 'none'\">"
)
"""What the server says in headers."""


def write_sheets(sheets: Sequence[Sheet], folder: Path) -> Path:
    """Write a page for each variant into `folder`, with its message in each look; return the first.

    Raises:
        Refused: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paper = Paper()
        for name in ("desk.css", "preview.css", "preview.js"):
            found = paper.file(name)
            (folder / name).write_bytes(found[1] if found else b"")
        paths = [_write(sheet, folder, paper) for sheet in sheets]
        shutil.copyfile(paths[0], folder / "index.html")
    except OSError as reason:
        raise Refused(
            f"{folder} cannot be written: {reason.strerror or reason}",
            hint="choose another folder",
        ) from reason
    return folder / "index.html"


def _write(sheet: Sheet, folder: Path, paper: Paper) -> Path:
    variant = sheet.shown.variant if sheet.shown else "-"
    text = sheet.message.text if sheet.message else ""
    for look in Look:
        html = with_headings(sheet.html_for(look, _HEAD))
        (folder / f"message-{variant}.{look}.html").write_text(html, encoding="utf-8")
    (folder / f"message-{variant}.txt").write_text(text, encoding="utf-8")
    page = folder / f"variant-{variant}.html"
    page.write_text(write_page(paper, sheet, version="", base=""), encoding="utf-8")
    return page
