"""Templates: what a provider made of a document once, to be used for every batch of a dispatch."""

from collections.abc import Callable
from typing import Generic, TypeVar

from newsletter.message.batch import Envelope
from newsletter.message.frozen import Document

_Template = TypeVar("_Template")


class Templates(Generic[_Template]):
    """The templates in use, each made once; may be shared by threads."""

    __slots__ = ("_known", "_make")

    _MOST = 64
    """More variants than any dispatch has; keeps a long-lived provider small."""

    def __init__(self, make: Callable[[Envelope, Document], _Template]) -> None:
        """Start without any; `make` makes the template of a document in a dispatch."""
        self._make = make
        self._known: dict[tuple[int, int], tuple[Envelope, Document, _Template]] = {}

    def of(self, envelope: Envelope, document: Document) -> _Template:
        """Give the template of `document` in the dispatch of `envelope`.

        Raises:
            InputError: a name or an id of `envelope` cannot stand in a header.
        """
        # By identity: comparing 50 KB of text for every request would cost more than it saves.
        # The values are kept beside the template, so no other object can take their identity.
        key = (id(envelope), id(document))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self._MOST:
                self._known = {}
            known = (envelope, document, self._make(envelope, document))
            self._known[key] = known
        return known[2]
