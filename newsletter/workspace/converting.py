"""A Word document turned into a file of Markdown, with its pictures in a folder beside it."""

from pathlib import Path

from newsletter.announcement.docx import SUFFIX, WordText, read_docx
from newsletter.errors import Refused


def convert(file: Path, target: Path) -> WordText:
    """Write the Word document `file` as Markdown to `target`; nothing is overwritten.

    Raises:
        AnnouncementError: it is no Word document that can be read.
        Refused: it is none by its name, something is there already, or it cannot be written.
    """
    if file.suffix.lower() != SUFFIX:
        raise Refused(f"{file} is no {SUFFIX} file", hint="name a Word document")
    word = read_docx(str(file))
    folder = target.with_name(f"{target.stem}-images")
    if target.exists() or (word.images and folder.exists()):
        raise Refused(
            f"{target if target.exists() else folder} exists already",
            hint="choose another file with --out",
        )
    markdown = word.markdown
    try:
        for name, content in word.images.items():
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            markdown = markdown.replace(f"]({name})", f"]({folder.name}/{name})")
        target.write_text(markdown, encoding="utf-8")
    except OSError as reason:
        raise Refused(
            f"{target} cannot be written: {reason.strerror}", hint="choose another file with --out"
        ) from reason
    return word
