"""Themes: a folder of Jinja2 templates and CSS. The only door to jinja2."""

import difflib
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.compose.page import Page
from newsletter.compose.wording import Wording, read_wordings
from newsletter.compose.wrap import wrap
from newsletter.errors import Location, ThemeError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

HTML, TEXT = "issue.mjml.j2", "issue.txt.j2"
INLINE = "inline.css.j2"
PARTS = (HTML, TEXT, INLINE)
SETTINGS = "theme.toml"

_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What an expression of a template may end in."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

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
    folder: Path
    wordings: Mapping[str, Wording]
    """By language; `en` is always there."""
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
        return Location(str(self.folder / part))

    def wording(self, lang: str) -> Wording:
        """Give the theme's words in `lang`, or in English."""
        return self.wordings.get(lang.lower().partition("-")[0]) or self.wordings["en"]

    def _error(self, part: str, reason: Exception) -> ThemeError:
        """Find the line of the template where it failed."""
        frames = traceback.extract_tb(reason.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).parent == self.folder]
        name = Path(ours[-1].filename).name if ours else part
        line = getattr(reason, "lineno", None) or (ours[-1].lineno if ours else None)
        return ThemeError(
            f"the template cannot be rendered: {reason}",
            at=Location(str(self.folder / name), line),
            hint="see docs/themes.md for the variables a template gets",
        )


def load_theme(templates: Path, name: str) -> Theme:
    """Read the theme `name` from the folder `templates`, and compile its templates.

    Raises:
        ThemeError: there is no such theme, a part is missing or wrong, or it would fetch something.
    """
    folder = _find(templates, name)
    for part in (*PARTS, SETTINGS):
        if not (folder / part).is_file():
            raise ThemeError(
                f"the theme {name!r} has no {part}",
                at=Location(str(folder)),
                hint="copy it from the theme announcement",
            )
    for path in sorted(folder.glob("*.j2")):
        _refuse_fetching(path)
    settings = folder / SETTINGS
    return Theme(
        name=name,
        folder=folder,
        wordings=read_wordings(_read(settings), str(settings)),
        _templates=_compile_templates(folder),
    )


def _find(templates: Path, name: str) -> Path:
    folders = sorted(templates.iterdir()) if templates.is_dir() else []
    available = [each.name for each in folders if (each / HTML).is_file()]
    if name in available and _NAME.fullmatch(name):
        return templates / name
    close = difflib.get_close_matches(name, available, 1, 0.5)
    listed = ", ".join(available) or f"none; {templates} has no theme"
    raise ThemeError(
        f"there is no theme {name!r}; available: {listed}",
        hint=f"did you mean {close[0]!r}?" if close else "write the name of a folder there",
    )


def _refuse_fetching(path: Path) -> None:
    source = _read(path)
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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        problem = f"the file cannot be read as UTF-8 text: {reason}"
        raise ThemeError(problem, at=Location(str(path)), hint="save it as UTF-8") from reason


def _compile_templates(folder: Path) -> "SandboxedEnvironment":
    from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or name.endswith(".mjml.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["wrap"] = _wrap
    for path in sorted(folder.glob("*.j2")):
        try:
            environment.get_template(path.name)
        except TemplateSyntaxError as reason:
            at = Location(str(folder / (reason.name or path.name)), reason.lineno)
            hint = "close each {% … %} and {{ … }}"
            raise ThemeError(f"{reason.message}", at=at, hint=hint) from reason
    return environment


def _wrap(text: str, first: str = "", rest: str | None = None) -> str:
    return "\n".join(wrap(text, first=first, rest=rest))
