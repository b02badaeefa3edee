"""The compiled issue: rendered once and frozen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from newsletter.finding import Finding
from newsletter.message.frozen import Context, Document, Frozen, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledIssue:
    """An issue as it goes out: one document a variant."""

    slug: str
    title: str
    documents: Mapping[str, Document]
    """By `Variant.key`."""
    images: Mapping[str, Path] = field(default_factory=dict)
    """Local images by the URL under which the documents name them."""
    findings: tuple[Finding, ...] = ()

    @property
    def content_hash(self) -> str:
        """Name the content: 32 hex digits, the same for the same documents and no others."""
        return hashlib.blake2b(
            documents_to_json(self.documents).encode(), digest_size=16
        ).hexdigest()


def documents_to_json(documents: Mapping[str, Document]) -> str:
    """Write `documents` as JSON, always in the same order."""
    return json.dumps(
        {key: asdict(document) for key, document in documents.items()},
        sort_keys=True,
        ensure_ascii=False,
    )


def documents_from_json(text: str) -> dict[str, Document]:
    """Read what `documents_to_json` wrote."""
    return {
        key: Document(**{part: _frozen(value) for part, value in parts.items()})
        for key, parts in json.loads(text).items()
    }


def _frozen(stored: Mapping[str, list[object]]) -> Frozen:
    slots = tuple(_slot(slot) for slot in stored["slots"])
    return Frozen(tuple(str(literal) for literal in stored["literals"]), slots)


def _slot(stored: object) -> Slot:
    assert isinstance(stored, dict)
    return Slot(stored["name"], Context(stored["context"]), stored["fallback"])
