"""Asking the domain name system for texts. The only door to dnspython."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver as Asker

_PATIENCE = 6.0
"""Seconds for one name, with all its servers and a second try by TCP."""

Ask = Callable[[str], tuple[str, ...]]
"""Gives the TXT records of a name, each put together (RFC 7208 section 3.3); none where there is
none. Raises `CouldNotAsk`."""


class CouldNotAsk(Exception):
    """Nobody answered, so nothing is known of the name."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Asks for texts."""

    server: str = ""
    """`address` or `address:port`; empty for those of this machine."""
    patience: float = _PATIENCE

    def __call__(self, name: str) -> tuple[str, ...]:
        """Give the TXT records of `name`; an answer too long for UDP is fetched by TCP.

        Raises:
            CouldNotAsk: no server answered in time, or it failed.
        """
        import dns.exception
        import dns.resolver

        try:
            found = self._resolver().resolve(name, "TXT", search=False)
        except dns.resolver.NoAnswer:
            return ()
        except dns.resolver.NXDOMAIN:
            self._check_outside()
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as reason:
            raise CouldNotAsk(_words(reason)) from reason
        return tuple(b"".join(each.strings).decode("ascii", "replace") for each in found)

    def _check_outside(self) -> None:
        """Make sure that a name is not missing only because all are, as behind some walls.

        Raises:
            CouldNotAsk: the server does not even know the root, which always has servers.
        """
        import dns.exception
        import dns.resolver

        try:
            self._resolver().resolve(".", "NS", search=False)
        except (dns.exception.DNSException, OSError) as reason:
            raise CouldNotAsk("the name server knows nothing of the world outside") from reason

    def _resolver(self) -> "Asker":
        import dns.resolver

        resolver = dns.resolver.Resolver(configure=not self.server)
        if self.server:
            host, _, port = self.server.partition(":")
            resolver.nameservers, resolver.port = [host], int(port or 53)
        resolver.lifetime = self.patience
        return resolver


def _words(reason: Exception) -> str:
    import dns.resolver

    match reason:
        case dns.resolver.LifetimeTimeout():
            return "no name server answered in time"
        case dns.resolver.NoNameservers():
            return "the name servers failed to answer"
        case dns.resolver.NoResolverConfiguration():
            return "this machine knows no name server"
        case _:
            return f"the name servers could not be asked ({type(reason).__name__})"
