"""Messages on an IMAP server, over verified TLS, which stays as it is: the door to imaplib."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import unquote, urlsplit

from newsletter.errors import InputError, Refused
from newsletter.feedback.mailfiles import LONGEST, Letter, parse_letter

_PORT = 993
_PATIENCE = 60.0
"""Seconds for each answer."""
# SEARCH takes its months in English, whatever the language of the machine.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the mailbox is."""

    host: str
    port: int = _PORT
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def read_url(url: str, password: str) -> Account:
    """Read `imaps://user@host:port/folder`.

    Raises:
        InputError: it is no such address, or holds a password.
    """
    parts = urlsplit(url)
    hint = "write it like imaps://bounces%40example.org@mail.example.org/INBOX"
    if parts.scheme != "imaps":
        raise InputError(f"{parts.scheme}:// is not understood: only over TLS", hint=hint)
    if parts.password is not None:
        raise InputError(
            "a password in an address stays in the history of the shell",
            hint="set NEWSLETTER_IMAP_PASSWORD instead",
        )
    try:
        port = parts.port or _PORT
    except ValueError as reason:
        raise InputError("the port of the mailbox is no number", hint=hint) from reason
    if not parts.hostname or not parts.username:
        raise InputError("the address of the mailbox has no host or no user", hint=hint)
    if not password:
        raise InputError(
            "NEWSLETTER_IMAP_PASSWORD is not set", hint="set it to the password of the mailbox"
        )
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Account(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username),
        password=password,
        folder=folder,
    )


class Mailbox:
    """A folder that is looked at."""

    def __init__(self, account: Account) -> None:
        """Log in and look at the folder, for reading only.

        Raises:
            Refused: the server is not there, or does not let us in.
        """
        try:
            self._server = imaplib.IMAP4_SSL(
                account.host,
                account.port,
                # imaplib itself would trust any certificate.
                ssl_context=ssl.create_default_context(),
                timeout=_PATIENCE,
            )
        except (OSError, imaplib.IMAP4.error) as reason:
            raise Refused(
                f"{account.host} cannot be reached: {type(reason).__name__}",
                hint="check host and port; the certificate has to be valid",
            ) from reason
        try:
            self._server.login(_quoted(account.user), account.password)
            # For reading only: what nobody has seen stays unseen.
            status, _said = self._server.select(_quoted(account.folder), readonly=True)
        except (OSError, imaplib.IMAP4.error) as reason:
            self.close()
            raise Refused(
                f"{account.host} does not let {account.user} in",
                hint="check the user and NEWSLETTER_IMAP_PASSWORD",
            ) from reason
        if status != "OK":
            self.close()
            raise Refused(
                f"there is no folder {account.folder!r} at {account.host}",
                hint="name it at the end of the address, such as /INBOX",
            )

    def find(self, since: date) -> tuple[str, ...]:
        """List the messages that came since a day, by their numbers.

        Raises:
            Refused: the server does not answer.
        """
        day = f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"
        with _answering():
            _status, found = self._server.uid("SEARCH", "SINCE", day)
        return tuple(found[0].decode("ascii").split()) if found and found[0] else ()

    def read(self, numbers: tuple[str, ...]) -> Iterator[Letter]:
        """Read messages one by one.

        Raises:
            Refused: the server does not answer.
        """
        for number in numbers:
            with _answering():
                _status, found = self._server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
            octets = next((each[1] for each in found if isinstance(each, tuple)), None)
            if octets is not None:  # else it was deleted meanwhile
                yield parse_letter(f"message {number}", octets)

    def close(self) -> None:
        """Log out."""
        try:
            self._server.logout()
        except (OSError, imaplib.IMAP4.error):
            self._server.shutdown()


def _quoted(text: str) -> str:
    """Write a string of IMAP: imaplib quotes passwords and nothing else."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _answering() -> Iterator[None]:
    """Turn faults of the connection into words."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error) as reason:
        raise Refused(
            f"the mailbox does not answer: {type(reason).__name__}",
            hint="run it again: nothing is counted twice",
        ) from reason
