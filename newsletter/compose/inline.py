"""Move a theme's CSS onto the elements it styles. The only door to premailer."""

import logging
import re

from newsletter.errors import Location, ThemeError

_OWN_STYLE = '<style type="text/css">'
_LEFT_ALONE = '<style type="text/css" data-premailer="ignore">'


def inline_css(html: str, css: str, at: Location) -> str:
    """Write the rules of `css` into the style attributes of `html`; nothing is fetched.

    MJML has inlined its own already: its style blocks, and those of the theme's head, stay as
    they are, `!important` and media queries included. That keeps the message a fifth smaller,
    and Gmail clips it near 102 KB.

    Raises:
        ThemeError: `css` holds an at-rule, which no style attribute can carry.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    if "@" in css:
        # cssutils fetches `@import` whatever it is told.
        raise ThemeError(
            "rules with @ cannot be moved onto elements",
            at=at,
            hint="put @media rules into an <mj-style>",
        )
    from premailer import Premailer

    # lxml knows the doctype by its capitals only; without it browsers fall into quirks mode.
    prepared = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    transformed = Premailer(
        prepared.replace(_OWN_STYLE, _LEFT_ALONE),
        css_text=[css],
        keep_style_tags=False,
        disable_leftover_css=True,
        strip_important=False,
        remove_classes=False,
        allow_network=False,
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
        disable_basic_attributes=["width", "height", "bgcolor"],
        align_floating_images=False,
    ).transform(pretty_print=False)
    # premailer does not look into the comments that only Outlook reads.
    unmarked = str(transformed).replace(_LEFT_ALONE, _OWN_STYLE)
    return re.sub(r"[ \t]+\n", "\n", unmarked).strip() + "\n"
