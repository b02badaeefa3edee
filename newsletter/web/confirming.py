"""The page behind the link of a letter to who signed up: proving that the address is theirs."""

from dataclasses import dataclass
from http import HTTPStatus

from newsletter.audience.consent import Circumstance
from newsletter.ledger.consent import choose_topics
from newsletter.ledger.letters import SIGN_UP, Letter, find_letter
from newsletter.ledger.signups import PROMPTLY, is_confirmed, let_in
from newsletter.message.token import ForgedToken, verify
from newsletter.web.house import House
from newsletter.web.page import Form, Link, Page, masked
from newsletter.web.speech import Speech
from newsletter.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Confirming:
    """Answers those who signed up and got a letter."""

    house: House
    takes_sign_ups: bool = False

    def ask(self, token: str, visit: Visit) -> Page:
        """Ask once more; opening the link alone lets nobody in."""
        letter = self._letter(token)
        if letter is None:
            return self.house.not_ours(visit)
        speech = self.house.speech(visit)
        say = speech.say
        if self._is_late(letter):
            return self._late(speech)
        return Page(
            speech=speech,
            title=say("confirm_title", society=self.house.brand.short_name),
            lines=(say("confirm_text", who=masked(letter.person.address_key)),),
            forms=(Form(action=f"c/{token}", button=say("confirm")),),
        )

    def confirm(self, token: str, visit: Visit) -> Page:
        """Let somebody in who proved their address."""
        if visit.is_foreign:
            return self.house.foreign(visit)
        letter = self._letter(token)
        house, now = self.house, self.house.clock.monotonic()
        key, buckets = (
            (token, house.limits.genuine) if letter else (visit.network, house.limits.forged)
        )
        wait = buckets.take(key, now)
        if wait:
            return house.busy(visit, wait)
        if letter is None:
            return house.not_ours(visit)
        speech = house.speech(visit)
        return self._let_in(letter, token, speech)

    def _let_in(self, letter: Letter, token: str, speech: Speech) -> Page:
        house, values, say = self.house, letter.values, speech.say
        words = f"{values['words']}\n[{say('confirm')}]"
        how = Circumstance(source="sign-up", words=words, at=house.clock.now())
        number = int(values["sign_up"])
        is_known = is_confirmed(house.ledger, number)
        was = None if self._is_late(letter) else let_in(house.ledger, number, how)
        if was is None:
            return self._late(speech)
        if not is_known:  # else they may have chosen otherwise since
            offered, wanted = values["offered"].split(), values["wanted"].split()
            choose_topics(house.ledger, was, known=offered, wanted=wanted, how=how)
        shown = masked(was.address_key)
        return Page(
            speech=speech,
            title=say("joined_title"),
            lines=(say("joined_text", who=shown, society=house.brand.name),),
            links=(Link(label=say("choose"), path=f"p/{token}"),),
        )

    def _letter(self, token: str) -> Letter | None:
        try:
            found = find_letter(self.house.ledger, *verify(self.house.keys, token))
        except ForgedToken:
            return None
        return found if found and found.kind == SIGN_UP and "sign_up" in found.values else None

    def _is_late(self, letter: Letter) -> bool:
        return self.house.clock.now() - letter.opened > PROMPTLY

    def _late(self, speech: Speech) -> Page:
        again = Link(label=speech.say("join_again"), path="join")
        return Page(
            speech=speech,
            title=speech.say("late_title"),
            lines=(speech.say("late_text"),),
            links=(again,) if self.takes_sign_ups else (),
            status=HTTPStatus.GONE,
        )
