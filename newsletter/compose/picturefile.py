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

RECIPE = 2
"""Rises whenever the same file would come out otherwise; part of the name of the result."""

_SAME_SHAPE = 0.02
"""So much of a difference is left alone: nobody sees it, and a file stays as it was."""

_ABOVE = 1 / 3
"""The share of what is cut off that lies above."""

_SHOWN_BY_ALL = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif"}
"""What every mail client shows; caniemail.com: not so WebP, AVIF, TIFF, SVG."""

_QUALITY = 82
"""Of JPEG, 1 to 95: above it files grow faster than pictures get better."""

_MOST_PIXELS = 60_000_000
"""More than any camera in use; a larger one is an attack on memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a place of the email takes."""

    widest: int
    """On screen, in pixels."""
    pixels: int = 0
    """The most that the file has in width; 0 for `SCALE` times the width on screen."""
    ratio: float = 0.0
    """Width by height, to which the picture is cut; 0 to leave it whole."""

    @property
    def most(self) -> int:
        """Give the most pixels that the file has in width."""
        return self.pixels or self.widest * SCALE

    @property
    def salt(self) -> bytes:
        """Tell pictures of the same file in different shapes apart, in eight bytes."""
        return self.most.to_bytes(4, "big") + round(self.ratio * 1000).to_bytes(4, "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture fit for email."""

    content: bytes
    suffix: str
    """With its dot: `.jpg`, `.png` or `.gif`."""
    width: int
    """On screen, in pixels."""


def make_fit(content: bytes, shape: Shape) -> Picture:
    """Make a picture of `shape`: not wider, not heavier than it has to be, cut where it says so.

    Raises:
        InputError: it is no picture that can be read.
    """
    from PIL import Image, UnidentifiedImageError

    if _is_svg(content):
        content = _drawn(content)
        return _fit(content, shape, natural_scale=SCALE)
    try:
        return _fit(content, shape, natural_scale=1)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as reason:
        raise _unreadable() from reason
    except SyntaxError as reason:  # what Pillow raises for some broken PNG files
        raise _unreadable() from reason


def _fit(content: bytes, shape: Shape, natural_scale: int) -> Picture:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise _unreadable()
        kind = opened.format or ""
        if getattr(opened, "is_animated", False) and kind == "GIF":
            return Picture(content=content, suffix=".gif", width=min(shape.widest, opened.width))
        has_extras = bool(opened.getexif()) or "icc_profile" in opened.info
        turned = _cut(ImageOps.exif_transpose(opened), shape.ratio)
        width = min(shape.widest, -(-turned.width // natural_scale))
        most = min(shape.most, width * SCALE)
        is_small = turned.width <= most
        smaller = turned if is_small else _resized(turned, most)
        made, suffix = _encoded(smaller)
        is_shown = kind in _SHOWN_BY_ALL and opened.mode != "CMYK"
    is_whole = turned.size in (opened.size, opened.size[::-1])
    if is_whole and is_small and is_shown and not has_extras and len(content) <= len(made):
        return Picture(content=content, suffix=_SHOWN_BY_ALL[kind], width=width)
    return Picture(content=made, suffix=suffix, width=width)


def _cut(image: "Image", ratio: float) -> "Image":
    """Cut off what is beyond `ratio`: evenly at the sides, less above, where faces are."""
    if not ratio or abs(image.width / image.height / ratio - 1) < _SAME_SHAPE:
        return image
    if image.width > image.height * ratio:
        width = max(1, round(image.height * ratio))
        left = (image.width - width) // 2
        return image.crop((left, 0, left + width, image.height))
    height = max(1, round(image.width / ratio))
    top = round((image.height - height) * _ABOVE)
    return image.crop((0, top, image.width, top + height))


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
