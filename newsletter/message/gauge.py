"""The size of a message before it is made: what is the same for all is measured once. Pure."""

from collections import Counter
from collections.abc import Mapping

from newsletter.message.encoding import unified
from newsletter.message.frozen import Frozen


class Gauge:
    """Tells how large a frozen text is with the values of a member."""

    def __init__(self, frozen: Frozen) -> None:
        """Measure the pieces that `frozen` has for everybody."""
        self.common = sum(len(unified(literal).encode()) for literal in frozen.literals)
        """Bytes that are the same for all."""
        self.slots = tuple(Counter(frozen.slots).items())
        """What members fill, with how often it stands in the text."""

    def size(self, values: Mapping[str, str]) -> int:
        """Count the bytes of the text filled from `values`, in UTF-8.

        Raises:
            KeyError: a slot has neither value nor fallback.
        """
        return self.common + self.own(values)

    def own(self, values: Mapping[str, str]) -> int:
        """Count those of them that the slots have.

        Raises:
            KeyError: a slot has neither value nor fallback.
        """
        return sum(times * len(unified(slot.fill(values)).encode()) for slot, times in self.slots)
