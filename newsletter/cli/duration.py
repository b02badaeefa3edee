"""Durations on the command line: read in words."""

import re

import click

from newsletter.report.lasting import SECONDS, duration

__all__ = ["Duration", "duration"]

_PARTS = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


class Duration(click.ParamType[float]):
    """Reads `15m`, `1h30m` or `2d`; gives seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read one."""
        found = _PARTS.fullmatch(str(value).replace(" ", ""))
        parts = found.groups() if found else ()
        seconds = sum(int(part or 0) * each for part, each in zip(parts, SECONDS, strict=False))
        if not seconds:
            self.fail(f"{value!r} is no duration: write 15m, 1h30m or 2d", param, ctx)
        return float(seconds)
