"""The logo of the society, as its public pages show it."""

from dataclasses import dataclass
from pathlib import Path

from newsletter.compose.brand import Brand
from newsletter.compose.picturefile import Shape, make_fit
from newsletter.compose.pictures import KINDS
from newsletter.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture, ready to be sent to a browser."""

    content: bytes
    kind: str
    """The media type."""
    width: int
    """On screen, in pixels."""


def read_logos(brand: Brand, root: Path) -> dict[str, Logo]:
    """Read the logo for the light (`logo`) and the dark (`logo-dark`); none where there is none.

    One that lies on the web is not shown: the pages load nothing from elsewhere, so that nobody
    else learns who looks at them. One that cannot be read is told by the checks.
    """
    found = {"logo": brand.logo, "logo-dark": brand.logo_dark}
    read = {name: _read(root / path, brand) for name, path in found.items() if _is_here(path)}
    return {name: logo for name, logo in read.items() if logo}


def _is_here(path: str) -> bool:
    return bool(path) and "://" not in path


def _read(path: Path, brand: Brand) -> Logo | None:
    try:
        picture = make_fit(path.read_bytes(), Shape(widest=brand.logo_width))
    except (OSError, InputError):
        return None
    return Logo(content=picture.content, kind=KINDS[picture.suffix], width=picture.width)
