"""A moment on the command line."""

import datetime as dt

import click


def _read(value: object) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None


class Moment(click.ParamType[dt.datetime]):
    """Reads a day or a time of RFC 3339; one without a zone is UTC."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Read `2027-03-01` or `2027-03-01T09:00+01:00`."""
        moment = _read(value)
        if moment is None:
            self.fail(f"{value!r} is no time: write 2027-03-01T09:00+01:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


class WallTime(click.ParamType[dt.datetime]):
    """Reads a time as the clock on a wall shows it, without a zone."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Read `2027-03-01T09:00`."""
        moment = _read(value)
        if moment is None or moment.tzinfo is not None:
            self.fail(f"{value!r} is no time on a wall: write 2027-03-01T09:00", param, ctx)
        return moment
