"""YAML front matter, read without losing where each value stands. The one door to PyYAML."""

import re
from typing import TYPE_CHECKING

from newsletter.announcement.header import (
    KEYS,
    LISTED_KEYS,
    PARTS,
    SITE_KEYS,
    SITE_WORDS,
    Entry,
    Header,
    flat,
    split_names,
    unknown_key,
    unused_keys,
)
from newsletter.announcement.source import place_of
from newsletter.errors import Location
from newsletter.finding import error

if TYPE_CHECKING:
    from yaml import MappingNode, Node, SequenceNode
    from yaml.error import MarkedYAMLError
    from yaml.reader import ReaderError

_LONGEST = 64_000
"""In characters; a longer one lost its closing line."""

_QUOTES = 'put the value in quotes: title: "Annual meeting: what is new"'
_SLOT_QUOTES = "put a value with a slot in quotes: subject: '{{ first_name }}, ...'"


def split_front_matter(text: str) -> tuple[str, int] | None:
    """Find front matter at the top of `text`: its YAML and the line, from 1, of the text below.

    None where the first line is not `---`; the line is 0 where the front matter never ends.
    """
    opening = re.match(r"---[ \t]*(?:\n|\Z)", text)
    if not opening:
        return None
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE).search(text, opening.end())
    if not closing or closing.start() > _LONGEST:
        return text[opening.end() :], 0
    return text[opening.end() : closing.start()], text.count("\n", 0, closing.start()) + 2


def read_front_matter(path: str, markup: str) -> Header:
    """Read the YAML of front matter that begins in line 2 of the file `path`."""
    import yaml

    header = Header(path)
    text = f"---\n{markup}"  # so that its places are those of the file
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as reason:
        _refuse_yaml(header, text, reason)
    except yaml.reader.ReaderError as reason:
        _refuse_character(header, text, reason)
    except RecursionError:
        header.refuse("the front matter is nested too deeply", Location(path, 1), "simplify it")
    else:
        _read_root(header, root)
    return header


def _refuse_yaml(header: Header, text: str, reason: "MarkedYAMLError") -> None:
    mark = reason.problem_mark or reason.context_mark
    at = place_of(header.path, text, min(mark.index, len(text))) if mark else Location(header.path)
    line = text.split("\n")[(at.line or 1) - 1]
    hint = _SLOT_QUOTES if "{{" in line else _QUOTES
    if "\t" in line[: len(line) - len(line.lstrip())]:
        hint = "indent with spaces, not with tabs"
    words = reason.problem or reason.context or "it cannot be read"
    header.refuse(f"the front matter is not YAML: {words}", at, hint)


def _refuse_character(header: Header, text: str, reason: "ReaderError") -> None:
    at = place_of(header.path, text, reason.position)
    strange = ord(text[reason.position])
    header.refuse(f"YAML does not take the character U+{strange:04X}", at, "delete it")


def _read_root(header: Header, root: "Node | None") -> None:
    from yaml import MappingNode

    if root is None:
        return
    if not isinstance(root, MappingNode):
        at = _place(header, root)
        header.refuse(
            "the front matter is not a list of keys", at, "write lines such as title: Our news"
        )
        return
    seen: set[str] = set()
    others: list[tuple[Entry, Node]] = []
    for key, value in _pairs(header, root):
        if flat(key.text) in KEYS:
            _read_key(header, key, value, seen)
        elif flat(key.text) not in seen:
            seen.add(flat(key.text))
            others.append((key, value))
    _read_others(header, others, seen)


def _read_others(header: Header, others: "list[tuple[Entry, Node]]", seen: set[str]) -> None:
    """Read the keys of web sites: some mean what ours do, some mean nothing here."""
    unused: list[Entry] = []
    for key, value in others:
        name = flat(key.text)
        ours = "link" if name == "url" and _is_on_the_web(value) else SITE_WORDS.get(name, "")
        if name == "draft":
            _read_draft(header, value)
        elif ours and ours not in seen:
            seen.add(ours)
            _read_other(header, ours, value)
        elif ours or name in SITE_KEYS:
            unused.append(key)
        else:
            header.findings.append(unknown_key(key.text, key.at))
    if unused:
        names = [key.text for key in unused]
        header.findings.append(unused_keys(header.path, names, unused[0].at.line or 1))


def _is_on_the_web(value: "Node") -> bool:
    """Tell a whole address from the path that Hugo has under the same key."""
    return str(value.value).startswith("https://")


def _read_draft(header: Header, value: "Node") -> None:
    from yaml import ScalarNode

    if isinstance(value, ScalarNode) and value.value.strip().lower() in ("true", "yes", "on"):
        at = _place(header, value)
        hint = "write draft: false when it is ready"
        header.findings.append(error("draft", "the author calls this a draft", at=at, hint=hint))


def _read_other(header: Header, name: str, value: "Node") -> None:
    """Read a value in the forms that web sites give it: one, a list, or a mapping."""
    from yaml import MappingNode, ScalarNode, SequenceNode

    if name == "segments" or isinstance(value, ScalarNode):
        _read_segments(header, value) if isinstance(value, SequenceNode) else _read_text(
            header, name, value
        )
    elif isinstance(value, MappingNode):
        _read_parts(header, name, value) if name in PARTS else _read_text(header, name, value)
    elif isinstance(value, SequenceNode):
        read = _read_names if name in LISTED_KEYS else _read_listed
        read(header, name, value)


def _read_listed(header: Header, name: str, listed: "SequenceNode") -> None:
    """Take all authors, and the first of anything else."""
    words = [word for word in map(_word, listed.value) if word]
    if name == "byline" and len(words) > 1:
        names = f"{', '.join(words[:-1])} and {words[-1]}"
        header.add(name, Entry(names, _place(header, listed)))
        header.add("byline_role", Entry("", _place(header, listed)))
    elif words:
        header.add(name, Entry(words[0], _place(header, listed)))


def _word(node: "Node") -> str:
    from yaml import MappingNode, ScalarNode

    if isinstance(node, ScalarNode):
        return str(node.value).strip()
    if isinstance(node, MappingNode):
        named = {flat(str(key.value)): value for key, value in node.value}
        return _word(named["name"]) if "name" in named else ""
    return ""


def _pairs(header: Header, mapping: "MappingNode") -> list[tuple[Entry, "Node"]]:
    from yaml import ScalarNode

    pairs: list[tuple[Entry, Node]] = []
    for key, value in mapping.value:
        if isinstance(key, ScalarNode):
            pairs.append((Entry(key.value, _place(header, key)), value))
        else:
            header.refuse("a key has to be a word", _place(header, key), _SLOT_QUOTES)
    return pairs


def _read_key(header: Header, key: Entry, value: "Node", seen: set[str]) -> None:
    from yaml import MappingNode, SequenceNode

    name = flat(key.text)
    if name in seen:
        if name in KEYS:
            header.refuse(f"{name!r} is given twice", key.at, "delete one of them")
        return
    seen.add(name)
    if name in PARTS and isinstance(value, MappingNode) and not _looks_like_slot(value):
        _read_parts(header, name, value)
    elif name == "segments" and isinstance(value, SequenceNode):
        _read_segments(header, value)
    elif name in LISTED_KEYS and isinstance(value, SequenceNode):
        _read_names(header, name, value)
    else:
        _read_text(header, name, value)


def _read_names(header: Header, name: str, listed: "SequenceNode") -> None:
    words = [word for word in map(_word, listed.value) if word]
    header.add(name, Entry(", ".join(words), _place(header, listed)))


def _read_parts(header: Header, name: str, mapping: "MappingNode") -> None:
    seen: set[str] = set()
    for key, value in _pairs(header, mapping):
        part = PARTS[name].get(flat(key.text))
        if part is None:
            finding = unknown_key(f"{name}.{key.text}", key.at)
            header.findings.append(finding)
        elif flat(key.text) in seen:
            header.refuse(f"'{name}.{key.text}' is given twice", key.at, "delete one of them")
        else:
            seen.add(flat(key.text))
            _read_text(header, part, value)
    header.entries.setdefault(name, Entry("", _place(header, mapping)))


def _read_segments(header: Header, listed: "SequenceNode") -> None:
    from yaml import ScalarNode

    header.entries["segments"] = Entry("", _place(header, listed))
    for each in listed.value:
        if isinstance(each, ScalarNode):
            header.segments.extend(split_names(Entry(each.value, _place(header, each))))
        else:
            header.refuse(
                "a segment has to be a name", _place(header, each), "write it as - students"
            )


def _read_text(header: Header, name: str, value: "Node") -> None:
    from yaml import ScalarNode

    at = _place(header, value)
    if not isinstance(value, ScalarNode):
        hint = _SLOT_QUOTES if _looks_like_slot(value) else f"write it in one line: {name}: ..."
        header.refuse(f"{name!r} has to be one text", at, hint)
    elif value.tag != "tag:yaml.org,2002:null":
        header.add(name, Entry(value.value.strip(), at))


def _looks_like_slot(node: "Node") -> bool:
    """Tell `{{ first_name }}` without quotes, which YAML reads as a mapping in a mapping."""
    from yaml import MappingNode

    return (
        isinstance(node, MappingNode)
        and node.flow_style is True
        and any(isinstance(key, MappingNode) for key, _ in node.value)
    )


def _place(header: Header, node: "Node") -> Location:
    """Tell where what `node` says begins, behind an opening quote."""
    quote = 1 if getattr(node, "style", None) in {"'", '"'} else 0
    mark = node.start_mark
    return Location(header.path, mark.line + 1, mark.column + 1 + quote)
