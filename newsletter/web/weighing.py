"""How large the largest message of an issue is, told without making every message at every save."""

from collections.abc import Mapping

from newsletter.dispatch.plan import Plan
from newsletter.ledger.database import Ledger
from newsletter.ledger.selection import recipients
from newsletter.message.frozen import Slot
from newsletter.message.gauge import Gauge

Weights = tuple[tuple[str, tuple[tuple[Slot, int], ...]], ...]
"""By variant: the slots of its HTML, each with how often it stands there."""
Weighed = dict[Weights, Mapping[str, int]]
"""By variant: the most bytes that the slots of one recipient have."""


def heaviest_html(ledger: Ledger, plan: Plan, known: Weighed) -> int:
    """Tell how large the largest HTML part is that any recipient gets, in bytes.

    `known` keeps what members bring along, for as long as the audience is the same.
    """
    gauges = {variant: Gauge(each.html) for variant, each in plan.compiled.documents.items()}
    weights = tuple((variant, gauge.slots) for variant, gauge in sorted(gauges.items()))
    # What is the same for all changes with every save; what members bring along hardly ever.
    if weights not in known:
        known.clear()
        known[weights] = _own_bytes(ledger, plan, gauges)
    found = known[weights]
    return max(
        (gauge.common + found.get(variant, 0) for variant, gauge in gauges.items()), default=0
    )


def _own_bytes(ledger: Ledger, plan: Plan, gauges: Mapping[str, Gauge]) -> Mapping[str, int]:
    most: dict[str, int] = {}
    marks = {slot.name: f"[no {slot.name}]" for gauge in gauges.values() for slot, _ in gauge.slots}
    # Links are of one length for everybody.
    links = plan.personaliser.recipient(0, plan.envelope.sender.address.wire, "", {}).values
    with ledger.read() as connection:
        for chosen in recipients(connection, plan.choice):
            gauge = gauges.get(chosen.variant)
            if gauge is not None:
                own = {name: value for name, value in chosen.values.items() if value}
                size = gauge.own({**marks, **links, **own, "email": chosen.address})
                most[chosen.variant] = max(most.get(chosen.variant, 0), size)
    return most
