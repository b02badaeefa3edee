"""The approval of a plan: a short code for what was approved, which any change makes void."""

from hashlib import blake2b

from newsletter.dispatch.plan import Plan


def approval_of(plan: Plan, provider: str, audience: str) -> str:
    """Give the code of a plan: 16 hex digits over content, sender, provider and audience.

    `audience` is the mark of its recipients, as the rehearsal or the ledger made it.
    """
    sender, reply_to = plan.envelope.sender, plan.envelope.reply_to
    parts = (
        plan.compiled.content_hash,
        sender.address.wire,
        sender.name,
        reply_to.address.wire if reply_to else "",
        plan.envelope.list_id,
        provider,
        audience,
    )
    return blake2b("\0".join(parts).encode(), digest_size=8, person=b"nl-approval").hexdigest()
