"""Durations on the command line: read and told in words."""

import re

import click

_PARTS = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_SECONDS = (86_400, 3_600, 60, 1)


class Duration(click.ParamType[float]):
    """Reads `15m`, `1h30m` or `2d`; gives seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read one."""
        found = _PARTS.fullmatch(str(value).replace(" ", ""))
        parts = found.groups() if found else ()
        seconds = sum(int(part or 0) * each for part, each in zip(parts, _SECONDS, strict=False))
        if not seconds:
            self.fail(f"{value!r} is no duration: write 15m, 1h30m or 2d", param, ctx)
        return float(seconds)


def duration(seconds: float) -> str:
    """Tell a duration in its two largest units: `1 h 30 min`, `40 s`."""
    left = round(seconds)
    told: list[str] = []
    for size, name in zip(_SECONDS, ("d", "h", "min", "s"), strict=True):
        if left >= size or told:
            told.append(f"{left // size} {name}")
            left %= size
    shown = [each for each in told[:2] if not each.startswith("0 ")]
    return " ".join(shown) or "0 s"
