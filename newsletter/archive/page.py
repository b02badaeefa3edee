"""The pages of the archive, written from templates. A door to jinja2, for our own pages."""

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from newsletter.archive.shelf import Shelf
from newsletter.compose.brand import Brand
from newsletter.compose.wording import Words, find_words, read_wordings

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGES = "newsletter.archive"
_SAME = "default-src 'none'; img-src {images}; style-src 'self'{inline}; form-action 'self'"
_SEARCH = f"{_SAME}; script-src 'self'; base-uri 'none'"
_PLAIN = f"{_SAME}; base-uri 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on all pages."""

    title: str
    lang: str
    dir: str
    brand: Brand
    words: Words
    sections: tuple[Shelf, ...] = ()
    tags: tuple[Shelf, ...] = ()


def words_in(lang: str) -> Words:
    """Give the words of the archive in `lang`, or in English."""
    path = files(_PAGES) / "pages" / "words.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return find_words(read_wordings(tables["lang"], "words.toml", {}), lang)


def script() -> bytes:
    """Give the script of the search."""
    return (files(_PAGES) / "pages" / "archive.js").read_bytes()


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader(_PAGES, "pages"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Press:
    """Writes pages within one frame."""

    frame: Frame
    _templates: "Environment" = field(default_factory=_environment)

    def style(self) -> bytes:
        """Write the style in the society's colours."""
        style = self._templates.get_template("archive.css.j2").render(brand=self.frame.brand)
        return style.encode()

    def page(self, template: str, path: str, title: str, **own: object) -> bytes:
        """Write the page at `path`, from `template` with what is its `own`."""
        is_email = template == "issue"
        policy = (_SEARCH if template == "search" else _PLAIN).format(
            images="'self' https: data:" if is_email else "'self'",
            inline=" 'unsafe-inline'" if is_email else "",
        )
        html = self._templates.get_template(f"{template}.html.j2").render(
            site=self.frame,
            brand=self.frame.brand,
            words=self.frame.words,
            policy=policy,
            here=template,
            up="../" * path.count("/"),
            title=title,
            **own,
        )
        return html.encode()
