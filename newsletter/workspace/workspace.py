"""The objects that commands work with, built from the settings in one place."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.audience.segment import Segment, on_date, resolve
from newsletter.audience.tomlfile import read_segments
from newsletter.clock import Clock, SystemClock
from newsletter.compose.shelf import Shelf
from newsletter.ledger.database import Ledger, open_ledger
from newsletter.ledger.members import MemberList, bring_in
from newsletter.providers.protocol import Provider
from newsletter.providers.registry import build
from newsletter.tables import Problems
from newsletter.workspace.secrets import Secrets, read_secrets
from newsletter.workspace.settings import Settings, find_workspace, read_settings, settings_lines

Counting = Callable[[str], AbstractContextManager[Callable[[int], None]]]
"""Shows somebody how far a long step is; what it yields is called with each further count."""


@contextmanager
def uncounted(_what: str) -> Iterator[Callable[[int], None]]:
    """Show nobody anything."""
    yield lambda _count: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace."""

    settings: Settings
    secrets: Secrets
    ledger: Ledger
    clock: Clock
    counting: Counting = uncounted
    themes: Shelf = field(default_factory=Shelf)

    def members(self) -> MemberList:
        """Make sure that the ledger holds the list as its file is now.

        Raises:
            InputErrors: the list cannot be used.
        """
        with self.counting("reading members") as progress:
            return bring_in(
                self.ledger,
                self.settings.members_file,
                self.clock.now(),
                wanted=self.settings.members_wanted,
                progress=progress,
            )

    def segments(self) -> dict[str, Segment]:
        """Read the segments, by name.

        Raises:
            InputErrors: some cannot be read.
        """
        topics = [topic.name for topic in self.settings.topics]
        found = resolve(read_segments(self.settings.segments_file), topics)
        return on_date(found, self.clock.now().date())

    def provider(self, name: str) -> Provider:
        """Make the provider `name` from its settings and secrets.

        Raises:
            SettingsError: there is no such provider, or it lacks something.
        """
        return provider_of(self.settings, self.secrets, name)

    @property
    def lock_folder(self) -> Path:
        """Give the folder of the locks, beside the ledger."""
        where = self.settings.ledger
        return where.parent if isinstance(where, Path) else self.settings.root / ".newsletter"


def provider_of(settings: Settings, secrets: Secrets, name: str) -> Provider:
    """Make the provider `name` from its settings and secrets.

    Raises:
        SettingsError: there is no such provider, or it lacks something.
    """
    table = dict(settings.providers.get(name, {}))
    if name == "outbox":
        folder = table.get("folder", "outbox")
        table["folder"] = str(settings.root / str(folder))
        table["image_url"] = settings.image_url
    problems = Problems(*settings_lines(settings.root))
    return build(name, table, secrets.providers, problems=problems)


@contextmanager
def open_workspace(folder: str | None, counting: Counting = uncounted) -> Iterator[Workspace]:
    """Open the workspace at `folder`, or the one around the current folder.

    `counting` shows how far long steps are.

    Raises:
        SettingsError: there is none.
        InputErrors: its settings are wrong.
        LedgerError: its ledger cannot be opened.
    """
    root = find_workspace(Path(folder).resolve() if folder else Path.cwd())
    settings = read_settings(root)
    secrets = read_secrets()
    ledger = open_ledger(settings.ledger)
    try:
        yield Workspace(
            settings=settings,
            secrets=secrets,
            ledger=ledger,
            clock=SystemClock(),
            counting=counting,
        )
    finally:
        ledger.close()
