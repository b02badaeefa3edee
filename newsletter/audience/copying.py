"""A list taken over as a file of our own: one table in UTF-8, written whole or not at all."""

import csv
import os
import shutil
import tempfile
from pathlib import Path

from newsletter.audience.listfile import WORKBOOK, ListFile, read_rows
from newsletter.errors import Refused


def copy_list(file: ListFile, target: Path, encoding: str) -> None:
    """Write the heading and the rows of `file` as CSV to `target`, in place of what is there.

    The cells stay as they are, also where they are wrong. A workbook stays one where `target` is
    to be one.

    Raises:
        InputErrors: `file` stops being a table part-way; `target` is as it was.
        Refused: `target` cannot be written, or is to be a workbook and `file` is none.
    """
    is_workbook = target.suffix.lower() == ".xlsx"
    if is_workbook and file.encoding != WORKBOOK:
        raise Refused(
            f"{target.name} is to be an Excel file, and {file.path.name} is none",
            hint='set file = "recipients/members.csv" in [members] of newsletter.toml',
        )
    aside = ""
    try:
        # What `mkstemp` makes is for its owner alone: these are personal data.
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".members-")
        os.close(handle)
        if is_workbook:
            shutil.copyfile(file.path, aside)
        else:
            _write(file, Path(aside), encoding)
        if target.exists():
            shutil.copymode(target, aside)
        Path(aside).replace(target)
    except OSError as reason:
        raise Refused(
            f"the list cannot be written to {target}: {reason.strerror}",
            hint="look whether the folder is there and may be written to",
        ) from reason
    finally:
        if aside:
            Path(aside).unlink(missing_ok=True)


def _write(file: ListFile, path: Path, encoding: str) -> None:
    with path.open("w", encoding=encoding, errors="replace", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(file.heading.written)
        writer.writerows(row for _line, row in read_rows(file))
        stream.flush()
        os.fsync(stream.fileno())
