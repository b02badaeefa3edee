"""The preview as files: the same pages without a server."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from newsletter.errors import Refused
from newsletter.web.preview import page_environment
from newsletter.web.sheet import Scheme, Sheet, image_name

_HEAD = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " style-src 'unsafe-inline'; img-src file: http: https:; base-uri 'none';"
    " form-action 'none'\">"
)
"""What the server says in headers."""

_NAMES: dict[Scheme, str] = {"light": "", "dark": ".dark"}
"""The end of the name of a message in each scheme."""


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
            f"{folder} cannot be written: {reason.strerror or reason}",
            hint="choose another folder",
        ) from reason
    return folder / "index.html"


def _write(sheet: Sheet, folder: Path) -> Path:
    for url, path in sheet.images.items():
        shutil.copyfile(path, folder / "images" / image_name(url))
    variant = sheet.shown.variant if sheet.shown else "-"
    text = sheet.message.text if sheet.message else ""
    for scheme, name in _NAMES.items():
        html = sheet.html_for(scheme, "images/", _HEAD)
        (folder / f"message-{variant}{name}.html").write_text(html, encoding="utf-8")
    (folder / f"message-{variant}.txt").write_text(text, encoding="utf-8")
    page = folder / f"variant-{variant}.html"
    template = page_environment().get_template("preview.html.j2")
    page.write_text(template.render(sheet=sheet, live=False, version=""), encoding="utf-8")
    return page
