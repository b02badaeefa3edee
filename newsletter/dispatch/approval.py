"""The approval of a plan: a short code for what was approved, which any change makes void."""

from hashlib import blake2b

from newsletter.dispatch.plan import Plan


def approval_of(plan: Plan, provider: str, audience: str) -> str:
    """Give the code of a plan: 16 hex digits over content, sender, provider and audience.

    `audience` is the mark of its recipients, as the rehearsal or the ledger made it.
    """
    sender, reply_to = plan.envelope.sender, plan.envelope.reply_to
    parts = (
        plan.compiled.agreed_hash,
        sender.address.wire,
        sender.name,
        reply_to.address.wire if reply_to else "",
        plan.envelope.list_id,
        provider,
        audience,
    )
    return blake2b("\0".join(parts).encode(), digest_size=8, person=b"nl-approval").hexdigest()


def mark_of(plan: Plan, rule: str, when: str) -> str:
    """Give the mark of what people agree to: 32 hex digits over content, sender, rule and time.

    Unlike the code it does not change when somebody joins or leaves: people agree to a rule, and
    see the number before they send.

    Args:
        plan: what would be sent.
        rule: the rule of its audience, as it was written.
        when: the moments that it keeps to.
    """
    sender, reply_to = plan.envelope.sender, plan.envelope.reply_to
    parts = (
        plan.compiled.agreed_hash,
        sender.address.wire,
        sender.name,
        reply_to.address.wire if reply_to else "",
        plan.envelope.list_id,
        rule,
        when,
    )
    return blake2b("\0".join(parts).encode(), digest_size=16, person=b"nl-agreement").hexdigest()
