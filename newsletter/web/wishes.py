"""The pages behind the signed links of emails: leaving, coming back, and all in between.

RFC 8058: a POST to the unsubscribe link takes its owner off everything at once, without a
redirect, a cookie or a question. A GET changes nothing, because programs that scan mail follow
every link in it.
"""

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.audience.consent import Circumstance
from newsletter.audience.topic import Topic
from newsletter.ledger.consent import (
    Choice,
    Mail,
    choose,
    choose_topics,
    come_back,
    leave,
    wishes_of,
)
from newsletter.ledger.dispatches import person_of, topic_of
from newsletter.message.token import ForgedToken, verify
from newsletter.web.house import Guest, House
from newsletter.web.months import months_after
from newsletter.web.page import Aside, Form, Link, Option, Options, Page
from newsletter.web.visit import Visit

_MONTHS = 3
"""How long a pause is."""


@dataclass(frozen=True, slots=True)
class WishPages:
    """Answers the links of emails."""

    house: House

    # --- what changes nothing --------------------------------------------------------------------

    def ask(self, token: str, visit: Visit) -> Page:
        """Ask before leaving."""
        guest = self._guest(token, visit)
        if guest is None:
            return self.house.not_ours(visit)
        say = guest.speech.say
        return Page(
            speech=guest.speech,
            title=say("unsubscribe_title", society=self.house.brand.short_name),
            lines=(say("unsubscribe_text", who=guest.shown),),
            forms=(Form(action=f"u/{token}", button=say("unsubscribe")),),
            aside=None if guest.wishes.suppression else self._less(guest),
        )

    def preferences(self, token: str, visit: Visit) -> Page:
        """Show how somebody stands, and what they can choose."""
        guest = self._guest(token, visit)
        return self._preferences(guest) if guest else self.house.not_ours(visit)

    # --- what changes something ------------------------------------------------------------------

    def leave(self, token: str, visit: Visit) -> Page:
        """Unsubscribe at once, from everything."""
        refusal, guest = self._entrance(token, visit)
        if guest is None:
            return refusal
        say, society = guest.speech.say, self.house.brand
        words = "List-Unsubscribe=One-Click"
        if not visit.is_one_click:
            question = say("unsubscribe_title", society=society.short_name)
            words = f"{question}\n{say('unsubscribe_text', who='…')}\n[{say('unsubscribe')}]"
        leave(self.house.ledger, guest.person, self._how(visit, words))
        again = Form(action=f"s/{token}", button=say("return"), look="quiet")
        return Page(
            speech=guest.speech,
            title=say("gone_title"),
            lines=(say("gone_text", who=guest.shown, society=society.name), say("gone_late")),
            forms=() if guest.is_barred else (again,),
        )

    def come_back(self, token: str, visit: Visit) -> Page:
        """Take an unsubscription back."""
        refusal, guest = self._entrance(token, visit)
        if guest is None:
            return refusal
        say = guest.speech.say
        how = self._how(visit, f"[{say('return')}]")
        if not come_back(self.house.ledger, guest.person, how):
            return self._barred(guest, HTTPStatus.FORBIDDEN)
        return Page(
            speech=guest.speech,
            title=say("back_title"),
            lines=(say("back_text", who=guest.shown, society=self.house.brand.name),),
            links=(Link(label=say("choose"), path=f"p/{token}"),),
        )

    def save(self, token: str, visit: Visit) -> Page:
        """Keep what somebody chose on the preferences page."""
        refusal, guest = self._entrance(token, visit)
        if guest is None:
            return refusal
        if guest.is_barred:
            return self._barred(guest, HTTPStatus.FORBIDDEN)
        self._keep(guest, visit)
        now = self._guest(token, visit) or guest
        return self._preferences(now, done=now.speech.say("saved"))

    def drop(self, token: str, visit: Visit) -> Page:
        """Opt out of the one topic that the email was about."""
        refusal, guest = self._entrance(token, visit)
        if guest is None:
            return refusal
        topic = self._topic(visit.one("topic"))
        if topic is None or guest.is_barred:
            return self._preferences(guest)
        words = f"[{guest.speech.say('no_more', topic=topic.title)}]"
        how = self._how(visit, words)
        choose_topics(self.house.ledger, guest.person, known=[topic.name], wanted=[], how=how)
        now = self._guest(token, visit) or guest
        return self._preferences(now, done=now.speech.say("saved"))

    # --- the parts of pages ----------------------------------------------------------------------

    def _preferences(self, guest: Guest, done: str = "") -> Page:
        if guest.is_barred:
            return self._barred(guest)
        say, form = guest.speech.say, self._form(guest)
        return Page(
            speech=guest.speech,
            title=say("wishes_title"),
            done=done,
            lines=(self._standing(guest),),
            forms=(form,),
        )

    def _standing(self, guest: Guest) -> str:
        say, names = guest.speech.say, {topic.name for topic in self.house.topics}
        values = {"who": guest.shown, "society": self.house.brand.name}
        paused = self._paused(guest)
        if guest.is_off:
            return say("stands_off", **values)
        if paused:
            return say("stands_paused", **values, day=guest.speech.day(paused))
        if names and names <= guest.wishes.opted_out:
            return say("stands_none", **values)
        return say("stands_some" if names & guest.wishes.opted_out else "stands_on", **values)

    def _form(self, guest: Guest) -> Form:
        topics = self._topics(guest)
        languages = Options(
            kind="select",
            name="lang",
            question=guest.speech.say("tongue"),
            options=tuple(
                Option(value=tag, label=name, is_on=tag == guest.speech.lang)
                for tag, name in self.house.speeches.names
            ),
        )
        return Form(
            action=f"p/{guest.token}",
            button=guest.speech.say("save"),
            fields=(*([topics] if topics.options else []), self._mail(guest), languages),
            # A topic that is new since the page was shown is not opted out of by silence.
            hidden=tuple(("shown", each.value) for each in topics.options),
        )

    def _topics(self, guest: Guest) -> Options:
        return Options(
            kind="checkbox",
            name="topic",
            question=guest.speech.say("topics"),
            options=tuple(
                Option(
                    value=topic.name,
                    label=topic.title,
                    about=topic.about,
                    is_on=topic.name not in guest.wishes.opted_out,
                )
                for topic in self.house.topics
            ),
        )

    def _mail(self, guest: Guest) -> Options:
        say, paused = guest.speech.say, self._paused(guest)
        pause = say("mail_pause", day=guest.speech.day(self._pause_end()))
        on, off = ("mail_on", "mail_off")
        stay: tuple[Option, ...] = ()
        if guest.is_off:
            on, off = "mail_back", ""
            stay = (Option(value=Mail.STAY, label=say("mail_stay_off"), is_on=True),)
        elif paused:
            on, label = "mail_resume", say("mail_stay", day=guest.speech.day(paused))
            stay = (Option(value=Mail.STAY, label=label, is_on=True),)
        options = (
            Option(value=Mail.ON, label=say(on), is_on=not stay),
            *stay,
            Option(value=Mail.PAUSE, label=pause),
            *([Option(value=Mail.OFF, label=say(off))] if off else []),
        )
        return Options(kind="radio", name="mail", question=say("mail"), options=options)

    def _less(self, guest: Guest) -> Aside:
        """Offer less than everything: the topic of this email, all topics, a pause."""
        say, forms = guest.speech.say, []
        topic = self._topic(topic_of(self.house.ledger, guest.ref))
        if topic and topic.name not in guest.wishes.opted_out and len(self.house.topics) > 1:
            forms.append(
                Form(
                    action=f"t/{guest.token}",
                    button=say("no_more", topic=topic.title),
                    look="quiet",
                    hidden=(("topic", topic.name),),
                )
            )
        if not self._paused(guest):
            hidden = (("mail", Mail.PAUSE.value),)
            action, label = f"p/{guest.token}", say("pause")
            forms.append(Form(action=action, button=label, look="quiet", hidden=hidden))
        return Aside(
            title=say("less"),
            text=say("less_text", day=guest.speech.day(self._pause_end())),
            forms=tuple(forms),
            links=(Link(label=say("choose"), path=f"p/{guest.token}"),),
        )

    def _barred(self, guest: Guest, status: HTTPStatus = HTTPStatus.OK) -> Page:
        # A bounce or a complaint is for a person to judge, not for whoever has the link.
        return Page(
            speech=guest.speech,
            title=guest.speech.say("barred_title"),
            lines=(guest.speech.say("barred_text", who=guest.shown),),
            contact=self.house.contact,
            status=status,
        )

    # --- behind the pages ------------------------------------------------------------------------

    def _keep(self, guest: Guest, visit: Visit) -> None:
        topics, mail = self._topics(guest), self._mail(guest)
        offered = visit.all("shown") & {each.value for each in topics.options}
        wanted = visit.all("topic") & offered
        # What the page did not offer is not chosen: it leaves things as they are.
        chosen = visit.one("mail")
        chosen = chosen if chosen in {each.value for each in mail.options} else Mail.STAY
        if chosen == Mail.ON and not (guest.is_off or self._paused(guest)):
            chosen = Mail.STAY
        choice = Choice(
            mail=Mail(chosen),
            until=self._pause_end() if chosen == Mail.PAUSE else None,
            offered=offered,
            wanted=wanted,
            lang=self.house.speeches.known(visit.one("lang")) or guest.wishes.lang,
            topic_words=topics.words(wanted),
            mail_words=mail.words(frozenset({chosen})),
        )
        how = self._how(visit, "")
        choose(self.house.ledger, guest.person, choice, source=how.source, at=how.at)

    def _entrance(self, token: str, visit: Visit) -> tuple[Page, Guest | None]:
        """Let in who has a link of ours, and not too often."""
        house, now = self.house, self.house.clock.monotonic()
        if visit.is_foreign and not visit.is_one_click:
            return house.foreign(visit), None
        guest = self._guest(token, visit)
        key, buckets = (
            (visit.network, house.limits.forged) if guest is None else (token, house.limits.genuine)
        )
        wait = buckets.take(key, now)
        if wait:
            return house.busy(visit, wait), None
        return house.of_nobody(token, visit), guest

    def _guest(self, token: str, visit: Visit) -> Guest | None:
        house = self.house
        try:
            ref, delivery = verify(house.keys, token)
        except ForgedToken:
            return None
        person = person_of(house.ledger, ref, delivery)
        if person is None:
            return None
        wishes = wishes_of(house.ledger, person)
        speech = house.speech(visit, wishes.lang)
        return Guest(token=token, person=person, ref=ref, wishes=wishes, speech=speech)

    def _topic(self, name: str) -> Topic | None:
        return next((topic for topic in self.house.topics if topic.name == name), None)

    def _paused(self, guest: Guest) -> dt.date | None:
        until = guest.wishes.paused_until
        return until if until and until >= self.house.clock.now().date() else None

    def _pause_end(self) -> dt.date:
        return months_after(self.house.clock.now().date(), _MONTHS)

    def _how(self, visit: Visit, words: str) -> Circumstance:
        source = "one-click" if visit.is_one_click else "page"
        return Circumstance(source=source, words=words, at=self.house.clock.now())
