"""One message for one reader, with the values of a member."""

import secrets

from newsletter.address import EmailAddress
from newsletter.dispatch.envelope import to_json
from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.issue.issue import Variant
from newsletter.ledger.dispatches import Dispatch
from newsletter.ledger.opening import Opening, Proofed, open_proof
from newsletter.ledger.selection import Chosen, find, sample
from newsletter.message.batch import Recipient
from newsletter.workspace.letters import Drawn
from newsletter.workspace.prepare import compile_variants, renamed
from newsletter.workspace.workspace import Workspace


def stand_in(workspace: Workspace, plan: Plan, who: str | None) -> Chosen:
    """Find the recipient `who` (a member id or an address), or the first one of the audience.

    Raises:
        Refused: there is no such recipient.
    """
    with workspace.ledger.read() as connection:
        if who is not None:
            found = find(connection, plan.choice, who)
        else:
            found = next(iter(sample(connection, plan.choice)), None)
    if found is None and who is not None:
        raise Refused(
            f"{who!r} is not among the recipients of this issue",
            hint="give a member id or an address of the list, of a chosen segment",
        )
    if found is None:
        raise Refused("the list has nobody whose values could be shown", hint="add members")
    return found


def open_proof_of(
    workspace: Workspace, plan: Plan, chosen: Chosen, *, address: EmailAddress, provider: str
) -> Dispatch:
    """Open a proof: the variant and the values of `chosen`, to `address`."""
    drawn = draw_up_proof(workspace, plan, chosen, address=address, provider=provider)
    return open_proof(workspace.ledger, drawn.opening, drawn.kind, drawn.who.recipient)


def draw_up_proof(
    workspace: Workspace, plan: Plan, chosen: Chosen, *, address: EmailAddress, provider: str
) -> Drawn:
    """Write the same, for somebody else to open it in the ledger."""
    ref = secrets.token_hex(8)
    variant = Variant(tuple(flag == "1" for flag in chosen.variant.strip("-")))
    opening = Opening(
        compiled=compile_variants(workspace, plan.issue, (variant,)),
        envelope=to_json(renamed(plan, workspace, ref).envelope),
        ref=ref,
        provider=provider,
        batch_size=1,
        audience={"proof": True},
        now=workspace.clock.now(),
    )
    recipient = Recipient(delivery=0, address=address, name=chosen.name, values=dict(chosen.values))
    return Drawn(opening, plan.issue.slug, Proofed(recipient))
