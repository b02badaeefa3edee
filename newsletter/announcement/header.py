"""The header: what stands above the text, as written, whichever form the file has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.errors import AnnouncementError, Location
from newsletter.finding import Finding, warning
from newsletter.suggest import did_you_mean

KEYS = (
    "title",
    "subject",
    "preheader",
    "byline",
    "date",
    "embargo",
    "section",
    "image",
    "image_alt",
    "image_caption",
    "button",
    "button_label",
    "button_url",
    "link",
    "segments",
    "topic",
    "kind",
    "theme",
    "slug",
    "lang",
    "smart_punctuation",
    "owner",
    "deadline",
    "expires",
    "priority",
    "words",
    "repeat",
    "digest",
    "tags",
    "archive",
)
"""Every key an author may write, as the documents spell them."""

LISTED_KEYS = ("digest", "tags")
"""Those whose values may be written as a list."""

OTHER_WORDS = {
    "author": "byline",
    "by": "byline",
    "posted_by": "byline",
    "headline": "title",
    "preview": "preheader",
    "preview_text": "preheader",
    "category": "section",
    "kicker": "section",
    "button_text": "button_label",
    "audience": "segments",
    "segment": "segments",
    "language": "lang",
}
"""What people write instead."""

SITE_WORDS = {
    **OTHER_WORDS,
    "authors": "byline",
    "description": "preheader",
    "excerpt": "preheader",
    "subtitle": "preheader",
    "summary": "preheader",
    "categories": "section",
    "cover": "image",
    "banner": "image",
    "featured_image": "image",
    "expirydate": "expires",
    "publish_date": "date",
    "tag": "tags",
    "pubdate": "date",
}
"""What Jekyll, Hugo and Buttondown call the same, where our own key is not given."""

SITE_KEYS = frozenset(
    {"aliases", "archival_mode", "attachments", "canonical_url", "comments", "email_type"}
    | {"featured", "id", "keywords", "lastmod", "layout", "math", "metadata"}
    | {"modified", "permalink", "publishdate", "published", "redirect_from", "secondary_id"}
    | {"series", "sitemap", "status", "toc", "type", "url", "weight"}
)
"""What they need and an email does not."""

PARTS = {
    "byline": {"name": "byline", "role": "byline_role"},
    "image": {"source": "image", "alt": "image_alt", "caption": "image_caption"},
    "button": {"label": "button_label", "text": "button_label", "url": "button_url"},
}
"""What stands indented under a key, and the flat key it means."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value as it was written, and where it begins."""

    text: str
    at: Location


@dataclass(slots=True)
class Header:
    """What was read so far; filled by the reader of either form, then understood as a whole."""

    path: str
    entries: dict[str, Entry] = field(default_factory=dict)
    """By flat key, those of `PARTS` included; `byline_role` where the author split it."""
    segments: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problems: list[AnnouncementError] = field(default_factory=list)

    def refuse(self, problem: str, at: Location, hint: str = "") -> None:
        """Note a problem and read on."""
        self.problems.append(AnnouncementError(problem, at=at, hint=hint))

    def add(self, key: str, entry: Entry) -> None:
        """Take `entry` as the value of `key`; the second one of a key is a problem."""
        if key in self.entries:
            self.refuse(
                f"{key!r} is given twice; the first is in line {self.entries[key].at.line}",
                entry.at,
                "delete one of them",
            )
            return
        self.entries[key] = entry
        if key == "segments":
            self.segments.extend(split_names(entry))

    @property
    def whole(self) -> Location:
        """Give the place of the file as a whole."""
        return Location(self.path)

    def places(self) -> Mapping[str, Location]:
        """Tell where each value stands."""
        return {key: entry.at for key, entry in self.entries.items()}


def flat(key: str) -> str:
    """Spell `key` as `KEYS` does: lower case, with underscores."""
    return re.sub(r"[\s_-]+", "_", key.strip().lower())


def split_names(entry: Entry) -> list[Entry]:
    """Split names at commas, each with its own place."""
    found = re.finditer(r"[^,\s](?:[^,]*[^,\s])?", entry.text)
    column = entry.at.column or 1
    return [
        Entry(each[0], Location(entry.at.path, entry.at.line, column + each.start()))
        for each in found
    ]


def unused_keys(path: str, names: list[str], line: int) -> Finding:
    """Say once which keys of a web site mean nothing to an email."""
    return warning(
        "unused-keys",
        f"these keys mean nothing here: {', '.join(names)}",
        at=Location(path, line),
        hint="leave them where the web site needs them",
    )


def unknown_key(key: str, at: Location, *, fate: str = "it is ignored") -> Finding:
    """Say that nobody knows `key`, and which one it may have been meant to be."""
    meant = OTHER_WORDS.get(flat(key))
    hint = f"did you mean {meant!r}?" if meant else did_you_mean(flat(key), KEYS)
    return warning(
        "unknown-key",
        f"unknown key {key!r}; {fate}",
        at=at,
        hint=hint or f"use one of {', '.join(KEYS)}",
    )
