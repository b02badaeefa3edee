"""What all scripts are given: one list, one document with marks to replace, and the port to use.

Run each as `python NAME.py FOLDER LIST PORT`. None of them keeps a record of what was sent, checks
an address, signs a link, or survives an error: they are what somebody writes in an afternoon.
"""

import csv
import html
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]
MARKS = ("-first_name-", "-email-", "-unsubscribe_url-")
"""Where the documents have the first name, the address and the link."""
SENDER = "news@meridian.example.org"
SUBJECT = "News of the section, {}"


def link_of(member: str) -> str:
    """Write an unsubscribe link as long as ours."""
    return f"https://news.meridian.example.org/u/{member:0>40}"


def port() -> int:
    """Give the port of the sink."""
    return int(sys.argv[3])


def pages() -> tuple[str, str]:
    """Give the HTML and the text, with marks."""
    folder = Path(sys.argv[1])
    return (folder / "document.html").read_text("utf-8"), (folder / "document.txt").read_text()


def rows() -> Iterator[Row]:
    """Give the rows of the list."""
    with Path(sys.argv[2]).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def batches(size: int) -> Iterator[list[Row]]:
    """Give the rows of the list, so many at a time."""
    left = rows()
    while batch := list(itertools.islice(left, size)):
        yield batch


def values_of(row: Row) -> tuple[str, str, str]:
    """Give what replaces the marks."""
    return row["first_name"] or "colleague", row["email"], link_of(row["member_id"])


def merged(page: str, values: tuple[str, ...]) -> str:
    """Replace the marks."""
    for mark, value in zip(MARKS, values, strict=True):
        page = page.replace(mark, value)
    return page


def merged_html(page: str, values: tuple[str, ...]) -> str:
    """Replace the marks by escaped values."""
    return merged(page, tuple(html.escape(value) for value in values))
