"""Themes: a folder of Jinja2 templates and CSS. The only door to jinja2."""

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.compose.origin import mark
from newsletter.compose.page import Page
from newsletter.compose.themefiles import SETTINGS, ThemeFiles, find_theme, read_text
from newsletter.compose.themesettings import read_theme_settings
from newsletter.compose.wording import Words, find_words
from newsletter.compose.wrap import wrap
from newsletter.errors import Location, ThemeError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

HTML, TEXT = "issue.mjml.j2", "issue.txt.j2"
INLINE = "inline.css.j2"
PARTS = (HTML, TEXT, INLINE)

_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What an expression of a template may end in."""

_REFUSED = (
    (re.compile(r"@\s*import", re.IGNORECASE), "@import", "write the rules into the theme itself"),
    (
        re.compile(r"url\(\s*['\"]?\s*(?!['\"]?\s*data:)[^)]*", re.IGNORECASE),
        "a remote url()",
        "use an <mj-image>, or no picture",
    ),
    (re.compile(r"<mj-font\b", re.IGNORECASE), "<mj-font>", "name fonts that readers have already"),
    (re.compile(r"<mj-include\b", re.IGNORECASE), "<mj-include>", "use {% include %} of Jinja2"),
    (re.compile(r"<link\b", re.IGNORECASE), "<link>", "write the CSS into the theme"),
)
"""Whatever would make the composing program, or the reader's, fetch something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme, read and checked; its templates are compiled."""

    name: str
    files: ThemeFiles
    wordings: Mapping[str, Words]
    """By language; `en` is always there."""
    blocks: frozenset[str]
    """The kinds of blocks that its templates draw, besides prose and figures."""
    image: str
    """The shape of the picture under the headline."""
    has_contents: bool
    """Whether it lists the sections, so that each needs a name for links."""
    _templates: "SandboxedEnvironment" = field(repr=False)

    def render(self, part: str, page: Page) -> str:
        """Render one of `PARTS` for `page`.

        Raises:
            ThemeError: the template names what is not there, or fails.
        """
        from jinja2 import TemplateError

        try:
            return self._templates.get_template(part).render(page.variables())
        except (TemplateError, *_FAILURES) as reason:
            raise self._error(part, reason) from reason

    def location(self, part: str) -> Location:
        """Name a part as a place."""
        return Location(str(self.files.find(part) or self.files.own / part))

    def wording(self, lang: str) -> Words:
        """Give the theme's words in `lang`, or in English."""
        return find_words(self.wordings, lang)

    def _error(self, part: str, reason: Exception) -> ThemeError:
        """Find the line of the template where it failed."""
        frames = traceback.extract_tb(reason.__traceback__)
        folders = {self.files.own, self.files.shared}
        ours = [frame for frame in frames if Path(frame.filename).parent in folders]
        path = Path(ours[-1].filename) if ours else self.location(part).path
        line = getattr(reason, "lineno", None) or (ours[-1].lineno if ours else None)
        return ThemeError(
            f"the template cannot be rendered: {reason}",
            at=Location(str(path), line),
            hint="see docs/themes.md for the variables a template gets",
        )


def load_theme(templates: Path, name: str) -> Theme:
    """Read the theme `name` from the folder `templates`, and compile its templates.

    Raises:
        ThemeError: there is no such theme, a part is missing or wrong, or it would fetch something.
    """
    theme = find_theme(templates, name)
    for part in (*PARTS, SETTINGS):
        if theme.find(part) is None:
            raise ThemeError(
                f"the theme {name!r} has no {part}",
                at=Location(str(theme.own)),
                hint="copy it from the theme announcement",
            )
    for path in theme.templates().values():
        _refuse_fetching(path)
    settings = read_theme_settings(theme)
    return Theme(
        name=name,
        files=theme,
        wordings=settings.wordings,
        blocks=settings.blocks,
        image=settings.image,
        has_contents=settings.has_contents,
        _templates=_compile_templates(theme),
    )


def _refuse_fetching(path: Path) -> None:
    source = read_text(path)
    # A comment is no rule; its lines stay, so that the numbers of the others do.
    bare = re.sub(
        r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/",
        lambda comment: "\n" * comment[0].count("\n"),
        source,
        flags=re.DOTALL,
    )
    for pattern, what, hint in _REFUSED:
        found = pattern.search(bare)
        if found:
            line = bare.count("\n", 0, found.start()) + 1
            at = Location(str(path), line)
            raise ThemeError(f"{what} is refused: nothing is fetched", at=at, hint=hint)


def _compile_templates(theme: ThemeFiles) -> "SandboxedEnvironment":
    from jinja2 import FunctionLoader, StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    def load(name: str) -> tuple[str, str, None] | None:
        path = theme.find(name)
        if path is None:
            return None
        source = read_text(path)
        is_markup = path.name.endswith(".mjml.j2")
        return (mark(source, str(path)) if is_markup else source, str(path), None)

    environment = SandboxedEnvironment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or name.endswith(".mjml.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["wrap"] = _wrap
    for name, path in theme.templates().items():
        try:
            environment.get_template(name)
        except TemplateSyntaxError as reason:
            at = Location(reason.filename or str(path), reason.lineno)
            hint = "close each {% … %} and {{ … }}"
            raise ThemeError(f"{reason.message}", at=at, hint=hint) from reason
    return environment


def _wrap(text: str, first: str = "", rest: str | None = None) -> str:
    return "\n".join(wrap(text, first=first, rest=rest))
