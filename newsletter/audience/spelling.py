"""Domains of addresses that were likely mistyped: one slip away from those that millions have."""

from functools import lru_cache

_BIG = (
    *("gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com"),
    *("protonmail.com", "comcast.net", "verizon.net", "btinternet.com", "t-online.de"),
    *("hotmail.co.uk", "yahoo.co.uk", "hotmail.fr", "orange.fr", "wanadoo.fr", "laposte.net"),
    *("libero.it", "hotmail.de", "yahoo.co.jp", "yahoo.com.br", "yandex.ru", "naver.com"),
)
"""None is short: `aol.com` is one letter away from too many real ones."""

_REAL = frozenset(
    {"mail.com", "ymail.com", "email.com", "outlook.co", "hotmail.dk", "hotmail.be", "hotmail.it"}
    | {"hotmail.es", "hotmail.nl", "hotmail.se", "hotmail.no", "rogers.com", "yahoo.co"}
)
"""One letter away, and no slip."""

_ENDINGS = {".con": ".com", ".cmo": ".com", ".ocm": ".com", ".ogr": ".org", ".nte": ".net"}


@lru_cache(maxsize=65_536)
def likely_domain(domain: str) -> str:
    """Give the domain that was likely meant by `domain`; empty where nothing speaks for a slip."""
    if domain in _BIG or domain in _REAL:
        return ""
    from rapidfuzz.distance import DamerauLevenshtein

    for big in _BIG:
        if DamerauLevenshtein.distance(domain, big, score_cutoff=1) <= 1:
            return big
    for wrong, right in _ENDINGS.items():
        if domain.endswith(wrong):
            return domain.removesuffix(wrong) + right
    return ""
