"""The dispatches: all of them, one of them live, and whatever can be done to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.errors import NewsletterError, Refused
from newsletter.ledger.course import cancel, pause, resume
from newsletter.ledger.decisions import decisions_of
from newsletter.ledger.dispatches import Dispatch, balance_of, find_dispatch, remarks_of
from newsletter.ledger.roles import Right
from newsletter.ledger.schema import Course
from newsletter.ledger.unsure import assume_sent, send_unsure_again
from newsletter.message.state import DeliveryState
from newsletter.report.outcome import outcome_of
from newsletter.report.page import write_page
from newsletter.report.progress import Phase, Progress, Trail
from newsletter.report.standing import standings
from newsletter.web.desk.answer import Answer, events, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.desk import Desk
from newsletter.web.desk.place import Place, button, page
from newsletter.workspace.running import sole_run_of
from newsletter.workspace.undo import undo
from newsletter.workspace.watching import look

_A_LOOK = 0.5
"""Seconds between two looks at a dispatch that somebody watches."""
_MOST_UNSURE = 200
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'; sandbox"
)
"""The report is a page of its own with its style in it; it runs nothing and loads nothing."""
TONES = {
    Phase.SENDING: "busy",
    Phase.WAITING: "busy",
    Phase.SILENT: "bad",
    Phase.PAUSED: "warn",
    Phase.TOO_LATE: "bad",
    Phase.CANCELLED: "plain",
    Phase.FINISHED: "good",
}


def places(desk: Desk) -> Sequence[Place]:
    """Give the places of this module."""
    pages = _Dispatches(desk)
    one = "/dispatches/{number:int}"
    return (
        page("/dispatches", pages.all),
        page(one, pages.one),
        page(f"{one}/live", pages.live),
        page(f"{one}/report", pages.report),
        button(f"{one}/pause", pages.pause, Right.SEND),
        button(f"{one}/resume", pages.resume, Right.SEND),
        button(f"{one}/cancel", pages.cancel, Right.SEND),
        button(f"{one}/undo", pages.undo, Right.SEND),
        button(f"{one}/settle", pages.settle, Right.SEND),
    )


@dataclass(frozen=True, slots=True)
class _Dispatches:
    desk: Desk

    def all(self, asked: Asked) -> Answer:
        """List them, the newest first; proofs only if somebody wants them."""
        with_proofs = asked.ask("proofs") == "1"
        found = standings(self.desk.open().ledger)
        shown = [each for each in found if with_proofs or each.dispatch.kind == "issue"]
        return self.desk.page(
            asked,
            "dispatches.html.j2",
            standings=shown,
            with_proofs=with_proofs,
            zone=self._zone(),
        )

    def one(self, asked: Asked) -> Answer:
        """Show one, as it stands now."""
        workspace, found = self.desk.open(), self._find(asked)
        if found is None:
            title, text = (
                "There is no such dispatch",
                "The list of dispatches shows those there are.",
            )
            return self.desk.problem(asked, title, text, HTTPStatus.NOT_FOUND)
        progress = look(workspace, found, Trail())
        values = {
            **self._values(progress),
            "decisions": decisions_of(workspace.ledger, found.id),
            "unsure": self._unsure(found) if progress.balance.unsure else (),
        }
        return self.desk.page_with(asked, "dispatch.html.j2", values)

    def live(self, asked: Asked) -> Answer:
        """Keep telling how it gets on."""
        found = self._find(asked)
        if found is None:
            return self.desk.problem(asked, "There is no such dispatch", "", HTTPStatus.NOT_FOUND)
        return events(self._stream(found))

    async def _stream(self, dispatch: Dispatch) -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        trail, told = Trail(), ""
        while not self.desk.hub.is_closed:
            progress = await asyncio.to_thread(look, self.desk.open(), dispatch, trail)
            text = self.desk.paper.write("dispatch-live.html.j2", self._values(progress))
            if text != told:
                told = text
                lines = "".join(f"data: {line}\n" for line in text.splitlines())
                yield f"event: part\n{lines}\n"
            if progress.is_over and not self.desk.runs.is_sending(dispatch.id):
                yield "event: over\ndata: over\n\n"
                return
            trail = progress.trail
            await asyncio.sleep(_A_LOOK)

    def report(self, asked: Asked) -> Answer:
        """Show what became of it, as `newsletter report --page` writes it."""
        workspace, found = self.desk.open(), self._find(asked)
        if found is None:
            return self.desk.problem(asked, "There is no such dispatch", "", HTTPStatus.NOT_FOUND)
        from zoneinfo import ZoneInfo

        policy, now = workspace.settings.feedback, workspace.clock.now()
        outcome = outcome_of(workspace.ledger, found, policy, now)
        text = write_page(outcome, workspace.settings.brand, ZoneInfo(self._zone()))
        headers = {"X-Frame-Options": "SAMEORIGIN"}
        return Answer(body=text, policy=_REPORT_POLICY, headers=headers)

    # --- what changes something ------------------------------------------------------------------

    def pause(self, asked: Asked) -> Answer:
        """Let no further request begin."""
        found = self._existing(asked)
        note = asked.one("note").strip()[:200]
        pause(self.desk.open().ledger, found.id, self.desk.author(asked), note)
        return self._back(found, "It is paused: what is under way ends, and nothing more begins.")

    def resume(self, asked: Asked) -> Answer:
        """Go on, with its frozen content and audience."""
        found = self._existing(asked)
        resume(self.desk.open().ledger, found.id, self.desk.author(asked))
        if not found.by_workers:
            self.desk.runs.begin(found)
        return self._back(found, "It goes on.")

    def cancel(self, asked: Asked) -> Answer:
        """Never send what is left of it."""
        found, ledger = self._going_on(asked), self.desk.open().ledger
        _check(asked, balance_of(ledger, found).pending, "still to send to")
        count = cancel(ledger, found.id, self.desk.author(asked))
        return self._back(found, f"It is cancelled: {count:,} members do not get it.")

    def undo(self, asked: Asked) -> Answer:
        """Take it back while it is held."""
        found = self._going_on(asked)
        count = undo(self.desk.open(), found, self.desk.author(asked))
        return self._back(found, f"It is taken back: {count:,} members do not get it.")

    def settle(self, asked: Asked) -> Answer:
        """Decide what became of the unsure."""
        found, workspace = self._existing(asked), self.desk.open()
        choices: dict[str, Callable[..., int]] = {
            "sent": assume_sent,
            "again": send_unsure_again,
        }
        decide = choices.get(asked.one("choice"))
        if decide is None:
            raise Refused("nothing was chosen", hint="choose one of the two")
        _check(asked, balance_of(workspace.ledger, found).unsure, "unsure")
        with sole_run_of(workspace, found):
            count = decide(workspace.ledger, found.id, self.desk.author(asked))
        if asked.one("choice") == "again":
            resume(workspace.ledger, found.id, self.desk.author(asked))
            if not found.by_workers:
                self.desk.runs.begin(found)
            return self._back(found, f"It is sent to {count:,} members again.")
        return self._back(found, f"{count:,} members count as having got it.")

    # --- behind the pages ------------------------------------------------------------------------

    def _values(self, progress: Progress) -> dict[str, object]:
        dispatch = progress.dispatch
        is_held = dispatch.release is not None and progress.now.timestamp() < dispatch.release
        is_sending = self.desk.runs.is_sending(dispatch.id)
        phase = progress.phase
        if phase is Phase.SENDING and not (is_sending or dispatch.by_workers):
            is_alone = not progress.traffic.in_flight
            phase = Phase.SILENT if is_alone else phase
        return {
            "dispatch": dispatch,
            "progress": progress,
            "balance": progress.balance,
            "phase": phase,
            "tone": TONES[phase],
            "held_until": dispatch.release
            if is_held and not progress.balance.is_finished
            else None,
            "is_sending": is_sending,
            "fault": self.desk.runs.fault(dispatch.id),
            "zone": self._zone(),
        }

    def _unsure(self, dispatch: Dispatch) -> Sequence[tuple[str, str]]:
        found = remarks_of(self.desk.open().ledger, dispatch, limit=_MOST_UNSURE)
        return [(each.address, each.note) for each in found if each.state is DeliveryState.UNSURE]

    def _find(self, asked: Asked) -> Dispatch | None:
        number = int(asked.places["number"][:12])
        return find_dispatch(self.desk.open().ledger, number)

    def _existing(self, asked: Asked) -> Dispatch:
        found = self._find(asked)
        if found is None:
            raise Refused("there is no such dispatch", hint="look at the list of dispatches")
        return found

    def _going_on(self, asked: Asked) -> Dispatch:
        found = self._existing(asked)
        if found.course is Course.CANCELLED:
            raise Refused("it is cancelled already; nothing was changed")
        return found

    def _back(self, dispatch: Dispatch, said: str) -> Answer:
        return go_to(f"/dispatches/{dispatch.id}", said)

    def _zone(self) -> str:
        try:
            return self.desk.open().settings.brand.time_zone or "UTC"
        except NewsletterError:
            return "UTC"


def _check(asked: Asked, number: int, what: str) -> None:
    typed = asked.one("number").replace(",", "").strip()
    if typed != str(number):
        raise Refused(
            f"{typed or 'nothing'} is not the number of those {what}, which is {number:,};"
            " nothing was changed",
            hint="load the page again, and look at the number",
        )
