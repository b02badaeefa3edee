"""The templates of the desk's pages, and the files beside them: styles, scripts, pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from newsletter.report.lasting import duration
from newsletter.web.desk.moments import day_and_time, minutes, number, pair

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Paper:
    """What pages are made of."""

    folder: str = "desk/pages"

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("newsletter.web", self.folder),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["static"] = self.address
        environment.filters.update(number=number, when=day_and_time, lasting=duration)
        environment.filters.update(pair=pair, minutes=minutes)
        return environment

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        found = files("newsletter.web").joinpath(*self.folder.split("/")).iterdir()
        return {
            each.name: each.read_bytes()
            for each in found
            if each.name.rpartition(".")[2] in _KINDS and each.is_file()
        }

    @cached_property
    def _marks(self) -> Mapping[str, str]:
        return {
            name: blake2b(content, digest_size=6).hexdigest()
            for name, content in self._files.items()
        }

    def write(self, template: str, values: Mapping[str, object]) -> str:
        """Write a page; whatever stands in `values` is text, never markup."""
        return self._environment.get_template(template).render(values)

    def address(self, name: str) -> str:
        """Give the address of a file beside the templates; it changes when the file does."""
        return f"/static/{name}?v={self._marks[name]}"

    def file(self, name: str) -> tuple[str, bytes] | None:
        """Give the kind and the content of such a file; None where there is none."""
        content = self._files.get(name)
        return None if content is None else (_KINDS[name.rpartition(".")[2]], content)
