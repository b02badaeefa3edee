"""Did you mean? The nearest known name for one that is not known."""

from collections.abc import Iterable


def closest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Find the name among `known` that `word` was likely meant to be; empty if none is near.

    `cutoff` is the least likeness, from 0 (any) to 1 (the same).
    """
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def did_you_mean(
    word: str, known: Iterable[str], *, otherwise: str = "", cutoff: float = 0.6
) -> str:
    """Ask for the nearest name among `known`, as a hint; give `otherwise` if none is near."""
    name = closest(word, known, cutoff=cutoff)
    return f"did you mean {name!r}?" if name else otherwise
