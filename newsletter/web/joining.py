"""The pages for those without a link: asking for one, and signing up.

Every address gets the same answer, at once; what it leads to is done afterwards (`Errands`). So
neither the words nor the time of an answer tell whether an address is on the list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from newsletter.address import EmailAddress, parse_address
from newsletter.errors import InputError
from newsletter.ledger.letters import PREFERENCES, SIGN_UP, letters_since, listed_at
from newsletter.ledger.signups import ask_in
from newsletter.message.token import ForgedToken, read_stamp, stamp
from newsletter.web.errands import Errands
from newsletter.web.house import House
from newsletter.web.page import Form, Line, Option, Options, Page
from newsletter.web.speech import Speech
from newsletter.web.visit import Visit
from newsletter.workspace.letters import Addressee, Text

APART = timedelta(minutes=15)
"""Between two letters to one address."""
MOST_A_DAY = 4
_QUICKEST, _STALE = 2, 7 * 86_400
"""Seconds between seeing the form and sending it: programs are faster, nobody takes a week."""
_LONGEST_NAME = 100

Send = Callable[[Text, Addressee], None]


@dataclass(frozen=True, slots=True)
class Doors:
    """Answers those who come without a link."""

    house: House
    errands: Errands
    send: Send
    takes_sign_ups: bool = False

    # --- "send me my preferences link" -----------------------------------------------------------

    def ask_link(self, _token: str, visit: Visit) -> Page:
        """Show the form."""
        return self._link_form(self.house.speech(visit))

    def send_link(self, _token: str, visit: Visit) -> Page:
        """Send the link, if the address is on the list; say the same if it is not."""
        speech, address = self.house.speech(visit), _address(visit)
        refusal = self._refusal(visit)
        if refusal:
            return refusal
        if address is None:
            problem = speech.say("address_wrong")
            return self._link_form(speech, visit.one("address"), problem)
        if not self.errands.add(lambda: self._remind(address, speech)):
            return self.house.busy(visit, 60)
        return Page(speech=speech, title=speech.say("sent_title"), lines=(speech.say("me_sent"),))

    def _link_form(self, speech: Speech, written: str = "", problem: str = "") -> Page:
        return Page(
            speech=speech,
            title=speech.say("me_title"),
            lines=(speech.say("me_text"),),
            forms=(
                Form(
                    action="me",
                    button=speech.say("me_send"),
                    fields=(_address_line(speech, written, problem),),
                ),
            ),
            status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        )

    def _remind(self, address: EmailAddress, speech: Speech, kind: str = "me") -> None:
        """Send the preferences link to who is on the list."""
        person = listed_at(self.house.ledger, address.key)
        if person is None or self._had_enough(address):
            return
        say = speech.say
        text = Text(
            kind=PREFERENCES,
            lang=speech.lang,
            subject=say(f"letter_{kind}_subject"),
            lines=(say(f"letter_{kind}_text"), say("letter_ignore")),
            button=say("letter_me_button"),
            page="p",
        )
        self.send(text, Addressee(address=address, member_id=person.member_id or "proof"))

    # --- signing up ------------------------------------------------------------------------------

    def ask_in(self, _token: str, visit: Visit) -> Page:
        """Show the form to sign up."""
        if not self.takes_sign_ups:
            return self.house.not_ours(visit)
        return self._join_form(self.house.speech(visit), visit)

    def sign_up(self, _token: str, visit: Visit) -> Page:
        """Send a letter to confirm the address, or one that it is on the list already."""
        if not self.takes_sign_ups:
            return self.house.not_ours(visit)
        speech, address = self.house.speech(visit), _address(visit)
        refusal = self._refusal(visit)
        if refusal:
            return refusal
        problems = self._problems(visit, speech)
        if problems or address is None:
            return self._join_form(speech, visit, problems)
        is_program = bool(visit.one("website"))
        if not is_program and not self.errands.add(lambda: self._invite(address, visit, speech)):
            return self.house.busy(visit, 60)
        return Page(speech=speech, title=speech.say("sent_title"), lines=(speech.say("join_sent"),))

    def _problems(self, visit: Visit, speech: Speech) -> dict[str, str]:
        """Say what is wrong with a form; nothing of it depends on the list."""
        names = {topic.name for topic in self.house.topics}
        wrong = {
            "address": "" if _address(visit) else "address_wrong",
            "topic": "topics_wrong" if names and not visit.all("topic") & names else "",
            "seen": "" if self._took_time(visit) else "quick_wrong",
        }
        return {name: speech.say(key) for name, key in wrong.items() if key}

    def _took_time(self, visit: Visit) -> bool:
        try:
            seen = read_stamp(self.house.keys, visit.one("seen"))
        except ForgedToken:
            return False
        return _QUICKEST <= self.house.clock.now().timestamp() - seen <= _STALE

    def _join_form(
        self, speech: Speech, visit: Visit, problems: dict[str, str] | None = None
    ) -> Page:
        say, wrong = speech.say, problems or {}
        topics = self._topics(speech, visit.all("topic"), wrong.get("topic", ""))
        seen = stamp(self.house.keys[0], int(self.house.clock.now().timestamp()))
        fields: tuple[Options | Line, ...] = (
            _address_line(speech, visit.one("address"), wrong.get("address", "")),
            Line(
                name="name",
                label=say("join_name"),
                autocomplete="name",
                value=visit.one("name"),
                hint=say("optional"),
            ),
            *([topics] if topics.options else []),
            Line(name="website", label=say("trap"), is_trap=True),
        )
        form = Form(action="join", button=say("join_send"), fields=fields, hidden=(("seen", seen),))
        return Page(
            speech=speech,
            title=say("join_title", society=self.house.brand.short_name),
            lines=(say("join_text"),),
            problem=wrong.get("seen", ""),
            forms=(form,),
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        )

    def _topics(self, speech: Speech, chosen: frozenset[str], problem: str = "") -> Options:
        # Nothing is ticked beforehand: that would be no consent (CJEU C-673/17, Planet49).
        options = tuple(
            Option(
                value=topic.name,
                label=topic.title,
                about=topic.about,
                is_on=topic.name in chosen,
            )
            for topic in self.house.topics
        )
        return Options(
            kind="checkbox",
            name="topic",
            question=speech.say("join_topics"),
            options=options,
            problem=problem,
        )

    def _invite(self, address: EmailAddress, visit: Visit, speech: Speech) -> None:
        house, say = self.house, speech.say
        if listed_at(house.ledger, address.key):
            self._remind(address, speech, "known")
            return
        if self._had_enough(address):
            return
        name = " ".join(visit.one("name").split())[:_LONGEST_NAME]
        name = "".join(letter for letter in name if letter.isprintable())
        number = ask_in(house.ledger, address, name, house.clock.now())
        if number is None:
            return
        offered = [topic.name for topic in house.topics]
        wanted = [each for each in offered if each in visit.all("topic")]
        words = self._topics(speech, frozenset()).words(frozenset(wanted)) if offered else ""
        text = Text(
            kind=SIGN_UP,
            lang=speech.lang,
            subject=say("letter_join_subject"),
            lines=(say("letter_join_text"), say("letter_ignore")),
            button=say("letter_join_button"),
            page="c",
        )
        values = {
            "sign_up": str(number),
            "offered": " ".join(offered),
            "wanted": " ".join(wanted),
            "words": f"{say('join_title', society=house.brand.short_name)}\n{words}".strip(),
        }
        self.send(text, Addressee(address=address, values=values))

    # --- both ------------------------------------------------------------------------------------

    def _refusal(self, visit: Visit) -> Page | None:
        if visit.is_foreign:
            return self.house.foreign(visit)
        wait = self.house.limits.fill_in(visit.network, self.house.clock.monotonic())
        return self.house.busy(visit, wait) if wait else None

    def _had_enough(self, address: EmailAddress) -> bool:
        now = self.house.clock.now()
        kinds, day = (PREFERENCES, SIGN_UP), now - timedelta(days=1)
        times = letters_since(self.house.ledger, kinds, address.key, day)
        return len(times) >= MOST_A_DAY or _is_near(times, now)


def _is_near(times: tuple[datetime, ...], now: datetime) -> bool:
    return bool(times) and now - times[-1] < APART


def _address(visit: Visit) -> EmailAddress | None:
    try:
        return parse_address(visit.one("address").strip())
    except InputError:
        return None


def _address_line(speech: Speech, written: str, problem: str) -> Line:
    return Line(
        name="address",
        label=speech.say("address"),
        kind="email",
        autocomplete="email",
        value=written,
        problem=problem,
        is_required=True,
    )
