"""A real SMTP server that takes its time, and remembers who got how many."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from ports import free_port


class SlowMailbox:
    """Takes every message a little slowly, and remembers who got how many."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()
        self.seconds = 0.02

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        await asyncio.sleep(self.seconds)
        self.got.update(envelope.rcpt_tos)
        return "250 taken"


@contextmanager
def mailbox_of(workspace: Path) -> Iterator[SlowMailbox]:
    """Let the SMTP of a workspace lead there, five messages a request."""
    taken = SlowMailbox()
    port = free_port()
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    path = workspace / "newsletter.toml"
    text = path.read_text().replace("port = 587", f"port = {port}\nbatch_size = 5")
    path.write_text(text.replace('security = "starttls"', 'security = "none"'))
    try:
        yield taken
    finally:
        controller.stop()
