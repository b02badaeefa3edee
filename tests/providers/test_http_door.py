"""Who is at the other end of a connection, and what they get before that is known."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from certificates import write_certificate
from provider_samples import batch, recipient
from test_http_providers import OPTIONS, PLAIN, SECRETS, SERVERS

from newsletter.errors import AccessRefused
from newsletter.providers.registry import build


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Run a server with a certificate that nobody trusts; give its URL and what it was told."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(write_certificate(tmp_path / "stranger.pem"))
    told: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with (
                    connection,
                    suppress(OSError),
                    tls.wrap_socket(connection, server_side=True) as secured,
                ):
                    told.append(secured.recv(65_536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", told
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("name", ["sendgrid", *SERVERS])
def test_whoever_has_an_untrusted_certificate_gets_nothing(
    name: str, stranger: tuple[str, list[bytes]]
) -> None:
    url, told = stranger
    secrets = {**SECRETS, "SENDGRID_API_KEY": "SG.the-secret-key"}
    provider = build(name, {"host": url, **OPTIONS.get(name, {})}, secrets)

    with pytest.raises(AccessRefused, match="not trusted") as caught:
        provider.send(batch(recipient(1), document=PLAIN))

    assert "SSL_CERT_FILE" in caught.value.hint
    assert told == []
