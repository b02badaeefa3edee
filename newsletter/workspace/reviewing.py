"""Review links: exactly what somebody saw, frozen, for whoever has the link, for some days.

A link is a name of 16 random octets and a signature over it (keyed BLAKE2b): neither can be
guessed, and a name that leaked from the folder is no link. What it shows lies in one file each,
which is deleted when its time is over. It shows no member's values, only what stands in for them.
"""

import hmac
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from newsletter.errors import Refused
from newsletter.message.token import ForgedToken
from newsletter.workspace.replacing import write_whole

_PERSON = b"nl-review"
_SHAPE = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One variant, as it is shown."""

    key: str
    shows: str
    members: int
    subject: str
    snippet: str
    html: str
    """With its pictures in it."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a link shows."""

    title: str
    file: str
    asked_by: str
    made: str
    """ISO 8601, UTC."""
    until: str
    """The same."""
    sender: str
    content_hash: str
    variants: tuple[Variant, ...]

    def ends(self) -> datetime:
        """Tell when the link stops working."""
        return datetime.fromisoformat(self.until)


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The review links of a workspace."""

    root: Path
    keys: tuple[bytes, ...]
    """The first one signs; all are believed."""

    @property
    def _folder(self) -> Path:
        return self.root / ".newsletter" / "reviews"

    def add(self, review: Review) -> str:
        """Keep what a new link shows; give its token.

        Raises:
            Refused: it cannot be written.
        """
        name = secrets.token_hex(16)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(asdict(review), ensure_ascii=False)
            write_whole(self._folder / f"{name}.json", text.encode(), is_private=True)
        except OSError as reason:
            raise Refused(
                f"the review cannot be kept: {(reason.strerror or str(reason)).lower()}",
                hint="make room in the folder of the workspace",
            ) from reason
        return name + _mac(self.keys[0], name)

    def find(self, token: str, now: datetime) -> Review:
        """Give what the link of `token` shows.

        Raises:
            ForgedToken: it is no link of ours, or its time is over.
        """
        found = _SHAPE.fullmatch(token)
        name = found[1] if found else ""
        given = found[2] if found else ""
        if not any(hmac.compare_digest(given, _mac(key, name)) for key in self.keys):
            raise ForgedToken
        review = self._read(self._folder / f"{name}.json")
        if review is None or review.ends() <= now:
            raise ForgedToken
        return review

    def tidy(self, now: datetime) -> None:
        """Delete what no link shows any more."""
        for path, review in self._all():
            if review is None or review.ends() <= now:
                with suppress(OSError):
                    path.unlink()

    def of(self, file: str, now: datetime) -> tuple[tuple[str, Review], ...]:
        """List the links that still work for an announcement: token and what it shows."""
        found = [
            (path.stem + _mac(self.keys[0], path.stem), review)
            for path, review in self._all()
            if review and review.file == file and review.ends() > now
        ]
        return tuple(sorted(found, key=lambda pair: pair[1].made, reverse=True))

    def end(self, token: str) -> None:
        """Let a link work no more."""
        found = _SHAPE.fullmatch(token)
        if found:
            (self._folder / f"{found[1]}.json").unlink(missing_ok=True)

    def _all(self) -> Iterator[tuple[Path, Review | None]]:
        try:
            paths = sorted(self._folder.glob("*.json"))
        except OSError:
            return
        yield from ((path, self._read(path)) for path in paths)

    def _read(self, path: Path) -> Review | None:
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            variants = tuple(Variant(**each) for each in stored.pop("variants"))
            return Review(**stored, variants=variants)
        except (OSError, ValueError, TypeError, KeyError):
            return None


def _mac(key: bytes, name: str) -> str:
    return blake2b(name.encode(), digest_size=16, key=key[:64], person=_PERSON).hexdigest()
