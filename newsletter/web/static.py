"""The preview as files: the same pages without a server."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from newsletter.errors import Refused
from newsletter.web.preview import page_environment
from newsletter.web.sheet import Sheet, image_name


def write_sheets(sheets: Sequence[Sheet], folder: Path) -> Path:
    """Write a page for each variant into `folder`, with messages and images; return the first.

    Raises:
        Refused: the folder cannot be written.
    """
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        pages = page_environment()
        for name in ("preview.css", "preview.js"):
            (folder / name).write_text(pages.get_template(name).render(), encoding="utf-8")
        paths = [_write(sheet, folder) for sheet in sheets]
        shutil.copyfile(paths[0], folder / "index.html")
    except OSError as reason:
        raise Refused(
            f"{folder} cannot be written: {reason.strerror}", hint="choose another folder"
        ) from reason
    return folder / "index.html"


def _write(sheet: Sheet, folder: Path) -> Path:
    for url, path in sheet.images.items():
        shutil.copyfile(path, folder / "images" / image_name(url))
    variant = sheet.shown.variant if sheet.shown else "-"
    message = sheet.message
    html, text = sheet.html_with("images/"), message.text if message else ""
    (folder / f"message-{variant}.html").write_text(html, encoding="utf-8")
    (folder / f"message-{variant}.txt").write_text(text, encoding="utf-8")
    page = folder / f"variant-{variant}.html"
    rendered = page_environment().get_template("preview.html.j2").render(sheet=sheet, live=False)
    page.write_text(rendered, encoding="utf-8")
    return page
