"""What all public pages share, and who comes to them."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.audience.topic import Topic
from newsletter.clock import Clock
from newsletter.compose.brand import Brand
from newsletter.ledger.consent import Wishes
from newsletter.ledger.database import Ledger
from newsletter.message.token import PROBE, ForgedToken, verify
from newsletter.web.limits import Limits
from newsletter.web.page import Page, masked
from newsletter.web.speech import Speech, Speeches
from newsletter.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all public pages share."""

    ledger: Ledger
    brand: Brand
    keys: tuple[bytes, ...] = field(repr=False)
    """The one that signs now first; older ones, so that the links of old emails go on working."""
    topics: tuple[Topic, ...]
    contact: str
    """The address of the people who answer for the list."""
    clock: Clock
    speeches: Speeches
    limits: Limits = field(default_factory=Limits)

    def speech(self, visit: Visit, wished: str = "") -> Speech:
        """Choose the language of a page."""
        return self.speeches.choose(wished, visit.accepted)

    def not_ours(self, visit: Visit) -> Page:
        """Say that a link does not work."""
        # The same words whatever is wrong: nobody learns here who is on the list.
        speech = self.speech(visit)
        return Page(
            speech=speech,
            title=speech.say("wrong_title"),
            lines=(speech.say("wrong_text"),),
            contact=self.contact,
            status=HTTPStatus.NOT_FOUND,
        )

    def of_nobody(self, token: str, visit: Visit) -> Page:
        """Say that a link is not ours; the one that `newsletter doctor` tries is, of nobody."""
        page = self.not_ours(visit)
        try:
            ref, _ = verify(self.keys, token)
        except ForgedToken:
            return page
        return replace(page, status=HTTPStatus.OK) if ref == PROBE else page

    def failed(self, visit: Visit) -> Page:
        """Say that the ledger cannot be reached."""
        return self._nothing("failed", HTTPStatus.SERVICE_UNAVAILABLE, visit)

    def foreign(self, visit: Visit) -> Page:
        """Refuse what another site made the browser send."""
        return self._nothing("foreign", HTTPStatus.FORBIDDEN, visit)

    def busy(self, visit: Visit, wait: float) -> Page:
        """Ask for patience: `wait` is in seconds."""
        return self._nothing("busy", HTTPStatus.TOO_MANY_REQUESTS, visit, wait)

    def _nothing(self, key: str, status: HTTPStatus, visit: Visit, wait: float = 0.0) -> Page:
        speech = self.speech(visit)
        return Page(
            speech=speech,
            title=speech.say(f"{key}_title"),
            lines=(speech.say(f"{key}_text"),),
            status=status,
            wait=wait,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody with a link of ours."""

    token: str
    person: Person
    ref: str
    wishes: Wishes
    speech: Speech

    @property
    def shown(self) -> str:
        """Give their address as a page shows it."""
        return masked(self.person.address_key)

    @property
    def is_off(self) -> bool:
        """Tell whether they left."""
        return self.wishes.suppression is SuppressionReason.UNSUBSCRIBED

    @property
    def is_barred(self) -> bool:
        """Tell whether a person has to judge first: a bounce, a complaint."""
        return self.wishes.suppression is not None and not self.is_off
