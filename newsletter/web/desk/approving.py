"""Approval: asking for it, and saying yes or no at the desk or by the link of a letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from newsletter.dispatch.plan import Plan
from newsletter.errors import NewsletterError, Refused
from newsletter.ledger.approvals import (
    Approval,
    Needs,
    Question,
    Said,
    Standing,
    approvals_of,
    ask_approval,
    find_approval,
    give_verdict,
)
from newsletter.ledger.colleagues import Colleague, find_colleague
from newsletter.ledger.letters import find_letter
from newsletter.ledger.roles import Right
from newsletter.message.token import ForgedToken, verify
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.reviews import frozen, reviewing
from newsletter.web.desk.wanted import from_form, from_json
from newsletter.workspace.approving import VERDICT, agreement_of, approvers_for
from newsletter.workspace.letters import Addressee, Text
from newsletter.workspace.occasion import find_occasion, prepare_for, wish_for
from newsletter.workspace.prepare import prepare

_LONG_ENOUGH = timedelta(days=14)
TONES = {Standing.OPEN: "busy", Standing.AGREED: "good", Standing.REFUSED: "bad"}


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Approving(desk)
    return (
        page("/approvals", pages.all),
        button("/approvals/ask", pages.ask, Right.WRITE),
        page("/approvals/{number:int}", pages.one),
        button("/approvals/{number:int}/say", pages.say, Right.APPROVE),
        page("/verdict/{token}", pages.by_link, None),
        button("/verdict/{token}", pages.say_by_link, None),
    )


@dataclass(frozen=True, slots=True)
class _Approving:
    desk: Desk

    def all(self, asked: Asked) -> Answer:
        """List what was asked, the newest first."""
        workspace = self.desk.open()
        return self.desk.page(
            asked,
            "approvals.html.j2",
            approvals=approvals_of(workspace.ledger),
            needs=workspace.settings.desk.needs,
            tones=TONES,
            zone=workspace.settings.brand.time_zone or "UTC",
        )

    def ask(self, asked: Asked) -> Answer:
        """Ask those who were chosen, by letter."""
        workspace, wanted = self.desk.open(), from_form(asked)
        plan = prepare(workspace, wanted.task(workspace)).plan
        mine = approvers_for(workspace, asked.who.colleague)
        chosen = [each for each in mine if str(each.number) in asked.all("approver")]
        question = Question(
            mark=agreement_of(workspace, plan, wanted.wish(workspace)),
            slug=plan.issue.slug,
            title=plan.issue.announcement.title,
            wanted={**wanted.as_json(), "review": self._freeze(asked, plan, wanted.name)},
            recipients=plan.summary.recipients,
            approvers=[each.number for each in chosen],
            note=asked.one("note").strip()[:2_000],
            author_id=asked.who.colleague,
        )
        number = ask_approval(workspace.ledger, question, self.desk.author(asked))
        if workspace.secrets.links_key is not None:
            for each in chosen:
                self._post(each, number)
        return go_to(f"/approvals/{number}", f"{_names(chosen)} will be told by mail.")

    def one(self, asked: Asked) -> Answer:
        """Show what is asked, how it stands, and whether it is still that."""
        found = find_approval(self.desk.open().ledger, int(asked.places["number"][:12]))
        if found is None:
            text = "The list of approvals shows those there are."
            return self.desk.problem(asked, "There is no such approval", text, HTTPStatus.NOT_FOUND)
        is_mine = asked.who.colleague in found.approvers
        has_said = any(each.colleague == asked.who.colleague for each in found.verdicts)
        action = f"/approvals/{found.number}/say" if is_mine and not has_said else ""
        return self._page(asked, found, action)

    def say(self, asked: Asked) -> Answer:
        """Take the word of somebody who is signed in."""
        ledger = self.desk.open().ledger
        found = find_approval(ledger, int(asked.places["number"][:12]))
        who = find_colleague(ledger, number=asked.who.colleague) if asked.who.colleague else None
        if found is None or who is None:
            raise Refused("you were not asked to approve this")
        self._take(asked, found, who)
        return go_to(f"/approvals/{found.number}", "Thank you; it stands in the log.")

    def by_link(self, asked: Asked) -> Answer:
        """Show what is asked to whoever has the link of a letter."""
        known = self._known(asked)
        if known is None:
            return self._late(asked)
        found, who = known
        has_said = any(each.colleague == who.number for each in found.verdicts)
        return self._page(asked, found, "" if has_said else asked.path)

    def say_by_link(self, asked: Asked) -> Answer:
        """Take the word of whoever has the link of a letter."""
        known = self._known(asked)
        if known is None:
            return self._late(asked)
        self._take(asked, *known)
        return go_to(asked.path, "Thank you; it stands in the log.")

    # --- behind the pages ------------------------------------------------------------------------

    def _page(self, asked: Asked, found: Approval, action: str) -> Answer:
        workspace = self.desk.open()
        wanted, needs = from_json(found.wanted), workspace.settings.desk.needs
        people = [find_colleague(workspace.ledger, number=each) for each in found.approvers]
        return self.desk.page(
            asked,
            "approval.html.j2",
            approval=found,
            wanted=wanted,
            standing=found.standing(needs),
            tone=TONES[found.standing(needs)],
            needs=needs.value if needs is not Needs.NONE else Needs.ANY.value,
            review=found.wanted.get("review", ""),
            is_void=not self._is_still(found),
            action=action,
            approvers=[each.name for each in people if each],
            zone=workspace.settings.brand.time_zone or "UTC",
        )

    def _is_still(self, found: Approval) -> bool:
        """Tell whether what would be sent now is what was asked about."""
        workspace, wanted = self.desk.open(), from_json(found.wanted)
        try:
            if wanted.schedule:
                occasion = find_occasion(workspace, wanted.schedule, wanted.wall)
                prepared, wish = prepare_for(workspace, occasion), wish_for(workspace, occasion)
            else:
                prepared = prepare(workspace, wanted.task(workspace))
                wish = wanted.wish(workspace)
            return agreement_of(workspace, prepared.plan, wish) == found.mark
        except NewsletterError:
            return False

    def _take(self, asked: Asked, found: Approval, who: Colleague) -> None:
        agrees = asked.one("verdict") == "agree"
        if not agrees and asked.one("verdict") != "refuse":
            raise Refused("nothing was chosen", hint="agree, or refuse with a reason")
        if agrees and not self._is_still(found):
            raise Refused(
                "it was changed since you were asked, so there is nothing to agree to",
                hint="let the author ask again",
            )
        said = Said(agrees, asked.one("reason")[:2_000], self.desk.clock.now())
        give_verdict(self.desk.open().ledger, found, who, said)

    def _freeze(self, asked: Asked, plan: Plan, name: str) -> str:
        """Keep what is asked about for those who look at it; give the token of its link."""
        workspace, now = self.desk.open(), self.desk.clock.now()
        if workspace.secrets.links_key is None:
            return ""  # who is asked looks at the preview
        links = reviewing(workspace)
        return links.add(frozen(plan, name, asked.who.name, (now, _LONG_ENOUGH)))

    def _post(self, who: Colleague, number: int) -> None:
        brand = self.desk.open().settings.brand
        text = Text(
            kind=VERDICT,
            lang="en",
            subject=f"An email of {brand.short_name} waits for your approval",
            lines=(
                "The link shows what would be sent, and to how many. Agree there, or refuse.",
                "The link is yours alone: whoever has it can answer for you.",
            ),
            button="Look at it",
            page="verdict",
            site=self.desk.site.url,
        )
        values = {"approval": str(number), "colleague": str(who.number)}
        self.desk.post(text, Addressee(address=who.address, values=values))

    def _known(self, asked: Asked) -> tuple[Approval, Colleague] | None:
        workspace, now = self.desk.open(), self.desk.clock.now()
        try:
            ref, position = verify(workspace.secrets.links_keys, asked.places["token"])
        except ForgedToken:
            return None
        letter = find_letter(workspace.ledger, ref, position)
        if letter is None or letter.kind != VERDICT or now - letter.opened > _LONG_ENOUGH:
            return None
        found = find_approval(workspace.ledger, int(letter.values["approval"]))
        who = find_colleague(workspace.ledger, number=int(letter.values["colleague"]))
        may = who is not None and Right.APPROVE in who.rights
        return (found, who) if found and who and may else None

    def _late(self, asked: Asked) -> Answer:
        return self.desk.page(
            asked,
            "alone.html.j2",
            status=HTTPStatus.GONE,
            title="This link does not work any more",
            text="It works for two weeks, for whoever may approve. Sign in to the desk instead.",
            link=("Sign in", "/sign-in"),
        )


def _names(people: Sequence[Colleague]) -> str:
    *others, last = [each.name for each in people] or [""]
    return f"{', '.join(others)} and {last}" if others else last
