"""How the dispatches stand, as values for people and for scripts."""

from dataclasses import asdict, dataclass

from newsletter.ledger.database import Ledger
from newsletter.ledger.dispatches import Balance, Dispatch, balance_of, list_dispatches


@dataclass(frozen=True, slots=True)
class Standing:
    """One dispatch and where its listed members stand."""

    dispatch: Dispatch
    balance: Balance

    @property
    def word(self) -> str:
        """Say it in one word."""
        if not self.balance.is_finished:
            return "unfinished"
        return "finished, unsure" if self.balance.unsure else "finished"

    def as_json(self) -> dict[str, object]:
        """Give it as JSON values, without anything of a member."""
        dispatch, balance = self.dispatch, asdict(self.balance)
        return {
            "dispatch": dispatch.id,
            "kind": dispatch.kind,
            "issue": dispatch.slug,
            "title": dispatch.title,
            "provider": dispatch.provider,
            "audience": dispatch.audience,
            "content_hash": dispatch.content_hash,
            "opened": dispatch.opened,
            "state": self.word,
            "balances": self.balance.balances,
            **balance,
        }


def standings(ledger: Ledger) -> tuple[Standing, ...]:
    """Tell how every dispatch stands, newest first, but for letters that members asked for."""
    return tuple(
        Standing(dispatch, balance_of(ledger, dispatch))
        for dispatch in list_dispatches(ledger)
        if "letter" not in dispatch.audience
    )
