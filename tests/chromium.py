"""Where Chromium is, for tests and pictures."""

import shutil


def executable() -> str | None:
    """Find Chromium on this machine; None where it is not installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)
