"""Review links: whoever has one sees the frozen email, without an account and for some days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from newsletter.check.page import stand_in_values
from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.ledger.roles import Right
from newsletter.message.headers import message_for
from newsletter.message.token import ForgedToken
from newsletter.web.anchors import with_headings
from newsletter.web.desk.answer import Answer, go_to
from newsletter.web.desk.asked import Asked
from newsletter.web.desk.place import Place, button, page
from newsletter.web.desk.previews import in_frame
from newsletter.web.desk.shelf import Shelf, composed, home, query_of
from newsletter.web.limits import Buckets
from newsletter.web.looks import CAPTIONS, Look
from newsletter.web.sheet import Sheet
from newsletter.web.showing import SANDBOX, read_view
from newsletter.workspace.prepare import prepare
from newsletter.workspace.reviewing import Review, Reviewing, Variant
from newsletter.workspace.secrets import HOW_TO_MAKE_A_KEY
from newsletter.workspace.workspace import Workspace

_DAYS = {"1": 1, "7": 7, "30": 30}
_USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Reviews:
    """Makes links, and answers them."""

    shelf: Shelf
    guesses: Buckets = field(default_factory=lambda: Buckets(capacity=20, per_second=1 / 30))
    """For each network that brings links which are none."""

    def places(self) -> Sequence[Place]:
        """Give the places."""
        at, shelf = "/announcements/{name}/review", self.shelf
        return (
            button(at, composed(shelf, self.add), Right.WRITE),
            button(f"{at}/end", composed(shelf, self.end), Right.WRITE),
            page("/review/{token}", self.show, None),
            page("/review/{token}/message", self.message, None),
        )

    def add(self, asked: Asked, name: str) -> Answer:
        """Freeze the email as it is now, and make a link to it."""
        opened = self.shelf.desk.open()
        lasting = timedelta(days=_DAYS.get(asked.one("days"), _USUAL_DAYS))
        links = reviewing(opened)
        now = self.shelf.desk.clock.now()
        links.tidy(now)
        links.add(self._frozen(opened, name, asked.who.name, lasting))
        self.shelf.desk.note(asked, "made review link", name, f"for {lasting.days} days")
        return go_to(f"{home(name)}/proof#reviews", "The link is made: copy it below.")

    def end(self, asked: Asked, name: str) -> Answer:
        """Let a link work no more."""
        reviewing(self.shelf.desk.open()).end(asked.one("review"))
        self.shelf.desk.note(asked, "ended review link", name)
        return go_to(f"{home(name)}/proof#reviews", "That link works no more.")

    def show(self, asked: Asked) -> Answer:
        """Show what a link leads to."""
        review = self._review(asked)
        if isinstance(review, Answer):
            return review
        shown = _chosen(review, asked.ask("variant"))
        return self.shelf.desk.page(
            asked,
            "review.html.j2",
            review=review,
            shown=shown,
            token_of_review=asked.places["token"],
            looks=CAPTIONS,
            look=read_view(query_of(asked)).look,
            sandbox=SANDBOX,
        )

    def message(self, asked: Asked) -> Answer:
        """Give the frozen HTML to the frame."""
        review = self._review(asked)
        if isinstance(review, Answer):
            return review
        sheet = Sheet(file=review.file)
        html = _chosen(review, asked.ask("variant")).html
        look: Look = read_view(query_of(asked)).look
        return in_frame(with_headings(sheet.as_frame(html, look)))

    def _review(self, asked: Asked) -> Review | Answer:
        desk = self.shelf.desk
        try:
            return reviewing(desk.open()).find(asked.places["token"], desk.clock.now())
        except (ForgedToken, Refused):
            if self.guesses.take(asked.network, desk.clock.monotonic()):
                text = "Too many links that lead nowhere came from your network. Wait a while."
                return desk.problem(asked, "Not now", text, HTTPStatus.TOO_MANY_REQUESTS)
            text = "It was cut off, or its time is over. Ask whoever sent it to you for a new one."
            return desk.problem(asked, "This link leads nowhere", text, HTTPStatus.NOT_FOUND)

    def _frozen(self, opened: Workspace, name: str, who: str, lasting: timedelta) -> Review:
        plan = prepare(opened, self.shelf.task(name)).plan
        now = self.shelf.desk.clock.now()
        return frozen(plan, name, who, (now, lasting))


def reviewing(opened: Workspace) -> Reviewing:
    """Give the review links of a workspace.

    Raises:
        Refused: there is no key to sign them with.
    """
    keys = opened.secrets.links_keys
    if not keys:
        raise Refused(
            "NEWSLETTER_SECRET is not set, and review links are signed with it",
            hint=HOW_TO_MAKE_A_KEY,
        )
    return Reviewing(opened.settings.root, keys)


def frozen(plan: Plan, name: str, who: str, span: tuple[datetime, timedelta]) -> Review:
    """Freeze every variant of a plan for a link that `who` asks for.

    `span` says from when on the link works, and for how long.
    """
    begins, lasting = span
    variants = []
    for key, document in plan.compiled.documents.items():
        values = stand_in_values(document)
        sender = plan.envelope.sender
        recipient = plan.personaliser.recipient(0, sender.address.wire, "", values)
        message = message_for(plan.envelope, document, recipient)
        sheet = Sheet(file=name, message=message, images=plan.compiled.images)
        variants.append(
            Variant(
                key=key,
                shows=plan.issue.describe(key),
                members=plan.summary.by_variant.get(key, 0),
                subject=message.subject,
                snippet=sheet.snippet,
                html=sheet.embedded(),
                text=message.text,
            )
        )
    return Review(
        title=plan.compiled.title,
        file=name,
        asked_by=who,
        made=begins.isoformat(timespec="seconds"),
        until=(begins + lasting).isoformat(timespec="seconds"),
        sender=str(plan.envelope.sender.name or plan.envelope.sender.address.wire),
        content_hash=plan.compiled.content_hash,
        variants=tuple(variants),
    )


def _chosen(review: Review, key: str) -> Variant:
    return next((each for each in review.variants if each.key == key), review.variants[0])
