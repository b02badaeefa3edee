"""Telling open pages that something changed, by server-sent events."""

import asyncio
from collections.abc import AsyncIterator


class Hub:
    """Counts versions, and wakes everybody who waits for the next."""

    def __init__(self) -> None:
        """Begin with version 0 and nobody waiting."""
        self.version = 0
        self._is_closed = False
        self._changed = asyncio.Condition()

    async def publish(self) -> None:
        """Make a new version."""
        async with self._changed:
            self.version += 1
            self._changed.notify_all()

    async def close(self) -> None:
        """End every stream."""
        async with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    async def stream(self) -> AsyncIterator[str]:
        """Yield an event for the present version, then one for each new one."""
        seen = -1
        while not self._is_closed:
            seen = self.version
            yield f"event: version\ndata: {seen}\n\n"
            async with self._changed:
                while self.version == seen and not self._is_closed:
                    await self._changed.wait()
