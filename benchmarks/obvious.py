"""The scripts that somebody would write instead, with the same list and the same document.

Run as a program: `python obvious.py HOW WORKSPACE PORT`. None of them keeps a record of what was
sent, checks an address, escapes the values of a SendGrid substitution, or survives an error.
"""

import csv
import html
import itertools
import smtplib
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from society import link_of, to_replace

Row = dict[str, str]
_SENDER = "news@meridian.example.org"
_SUBJECT = "News of the section, {}"


def main(how: str, workspace: str, port: str) -> None:
    """Send to everybody."""
    folder = Path(workspace)
    pages = (folder / "document.html").read_text("utf-8"), (folder / "document.txt").read_text()
    {"each": _each, "batches": _batches, "smtplib": _smtplib}[how](folder, pages, int(port))


def _rows(folder: Path) -> Iterator[Row]:
    with (folder / "recipients/members.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _values(row: Row) -> tuple[str, str, str]:
    return row["first_name"] or "colleague", row["email"], link_of(row["member_id"])


def _merged(page: str, values: tuple[str, ...]) -> str:
    for mark, value in zip(to_replace(), values, strict=True):
        page = page.replace(mark, value)
    return page


def _smtplib(folder: Path, pages: tuple[str, str], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for row in _rows(folder):
            values = _values(row)
            message = EmailMessage()
            message["From"], message["To"] = _SENDER, row["email"]
            message["Subject"] = _SUBJECT.format(values[0])
            message["List-Unsubscribe"] = f"<{values[2]}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            message.set_content(_merged(pages[1], values))
            escaped = tuple(html.escape(value) for value in values)
            message.add_alternative(_merged(pages[0], escaped), subtype="html")
            server.send_message(message)


def _each(folder: Path, pages: tuple[str, str], port: int) -> None:
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Header, Mail

    client = SendGridAPIClient("SG.key", host=f"http://127.0.0.1:{port}")
    for row in _rows(folder):
        values = _values(row)
        mail = Mail(
            from_email=_SENDER,
            to_emails=row["email"],
            subject=_SUBJECT.format(values[0]),
            plain_text_content=_merged(pages[1], values),
            html_content=_merged(pages[0], tuple(html.escape(value) for value in values)),
        )
        mail.add_header(Header("List-Unsubscribe", f"<{values[2]}>"))
        client.send(mail)


def _batches(folder: Path, pages: tuple[str, str], port: int) -> None:
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Header, Mail, Personalization, Substitution, To

    client = SendGridAPIClient("SG.key", host=f"http://127.0.0.1:{port}")
    rows = _rows(folder)
    while batch := list(itertools.islice(rows, 1000)):
        mail = Mail(
            from_email=_SENDER,
            subject=_SUBJECT.format(to_replace()[0]),
            plain_text_content=pages[1],
            html_content=pages[0],
        )
        for row in batch:
            values = _values(row)
            one = Personalization()
            one.add_to(To(row["email"], row["first_name"] or None))
            for mark, value in zip(to_replace(), values, strict=True):
                one.add_substitution(Substitution(mark, value))
            one.add_header(Header("List-Unsubscribe", f"<{values[2]}>"))
            mail.add_personalization(one)
        client.send(mail)


if __name__ == "__main__":
    main(*sys.argv[1:])
