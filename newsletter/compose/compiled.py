"""The compiled issue: rendered once and frozen."""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsletter.errors import Location
from newsletter.finding import Finding
from newsletter.issue.item import Item
from newsletter.message.frozen import Attachment, Choices, Context, Document, Frozen, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledIssue:
    """An issue as it goes out: one document a variant."""

    slug: str
    title: str
    documents: Mapping[str, Document]
    """By `Variant.key`."""
    has_local_times: bool = False
    """Whether an event is shown on the clock of each member."""
    images: Mapping[str, Path] = field(default_factory=dict)
    """Local images by the URL under which the documents name them."""
    image_bytes: Mapping[str, int] = field(default_factory=dict)
    """The size of each of them, by the same URL."""
    findings: tuple[Finding, ...] = ()
    template: Location | None = None
    """Where the theme begins the email (`<mjml>`), for what is wrong with the theme."""
    items: tuple[Item, ...] = ()
    """The announcements that it carries."""
    full: Mapping[str, Document] = field(default_factory=dict)
    """The whole of an announcement, by its slug, where the documents show an excerpt of it."""

    @property
    def content_hash(self) -> str:
        """Name the content: 32 hex digits, the same for the same documents and no others."""
        return _hash_of(self.documents)

    @property
    def agreed_hash(self) -> str:
        """Name what people agree to: the content, and what the archive shows behind excerpts."""
        return f"{self.content_hash} {_hash_of(self.full)}" if self.full else self.content_hash


def _hash_of(documents: Mapping[str, Document]) -> str:
    return hashlib.blake2b(documents_to_json(documents).encode(), digest_size=16).hexdigest()


_FILES = "files"
"""Stands beside the variants: each attached file once, by its digest, in base64."""


def documents_to_json(documents: Mapping[str, Document]) -> str:
    """Write `documents` as JSON, always in the same order."""
    files: dict[str, str] = {}
    stored: dict[str, object] = {key: _stored(each, files) for key, each in documents.items()}
    return json.dumps(
        stored | ({_FILES: files} if files else {}), sort_keys=True, ensure_ascii=False
    )


def documents_from_json(text: str) -> dict[str, Document]:
    """Read what `documents_to_json` wrote."""
    stored = json.loads(text)
    files = {digest: b64decode(file) for digest, file in stored.pop(_FILES, {}).items()}
    return {key: _document(parts, files) for key, parts in stored.items()}


def _stored(document: Document, files: dict[str, str]) -> dict[str, object]:
    parts: dict[str, object] = {
        name: {
            "literals": frozen.literals,
            "slots": [_stored_slot(slot) for slot in frozen.slots],
        }
        for name in _PARTS
        for frozen in (getattr(document, name),)
    }
    attached = []
    for each in document.attachments:
        digest = hashlib.blake2b(each.content, digest_size=16).hexdigest()
        files.setdefault(digest, b64encode(each.content).decode("ascii"))
        attached.append(
            {"name": each.name, "kind": each.kind, "content_id": each.content_id, "file": digest}
        )
    return parts | ({"attachments": attached} if attached else {})


_PARTS = ("subject", "preheader", "html", "text")


def _stored_slot(slot: Slot) -> dict[str, object]:
    plain = {"name": slot.name, "context": slot.context, "fallback": slot.fallback}
    return plain | ({"choices": slot.choices.pairs} if slot.choices else {})


def _document(parts: Mapping[str, Any], files: Mapping[str, bytes]) -> Document:
    attachments = tuple(
        Attachment(
            name=each["name"],
            kind=each["kind"],
            content=files[each["file"]],
            content_id=each["content_id"],
        )
        for each in parts.get("attachments", ())
    )
    frozen = {name: _frozen(parts[name]) for name in _PARTS}
    return Document(**frozen, attachments=attachments)


def _frozen(stored: Mapping[str, Any]) -> Frozen:
    slots = tuple(_slot(slot) for slot in stored["slots"])
    return Frozen(tuple(str(literal) for literal in stored["literals"]), slots)


def _slot(stored: Mapping[str, Any]) -> Slot:
    choices = stored.get("choices")
    return Slot(
        stored["name"],
        Context(stored["context"]),
        stored["fallback"],
        Choices(tuple((str(value), str(text)) for value, text in choices)) if choices else None,
    )
