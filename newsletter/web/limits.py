"""How often somebody may ask: token buckets, and who counts as somebody.

What is counted is a network, not an address: a home has a /64 of IPv6 to itself (RFC 6177), and
256 neighbours of IPv4 rarely sign up in the same minute.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

_MOST_KEYS = 10_000
"""Who asked longest ago is forgotten first, so that nobody can fill the memory."""


@dataclass(slots=True, kw_only=True)
class Buckets:
    """A bucket for each key: every request takes one out, and time fills it again."""

    capacity: float
    """How many requests at once."""
    per_second: float
    """How many more with every second."""
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, now: float) -> float:
        """Take one out; give the seconds to wait, 0 where it was there.

        `now` is in seconds of a clock that never jumps.
        """
        with self._lock:
            level, seen = self._levels.pop(key, (self.capacity, now))
            level = min(self.capacity, level + (now - seen) * self.per_second)
            is_there = level >= 1
            self._levels[key] = (level - 1 if is_there else level, now)
            if len(self._levels) > _MOST_KEYS:
                self._levels.popitem(last=False)
            return 0.0 if is_there else (1 - level) / self.per_second


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of all that can be sent to us.

    A link of ours that is genuine is limited alone, never by network: behind one address of a mail
    provider stand all who press its button (RFC 8058).
    """

    genuine: Buckets = field(default_factory=lambda: Buckets(capacity=60, per_second=1))
    """For each link."""
    forged: Buckets = field(default_factory=lambda: Buckets(capacity=60, per_second=1))
    """For each network that sends what we never signed."""
    forms: Buckets = field(default_factory=lambda: Buckets(capacity=10, per_second=1 / 60))
    """For each network that fills in addresses."""
    strangers: Buckets = field(default_factory=lambda: Buckets(capacity=200, per_second=1 / 3))
    """The same for all whose network nobody tells us, together."""

    def fill_in(self, network: str, now: float) -> float:
        """Count a form with an address; give the seconds to wait."""
        buckets = self.forms if network else self.strangers
        return buckets.take(network, now)


def read_networks(words: Sequence[str]) -> Networks:
    """Read addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ipaddress.ip_network(word) for word in words)


def network_of(peer: str, forwarded: Sequence[str], proxies: Networks) -> str:
    """Tell from which network a request comes; empty where nobody trustworthy says so.

    Args:
        peer: who is connected to us.
        forwarded: the values of X-Forwarded-For, as they came.
        proxies: whose word we take. Each adds at the end who spoke to it, so what stands before
            the last stranger may be a lie.
    """
    heard = [word.strip() for line in forwarded for word in line.split(",")]
    for word in (peer, *reversed(heard)):
        address = _address(word)
        if address is None:
            return ""
        if not any(address in each for each in proxies):
            return "" if address.is_loopback else _around(address)
    return ""


def _address(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(word.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _around(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    width = 24 if isinstance(address, ipaddress.IPv4Address) else 64
    return str(ipaddress.ip_network(f"{address}/{width}", strict=False))
