"""Photograph every file of announcements/, and every block in every theme.

`make shots` runs it; the pictures land in shots/: phone and desktop, light and dark, and the
phone once more without images and once as a mail program shows it that inverts all colours.
With files behind it, it photographs those.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "compose"))

import chromium
from compose_samples import ROOT, TEMPLATES, compiled_sample, filled, sample_files
from playwright.sync_api import sync_playwright

from newsletter.compose.compiled import CompiledIssue
from newsletter.errors import NewsletterError, render_error

SHOTS = ROOT / "shots"
EVERY_BLOCK = ROOT / "tests" / "golden" / "every-block" / "announcement.md"
INVERTED = """
    html { filter: invert(1) hue-rotate(180deg); background: #ffffff; }
    img { filter: invert(1) hue-rotate(180deg); }
"""
"""What Gmail and Outlook on phones come to: all colours turned over, pictures left alone."""

Case = tuple[str, Path, str]
"""The name of the pictures, the file, and the theme; empty for that of the file."""


def main() -> int:
    executable = chromium.executable()
    if executable is None:
        sys.stderr.write("Chromium is not installed\n")
        return 1
    SHOTS.mkdir(exist_ok=True)
    failed = 0
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, source, theme in _cases([Path(each) for each in sys.argv[1:]]):
            try:
                photograph(browser, name, compiled_sample(source, theme=theme))
            except NewsletterError as problem:
                sys.stderr.write(f"{render_error(problem)}\n")
                failed = 1
        browser.close()
    return failed


def _cases(given: list[Path]) -> Iterator[Case]:
    for source in given or sample_files():
        # The golden cases are all called announcement.md, each in a folder of its own.
        yield source.parent.name if source.stem == "announcement" else source.stem, source, ""
    if not given:
        for theme in sorted(each.name for each in TEMPLATES.iterdir() if each.name != "shared"):
            yield f"every-block-{theme}", EVERY_BLOCK, theme


def photograph(browser: Any, name: str, compiled: CompiledIssue) -> None:
    html = filled(compiled)
    for each in compiled.findings:
        sys.stdout.write(f"{each}\n")
    for look in ("light", "dark", "no-images", "inverted"):
        for width in (375, 700) if look in ("light", "dark") else (375,):
            scheme = "dark" if look == "dark" else "light"
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            images = {} if look == "no-images" else compiled.images
            page.route("**/*", _answering(html, images))
            page.goto("https://images.example.org/")
            if look == "inverted":
                page.add_style_tag(content=INVERTED)
            path = SHOTS / f"{name}.{look}.{width}.png"
            page.screenshot(path=path, full_page=True)
            page.close()
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _answering(html: str, images: Mapping[str, Path]) -> Callable[[Any], None]:
    def answer(route: Any) -> None:
        url = route.request.url
        if url in images:
            route.fulfill(path=images[url])
        elif url.endswith(".org/"):
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.abort()

    return answer


if __name__ == "__main__":
    sys.exit(main())
