"""Picture files made fit for email: a size that phones can carry, a format that all clients show.

The one door to Pillow and to resvg. What is left out on purpose: everything that cameras write
beside the picture (place, time, serial number).
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

SCALE = 2
"""Pixels of the file for each pixel on screen: phones and good monitors show that many."""

RECIPE = 1
"""Rises whenever the same file would come out otherwise; part of the name of the result."""

_SHOWN_BY_ALL = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif"}
"""What every mail client shows; caniemail.com: not so WebP, AVIF, TIFF, SVG."""

_QUALITY = 82
"""Of JPEG, 1 to 95: above it files grow faster than pictures get better."""

_MOST_PIXELS = 60_000_000
"""More than any camera in use; a larger one is an attack on memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture fit for email."""

    content: bytes
    suffix: str
    """With its dot: `.jpg`, `.png` or `.gif`."""
    width: int
    """On screen, in pixels."""


def make_fit(content: bytes, *, widest: int) -> Picture:
    """Make a picture at most `widest` pixels wide on screen, in `SCALE` times as many pixels.

    Raises:
        InputError: it is no picture that can be read.
    """
    from PIL import Image, UnidentifiedImageError

    if _is_svg(content):
        content = _drawn(content)
        return _fit(content, widest=widest, natural_scale=SCALE)
    try:
        return _fit(content, widest=widest, natural_scale=1)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as reason:
        raise _unreadable() from reason
    except SyntaxError as reason:  # what Pillow raises for some broken PNG files
        raise _unreadable() from reason


def _fit(content: bytes, *, widest: int, natural_scale: int) -> Picture:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise _unreadable()
        kind = opened.format or ""
        if getattr(opened, "is_animated", False) and kind == "GIF":
            return Picture(content=content, suffix=".gif", width=min(widest, opened.width))
        has_extras = bool(opened.getexif()) or "icc_profile" in opened.info
        turned = ImageOps.exif_transpose(opened)
        width = min(widest, -(-turned.width // natural_scale))
        is_small = turned.width <= width * SCALE
        smaller = turned if is_small else _resized(turned, width * SCALE)
        made, suffix = _encoded(smaller)
        is_shown = kind in _SHOWN_BY_ALL and opened.mode != "CMYK"
    if is_small and is_shown and not has_extras and len(content) <= len(made):
        return Picture(content=content, suffix=_SHOWN_BY_ALL[kind], width=width)
    return Picture(content=made, suffix=suffix, width=width)


def _resized(image: "Image", width: int) -> "Image":
    from PIL.Image import Resampling

    if image.mode in ("P", "1"):  # a palette has no colours between two of its own
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Resampling.LANCZOS)


def _encoded(image: "Image") -> tuple[bytes, str]:
    """Write a photograph as JPEG, and what is drawn or see-through as PNG."""
    out = io.BytesIO()
    is_see_through = _is_see_through(image)
    if is_see_through or _is_drawn(image):
        is_kept = image.mode in ("L", "LA", "P", "RGB", "RGBA")
        kept = image if is_kept else image.convert("RGBA" if is_see_through else "RGB")
        kept.save(out, "PNG", optimize=True)
        return out.getvalue(), ".png"
    image.convert("RGB").save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue(), ".jpg"


def _is_see_through(image: "Image") -> bool:
    if image.mode in ("RGBA", "LA"):
        low, _high = image.getchannel("A").getextrema()
        return isinstance(low, int | float) and low < 255  # noqa: PLR2004 - wholly opaque
    return "transparency" in image.info


def _is_drawn(image: "Image") -> bool:
    """Tell a diagram from a photograph: it has few colours."""
    return image.mode in ("P", "1") or image.convert("RGB").getcolors(maxcolors=2_048) is not None


def _is_svg(content: bytes) -> bool:
    start = content[:2_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    return start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in content


def _drawn(content: bytes) -> bytes:
    from resvg_py import svg_to_bytes

    try:
        return bytes(svg_to_bytes(svg_string=content.decode(), zoom=SCALE))
    except (ValueError, UnicodeDecodeError) as reason:
        raise _unreadable() from reason


def _unreadable() -> InputError:
    return InputError(
        "is no picture that can be read", hint="save it as PNG, JPEG, GIF, WebP or SVG"
    )
