"""Counting in months."""

import datetime as dt


def months_after(day: dt.date, months: int) -> dt.date:
    """Go so many months on: to the same day, or the last one of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))
