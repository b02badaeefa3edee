"""Writing a segment into the text of a file of segments; all that stands around it stays. Pure."""

import re
import tomllib
from collections.abc import Mapping

from newsletter.errors import Refused
from newsletter.tables import put_table, quoted

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 60


def put_segment(text: str, name: str, title: str, rule: str) -> str:
    """Give `text` with the segment `name` in it, in the place of the one that has the name.

    Raises:
        Refused: the name cannot be one, or the file is too unusual to be changed safely.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Refused(
            f"{name!r} cannot name a segment",
            hint="use lower-case letters, digits and dashes, such as early-career",
        )
    table = f"[{name}]\ntitle = {quoted(title)}\nrule = {quoted(rule)}\n"
    changed = put_table(text, name, table)
    _check(text, changed, name, {"title": title, "rule": rule})
    return changed


def _check(before: str, after: str, name: str, wanted: Mapping[str, str]) -> None:
    """Make sure that exactly one segment is another now.

    Raises:
        Refused: it is not so.
    """
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError as reason:
        raise Refused(
            "the file of segments cannot be read", hint="mend it in a text editor first"
        ) from reason
    plain = {key: " ".join(value.split()) for key, value in wanted.items()}
    if new.pop(name, None) != plain or new != {k: v for k, v in old.items() if k != name}:
        raise Refused(
            "the file of segments is written in an unusual way, so it was left alone",
            hint="write the segment into it with a text editor",
        )
