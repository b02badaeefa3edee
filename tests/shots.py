"""Compose every file of announcements/ and photograph it: phone and desktop, light and dark.

`make shots` runs it; the pictures land in shots/.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "compose"))

import chromium
from compose_samples import EVERYTHING, MEMBER, theme_named
from playwright.sync_api import sync_playwright

from newsletter.announcement.parse import read
from newsletter.compose.brand import read_brand
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.pictures import ImagePlaces
from newsletter.errors import NewsletterError, render_error
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Variant

ROOT = Path(__file__).parents[1]
SHOTS = ROOT / "shots"
SUFFIXES = {".md", ".markdown", ".txt"}


def main() -> int:
    executable = chromium.executable()
    if executable is None:
        sys.stderr.write("Chromium is not installed\n")
        return 1
    sources = [Path(each) for each in sys.argv[1:]] or sorted(
        each for each in (ROOT / "announcements").iterdir() if each.suffix in SUFFIXES
    )
    SHOTS.mkdir(exist_ok=True)
    failed = 0
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for source in sources:
            # The golden cases are all called announcement.md, each in a folder of its own.
            name = source.parent.name if source.stem == "announcement" else source.stem
            try:
                photograph(browser, name, compose(source))
            except NewsletterError as problem:
                sys.stderr.write(f"{render_error(problem)}\n")
                failed = 1
        browser.close()
    return failed


def compose(source: Path) -> CompiledIssue:
    settings = ROOT / "newsletter.toml"
    brand = read_brand(tomllib.loads(settings.read_text(encoding="utf-8")), settings.name)
    # The looks do not depend on the member list: any word may name a column or a segment.
    names = re.findall(r"[a-z][\w-]*", source.read_text(encoding="utf-8"))
    issue = assemble(read(str(source)), subject=None, attributes=names, segments=names)
    everything = Variant((True,) * len(issue.blocks)) if issue.blocks else EVERYTHING[0]
    return compile_issue(
        issue,
        theme=theme_named(issue.announcement.theme),
        brand=brand,
        images=ImagePlaces(base_url="https://images.example.org", root=ROOT),
        variants=[everything],
    )


def photograph(browser: Any, name: str, compiled: CompiledIssue) -> None:
    document = next(iter(compiled.documents.values()))
    values = {slot.name: slot.fallback or slot.name for slot in document.slots} | MEMBER
    html = document.html.fill(values)
    for each in compiled.findings:
        sys.stdout.write(f"{each}\n")
    for scheme in ("light", "dark"):
        for width in (375, 700):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.route("**/*", lambda route: _answer(route, html, compiled))
            page.goto("https://images.example.org/")
            path = SHOTS / f"{name}.{scheme}.{width}.png"
            page.screenshot(path=path, full_page=True)
            page.close()
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _answer(route: Any, html: str, compiled: CompiledIssue) -> None:
    url = route.request.url
    if url in compiled.images:
        route.fulfill(path=compiled.images[url])
    elif url.endswith(".org/"):
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    else:
        route.abort()


if __name__ == "__main__":
    sys.exit(main())
