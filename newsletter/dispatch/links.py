"""The links of one member in one dispatch."""

from dataclasses import dataclass, field

from newsletter.message.token import Signer


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links that lead back to us; what they carry is opaque and signed."""

    base_url: str
    """Where `newsletter serve` answers, without a slash at the end."""
    key: bytes = field(repr=False)

    def signer(self, dispatch: str) -> Signer:
        """Give what signs the tokens of one dispatch."""
        return Signer(self.key, dispatch)

    def beginnings(self) -> dict[str, str]:
        """Give what stands before the token in each link, by the names of their slots."""
        return {
            "unsubscribe_url": f"{self.base_url}/u/",
            "preferences_url": f"{self.base_url}/p/",
        }
