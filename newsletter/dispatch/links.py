"""The links of one member in one dispatch."""

from dataclasses import dataclass, field

from newsletter.message.token import sign


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links that lead back to us; what they carry is opaque and signed."""

    base_url: str
    """Where `newsletter serve` answers, without a slash at the end."""
    key: bytes = field(repr=False)

    def values(self, dispatch: str, delivery: int) -> dict[str, str]:
        """Give the links of one delivery under the names of their slots."""
        token = sign(self.key, dispatch, delivery)
        return {
            "unsubscribe_url": f"{self.base_url}/u/{token}",
            "preferences_url": f"{self.base_url}/p/{token}",
        }
