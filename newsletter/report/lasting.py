"""How long something lasts, in words."""

SECONDS = (86_400, 3_600, 60, 1)
"""Of a day, an hour, a minute, a second."""


def duration(seconds: float) -> str:
    """Tell a duration in its two largest units: `1 h 30 min`, `40 s`."""
    left = round(seconds)
    told: list[str] = []
    for size, name in zip(SECONDS, ("d", "h", "min", "s"), strict=True):
        if left >= size or told:
            told.append(f"{left // size} {name}")
            left %= size
    shown = [each for each in told[:2] if not each.startswith("0 ")]
    return " ".join(shown) or "0 s"
