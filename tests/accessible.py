"""What axe finds in a page, on a phone and on a desktop, light and dark."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

_AXE = Axe().axe_script

_LOOK = """within => {
    document.getAnimations().filter(each => each instanceof CSSTransition)
        .forEach(each => each.finish());
    return axe.run(within || document, { resultTypes: ['violations'] }).then(found =>
    found.violations.map(each =>
        [each.id, each.impact, each.nodes.map(node => node.html.slice(0, 160))]));
}"""


def faults(page: Any, *widths: int, frames: bool = True) -> list[tuple[Any, ...]]:
    """List what is wrong with a page at these widths; less `frames`: but for what they show.

    The page is turned, not opened again, and axe is brought into it once: that is most of the
    time. Nothing moves while it looks: a colour half way from light to dark is no colour.
    """
    if page.evaluate("() => typeof axe === 'undefined'"):
        page.evaluate(_AXE)
    within = None if frames else {"exclude": [["iframe"]]}
    found: list[tuple[Any, ...]] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("() => document.documentElement.scrollWidth") > width:
            found.append(("wider than the screen", width))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [(*each, width, scheme) for each in page.evaluate(_LOOK, within)]
    return found
