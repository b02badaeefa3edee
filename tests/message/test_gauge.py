"""The size of a message, told before it is made."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from message_samples import DOCUMENT, ENVELOPE, recipient

from newsletter.message.frozen import Context, Frozen, Slot
from newsletter.message.gauge import Gauge
from newsletter.message.headers import message_for

_LITERALS = st.lists(st.text(max_size=20), min_size=3, max_size=3)


@given(_LITERALS, st.text(max_size=30), st.sampled_from(list(Context)))
def test_the_size_is_that_of_the_filled_text_as_it_is_sent(
    literals: list[str], value: str, context: Context
) -> None:
    slot = Slot("first_name", context, "colleague")
    frozen = Frozen(tuple(literals), (slot, slot))
    document = replace(DOCUMENT, subject=Frozen(("Hi",)), html=frozen)
    member = recipient("Ada", first_name=value)
    sent = message_for(ENVELOPE, document, member).html
    assert Gauge(frozen).size(member.values) == len(sent.encode())
