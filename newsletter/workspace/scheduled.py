"""The schedules of a workspace, read from its settings."""

from newsletter.schedule.schedule import Schedule, read_schedules
from newsletter.workspace.settings import FILE, Settings
from newsletter.workspace.settingsfile import read_text, shown


def schedules_of(settings: Settings) -> tuple[Schedule, ...]:
    """Read the schedules; those that name no time zone are on the society's clock.

    Raises:
        InputErrors: every problem of every schedule.
    """
    if not settings.schedules:
        return ()
    path = settings.root / FILE
    zone = settings.brand.time_zone
    return read_schedules(settings.schedules, shown(path), read_text(path), zone=zone)
