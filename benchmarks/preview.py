"""How long after a save the changed email stands in the preview, in a real Chromium.

`python benchmarks/preview.py` prints it; `make bench` has it among all else. One figure of each
save is the time from before the file is written until both frames show the changed text, checked
before every frame the browser paints.
"""

import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from newsletter.cli.sample import copy_sample

ANNOUNCEMENT = "announcements/annual-meeting-2027.md"
SAVES = 30
_PLACE = "Dear {{"

_LISTEN = """
if (window === top) {
  const Plain = EventSource;
  window.EventSource = class extends Plain {
    constructor(url) {
      super(url);
      this.addEventListener("version", () => { window.told = Date.now(); });
    }
  };
}
"""
_SHOWN = """word => {
  const frames = [...document.querySelectorAll("iframe:not(.coming)")];
  return frames.every(each => each.contentDocument.body.innerText.includes(word)) && Date.now();
}"""
_MADE = """() => {
  const pages = performance.getEntriesByType("resource").filter(e => e.initiatorType === "fetch");
  return performance.timeOrigin + pages.at(-1).responseEnd;
}"""


def rows(saves: int = SAVES) -> list[Mapping[str, object]]:
    """Measure `saves` saves; no rows where there is no Chromium."""
    executable = _chromium()
    if executable is None:
        return []
    with tempfile.TemporaryDirectory(prefix="newsletter-preview-") as name:
        folder = Path(name) / "society"
        copy_sample(folder)
        with _preview(folder) as url:
            measured = list(_measure(executable, url, folder / ANNOUNCEMENT, saves))
    told, made, shown = zip(*measured, strict=True)
    return [
        _row("preview: a save is shown after, ms", shown),
        _row("  of it, until the page is told", told),
        _row("  until the email is made", _between(told, made)),
        _row("  until both frames show it", _between(made, shown)),
    ]


def _measure(
    executable: str, url: str, path: Path, saves: int
) -> Iterator[tuple[float, float, float]]:
    from playwright.sync_api import sync_playwright

    text = path.read_text(encoding="utf-8")
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_LISTEN)
        page.goto(url)
        for number in range(-3, saves):
            page.wait_for_timeout(300)
            word = f"[{number}]"
            begun = time.time() * 1e3
            path.write_text(text.replace(_PLACE, f"{word} {_PLACE}", 1), encoding="utf-8")
            shown = page.wait_for_function(_SHOWN, arg=word, polling="raf").json_value()
            told, made = page.evaluate("window.told"), page.evaluate(_MADE)
            page.evaluate("performance.clearResourceTimings()")
            if number >= 0:  # the first ones warm the program up
                yield told - begun, made - begun, shown - begun
        browser.close()


@contextmanager
def _preview(folder: Path) -> Iterator[str]:
    program = subprocess.Popen(
        [sys.executable, "-m", "newsletter", "preview", ANNOUNCEMENT, "--no-open"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    try:
        found = re.search(r"http://\S+", program.stderr.readline())
        assert found is not None
        yield found[0]
    finally:
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=30)


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _between(earlier: Sequence[float], later: Sequence[float]) -> list[float]:
    return [after - before for before, after in zip(earlier, later, strict=True)]


def _row(what: str, values: Sequence[float]) -> Mapping[str, object]:
    return {
        "what": what,
        "median": round(statistics.median(values)),
        "p95": round(statistics.quantiles(values, n=20)[-1]),
        "most": round(max(values)),
    }


if __name__ == "__main__":
    for row in rows():
        print(f"{row['what']:<38} median {row['median']:>4}  p95 {row['p95']:>4}")
