"""A real SMTP server on this machine that answers as it is told, address by address."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from ports import free_port

HANG_UP = "hang up"
HANG = "hang"
GARBAGE = "garbage"


@dataclass
class Post:
    """Keeps what arrives, and goes wrong for chosen recipients at a chosen command."""

    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    """What to answer, by command and the part of the address before the @."""
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and octets, in order."""
    tried: list[str] = field(default_factory=list)
    """Every recipient that a RCPT named."""
    connections: list[object] = field(default_factory=list)
    is_pipelining: bool = False

    async def handle_EHLO(  # noqa: N802 # aiosmtpd names its hooks so
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        if session.peer not in self.connections:
            self.connections.append(session.peer)
        session.host_name = hostname
        return ["250-PIPELINING", *said] if self.is_pipelining else said

    async def handle_MAIL(  # noqa: N802 # aiosmtpd names its hooks so
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer(server, "MAIL", address, "250 OK")

    async def handle_RCPT(  # noqa: N802 # aiosmtpd names its hooks so
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.tried.append(address)
        answer = await self._answer(server, "RCPT", address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 # aiosmtpd names its hooks so
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        (address,) = envelope.rcpt_tos
        answer = await self._answer(server, "DATA", address, "250 2.0.0 Ok: queued as Q1")
        if answer.startswith("250"):
            assert isinstance(envelope.original_content, bytes)
            self.arrived.append((address, envelope.original_content))
        return answer

    async def _answer(self, server: SMTP, command: str, address: str, usual: str) -> str:
        local = address.partition("@")[0]
        answer = self.faults.get((command, local), usual)
        if answer == HANG_UP:
            assert server.transport is not None
            server.transport.abort()
        if answer == HANG:
            await asyncio.sleep(30)
        return "999 what is this" if answer == GARBAGE else answer


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(
        success=data == LoginPassword(b"news", b"right password"),
        handled=False,  # lets the server itself answer 535
    )


@contextmanager
def running_smtp(
    post: Post, *, tls: ssl.SSLContext | None = None, must_log_in: bool = False
) -> Iterator[int]:
    """Run the server and give its port; with `tls` it insists on STARTTLS."""
    port = free_port()
    controller = Controller(
        post,
        hostname="127.0.0.1",
        port=port,
        tls_context=tls,
        require_starttls=tls is not None,
        auth_required=must_log_in,
        auth_require_tls=must_log_in,
        authenticator=_authenticate,
        data_size_limit=50_000_000,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
