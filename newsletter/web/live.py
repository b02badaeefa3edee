"""Telling open pages that something changed, by server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex


class Hub:
    """Counts versions, and wakes everybody who waits for the next."""

    def __init__(self) -> None:
        """Begin with version 0 and nobody waiting."""
        self._run = token_hex(4)
        self._count = 0
        self._is_closed = False
        self._changed = asyncio.Condition()

    @property
    def version(self) -> str:
        """Name the present version; no two runs of the program name theirs alike."""
        # A page that stayed open while the program was started anew must see that it is old.
        return f"{self._run}.{self._count}"

    @property
    def is_closed(self) -> bool:
        """Tell whether the program ends, and every stream with it."""
        return self._is_closed

    async def publish(self) -> None:
        """Make a new version."""
        async with self._changed:
            self._count += 1
            self._changed.notify_all()

    async def close(self) -> None:
        """End every stream."""
        async with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    async def stream(self) -> AsyncIterator[str]:
        """Yield an event for the present version, then one for each new one."""
        # Browsers come back by themselves, after 3 s if nobody tells them otherwise.
        yield "retry: 500\n\n"
        while not self._is_closed:
            seen = self.version
            yield f"event: version\ndata: {seen}\n\n"
            async with self._changed:
                while self.version == seen and not self._is_closed:
                    await self._changed.wait()
