"""What events mean for further mail to members, written within the transaction that tells them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from newsletter.audience.consent import Act, Circumstance, Person, identify
from newsletter.audience.exclusion import SuppressionReason
from newsletter.feedback.event import Event
from newsletter.feedback.policy import Consequence, Policy, consequence_of, is_too_often
from newsletter.ledger.consent import write_leaving
from newsletter.ledger.feedback_tables import soft_bounces
from newsletter.ledger.people import consents
from newsletter.ledger.schema import deliveries
from newsletter.ledger.suppressions import is_of, write_suppression

_SUPPRESSING = {
    Consequence.SUPPRESS_ADDRESS: SuppressionReason.HARD_BOUNCE,
    Consequence.SUPPRESS_COMPLAINT: SuppressionReason.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Draws the consequences of events of one dispatch."""

    connection: Connection
    dispatch: int
    source: str
    """Who told them."""
    policy: Policy
    now: datetime

    def follow(self, events: Iterable[Event]) -> int:
        """Draw the consequences of `events`, all of them new; tell how many are suppressed."""
        severe = [each for each in events if consequence_of(each) is not Consequence.NOTHING]
        if not severe:
            return 0
        people = self._people({event.delivery for event in severe})
        return sum(
            self._follow(event, people[event.delivery])
            for event in sorted(severe, key=lambda event: event.moment)
            if event.delivery in people
        )

    def _people(self, positions: set[int]) -> dict[int, Person]:
        """Tell whose deliveries these are; nobody's where somebody asked to be forgotten."""
        query = select(
            deliveries.c.position, deliveries.c.address_key, deliveries.c.member_id
        ).where(
            deliveries.c.dispatch == self.dispatch,
            deliveries.c.position.in_(sorted(positions)),
            deliveries.c.address_key.is_not(None),
            deliveries.c.address_key.not_like("#%"),
        )
        rows = self.connection.execute(query)
        return {row.position: identify(row.address_key, row.member_id) for row in rows}

    def _follow(self, event: Event, person: Person) -> bool:
        consequence = consequence_of(event)
        if consequence is Consequence.COUNT:
            return self._count(event, person)
        if consequence is Consequence.UNSUBSCRIBE:
            how = Circumstance(source=self._how(event), words=event.note, at=event.at)
            return not self._came_back(event, person) and write_leaving(
                self.connection, person, how
            )
        return self._suppress(event, person, _SUPPRESSING[consequence])

    def _suppress(self, event: Event, person: Person, reason: SuppressionReason) -> bool:
        return write_suppression(
            self.connection, person, reason, source=self._how(event), now=self.now
        )

    def _how(self, event: Event) -> str:
        return f"{self.source}: {event.reason or event.kind}"

    def _came_back(self, event: Event, person: Person) -> bool:
        """Tell whether they came back after they had left at the provider."""
        query = select(consents.c.id).where(
            is_of(person, consents),
            consents.c.act == Act.OPT_IN.value,
            consents.c.topic.is_(None),
            consents.c.at > event.moment,
        )
        return self.connection.scalar(query.limit(1)) is not None

    def _count(self, event: Event, person: Person) -> bool:
        """Remember a soft bounce; suppress the address where there are too many."""
        self._remember(event, person)
        query = select(soft_bounces.c.moment).where(
            soft_bounces.c.address_key == person.address_key
        )
        moments = [datetime.fromisoformat(each) for each in self.connection.scalars(query)]
        if not is_too_often(moments, self.policy):
            return False
        return self._suppress(event, person, SuppressionReason.SOFT_BOUNCES)

    def _remember(self, event: Event, person: Person) -> None:
        """Keep one soft bounce a delivery, the first of them."""
        mine = (
            soft_bounces.c.address_key == person.address_key,
            soft_bounces.c.dispatch == self.dispatch,
            soft_bounces.c.position == event.delivery,
        )
        known = self.connection.scalar(select(soft_bounces.c.moment).where(*mine))
        if known is None:
            self.connection.execute(
                insert(soft_bounces).values(
                    address_key=person.address_key,
                    dispatch=self.dispatch,
                    position=event.delivery,
                    moment=event.moment,
                )
            )
        elif event.moment < known:
            self.connection.execute(update(soft_bounces).where(*mine).values(moment=event.moment))
