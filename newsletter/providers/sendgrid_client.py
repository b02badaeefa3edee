"""The door to the sendgrid package: one POST, and whatever came back of it as a value.

The package is used with four of its habits put right: it waits for ever, it follows a redirect by
a GET that looks like success, it reads all certificates again for every request (45 ms), and at
DEBUG it logs the key.
"""

import logging
import ssl
import urllib.request
from email.message import Message
from http.client import HTTPException
from urllib.error import URLError

from python_http_client import Client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from newsletter.errors import NotAccepted, OutcomeUnknown
from newsletter.providers.reply import note_of
from newsletter.providers.sendgrid_answer import Answer
from newsletter.providers.sendgrid_body import RequestBody


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


class _CarefulClient(Client):  # type: ignore[misc] # the package has no types
    """The package's client, over an opener of ours."""

    opener: urllib.request.OpenerDirector

    def _build_client(self, name: str | None = None) -> "_CarefulClient":
        plain = super()._build_client(name)
        child = _CarefulClient(**_arguments(plain))
        child.opener = self.opener
        return child

    def _make_request(
        self, _opener: object, request: urllib.request.Request, timeout: float | None = None
    ) -> object:
        return super()._make_request(self.opener, request, timeout=timeout)


def _arguments(client: Client) -> dict[str, object]:
    return {
        "host": client.host,
        "request_headers": client.request_headers,
        "version": client._version,  # noqa: SLF001 # the package keeps it nowhere else
        "url_path": client._url_path,  # noqa: SLF001 # the same
        "append_slash": client.append_slash,
        "timeout": client.timeout,
    }


def opener() -> urllib.request.OpenerDirector:
    """Make what opens connections: verified, never redirected; may be shared by threads."""
    tls = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    return urllib.request.build_opener(_NoRedirect, tls)


class SendGridClient:
    """Posts to `mail/send`; for one thread."""

    def __init__(
        self, key: str, *, host: str, timeout: float, through: urllib.request.OpenerDirector
    ) -> None:
        """Talk to `host` with `key`, waiting `timeout` seconds for each answer at most."""
        _keep_the_key_out_of_logs()
        self._api = SendGridAPIClient(key, host=host)
        client = _CarefulClient(**_arguments(self._api.client))
        client.timeout = timeout
        client.opener = through
        self._api.client = client

    def post(self, body: RequestBody) -> Answer:
        """Hand over `body` once.

        Raises:
            NotAccepted: it was not handed over whole.
            OutcomeUnknown: it was, and no answer came.
        """
        try:
            response = self._api.send(body)
        except HTTPError as error:
            return _answer(error.status_code, error.headers, error.body)
        except URLError as error:
            # urllib wraps only what fails until the last octet is written (`do_open`), and a
            # request that never arrived whole cannot have been accepted.
            raise NotAccepted(f"SendGrid was not reached: {note_of(str(error.reason))}") from error
        except (OSError, HTTPException) as error:
            raise OutcomeUnknown(
                f"the connection broke before SendGrid answered ({type(error).__name__})"
            ) from error
        return _answer(response.status_code, response.headers, response.body)


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def _keep_the_key_out_of_logs() -> None:
    # A filter holds even where somebody sets the level of every logger to DEBUG.
    logger = logging.getLogger("python_http_client.client")
    logger.setLevel(logging.WARNING)
    if _above_debug not in logger.filters:
        logger.addFilter(_above_debug)


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG
