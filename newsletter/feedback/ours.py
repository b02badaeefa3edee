"""Finding which delivery an event or a bounce is about, by what our messages carry."""

import re
from typing import NamedTuple

DISPATCH, DELIVERY = "nl_dispatch", "nl_delivery"
"""The names of our ids in a provider's custom arguments, tags or metadata."""

_ID_OF_DISPATCH = re.compile(r"[0-9a-f]{16}", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_MESSAGE_ID = re.compile(r"<?(\d{1,10})\.([0-9a-f]{16})@", re.ASCII)
_FEEDBACK_ID = re.compile(r"[a-z0-9-]+:([0-9a-f]{16}):newsletter:", re.ASCII)
_IN_TEXT = re.compile(rf"{DISPATCH}\W{{1,5}}([0-9a-f]{{16}})\b", re.ASCII)
_NUMBER_IN_TEXT = re.compile(rf"{DELIVERY}\W{{1,5}}(\d{{1,10}})\b", re.ASCII)
_MOST = 1 << 31


class Ours(NamedTuple):
    """One delivery of ours."""

    dispatch: str
    delivery: int


def by_names(dispatch: object, delivery: object) -> Ours | None:
    """Read the two ids as a provider gives them back; None where they are not ours."""
    if isinstance(delivery, bool) or not isinstance(delivery, int | str):
        return None
    return _ours(str(dispatch), str(delivery))


def by_text(text: str) -> Ours | None:
    """Find the two ids in one text that holds both, whatever stands between them."""
    dispatch, delivery = _IN_TEXT.search(text), _NUMBER_IN_TEXT.search(text)
    return _ours(dispatch[1], delivery[1]) if dispatch and delivery else None


def by_message_id(text: str) -> Ours | None:
    """Read a Message-ID that `message_id_for` made; None for any other."""
    found = _MESSAGE_ID.match(text.strip())
    return _ours(found[2], found[1]) if found else None


def dispatch_by_feedback_id(text: str) -> str:
    """Read the dispatch of our Feedback-ID; empty for any other."""
    found = _FEEDBACK_ID.match(text.strip())
    return found[1] if found else ""


def _ours(dispatch: str, delivery: str) -> Ours | None:
    if not _ID_OF_DISPATCH.fullmatch(dispatch) or not _NUMBER.fullmatch(delivery):
        return None
    return Ours(dispatch, int(delivery)) if int(delivery) < _MOST else None
