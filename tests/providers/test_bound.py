"""What the dry run tells without making messages is what making them would tell."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from provider_samples import DOCUMENT, ENVELOPE, batch, recipient

from newsletter.message.frozen import Attachment, Choices, Context, Frozen, Slot
from newsletter.message.mime import MimeTemplate
from newsletter.providers.bound import Bound, raw_size
from newsletter.providers.brevo_body import BrevoTemplate
from newsletter.providers.postmark_message import PostmarkMessages
from newsletter.providers.registry import build

FILE = Attachment(name="meeting.ics", kind="text/calendar", content=b"y" * 10_000)
LARGE = replace(DOCUMENT, attachments=(FILE,))
VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=2_000)


@given(VALUES)
def test_no_message_is_larger_than_its_bound(value: str) -> None:
    member = recipient(1, value)
    sent = batch(member, document=LARGE)
    postmark = PostmarkMessages(ENVELOPE, LARGE, stream="broadcast")

    assert postmark.body(sent).sizes[0] <= postmark.bound.of(member)
    raw = MimeTemplate(ENVELOPE, LARGE).encode(member)
    assert len(raw) <= Bound(LARGE, fixed=raw_size(LARGE)).of(member)


BRACES = st.text(st.sampled_from("{%#}a"), max_size=4)


@given(BRACES, BRACES, BRACES, BRACES)
def test_what_brevo_would_fill_is_told_whether_the_body_is_made_or_not(
    before: str, value: str, after: str, fallback: str
) -> None:
    slot = Slot("first_name", Context.PLAIN, fallback or "you")
    document = replace(DOCUMENT, text=Frozen((f"Dear {before}", f"{after}."), (slot,)))
    member = recipient(1, value)
    sent = batch(member, document=document)
    provider = build("brevo", {}, {"BREVO_API_KEY": "k"})

    clashes = BrevoTemplate(ENVELOPE, document).body(sent).clashes

    assert list(provider.refusals(sent)) == clashes


def test_what_a_choice_brings_along_is_looked_at_too() -> None:
    slot = Slot("zone", Context.PLAIN, "you", Choices((("a", "{{ b }}"),)))
    document = replace(DOCUMENT, text=Frozen(("Dear ", "."), (slot,)))
    sent = batch(recipient(1, zone="a"), document=document)

    assert "template language" in " ".join(
        build("brevo", {}, {"BREVO_API_KEY": "k"}).refusals(sent)
    )
