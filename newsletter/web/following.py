"""Following files: whatever changes on disk makes a new version for the open pages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from newsletter.web.live import Hub

_STEP_MS, _DEBOUNCE_MS = 15, 60
"""How long the watcher collects what one save does to the disk."""
_LOOK_MS = 500
"""How often the watcher looks whether folders came, went or were made anew."""
_PASSED_OVER = {"__pycache__", "build", "dist", "node_modules", "outbox"}
"""Folders of a workspace that programs write; hidden ones are passed over, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """What is watched."""

    deep: frozenset[Path]
    """With all below."""
    flat: frozenset[Path]
    """Without what is below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Which files are followed."""

    folders: Callable[[], Folders]
    """Tells what to watch now."""
    is_ours: Callable[[Path], bool]
    """Tells whether a changed file matters."""


def folders_in(root: Path) -> frozenset[Path]:
    """List the folders of a workspace that people write in."""
    try:
        return frozenset(each for each in root.iterdir() if _may_hold_ours(each))
    except OSError:
        return frozenset()


def _may_hold_ours(path: Path) -> bool:
    return path.is_dir() and path.name not in _PASSED_OVER and not path.name.startswith(".")


@asynccontextmanager
async def followed(following: Following, hub: Hub) -> AsyncIterator[None]:
    """Tell `hub` of every change for as long as the block lasts."""
    stop = asyncio.Event()
    watcher = _Watcher(following, hub, stop)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watcher.watch(lambda: following.folders().deep, deep=True))
        tasks.create_task(watcher.watch(lambda: following.folders().flat, deep=False))
        yield
        stop.set()


@dataclass(frozen=True, slots=True)
class _Watcher:
    following: Following
    hub: Hub
    stop: asyncio.Event

    async def watch(self, wanted: Callable[[], Iterable[Path]], *, deep: bool) -> None:
        watched = _existing(wanted())
        while not self.stop.is_set():
            await self._follow(watched, wanted, deep=deep)
            if not self.stop.is_set():
                # Whatever happened between two looks is not lost: the pages ask again.
                watched = _existing(wanted())
                await self.hub.publish()

    async def _follow(
        self, watched: dict[Path, int], wanted: Callable[[], Iterable[Path]], *, deep: bool
    ) -> None:
        """Publish what changes, until other folders are to be watched."""
        found = awatch(
            *watched,
            recursive=deep,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            stop_event=self.stop,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            watch_filter=lambda _change, path: self.following.is_ours(Path(path)),
        )
        # A folder may go at any moment: then the next look finds the others.
        with suppress(FileNotFoundError):
            async with aclosing(found):
                async for changes in found:
                    if changes:
                        await self.hub.publish()
                    if _existing(wanted()) != watched:
                        return


def _existing(folders: Iterable[Path]) -> dict[Path, int]:
    """Give the folders that are there, and which they are: one made anew is another."""
    known: dict[Path, int] = {}
    for folder in folders:
        try:
            known[folder] = folder.stat().st_ino
        except OSError:
            continue
    return known
