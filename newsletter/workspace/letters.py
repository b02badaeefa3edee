"""Letters: single messages of ours to somebody who asked for one, through the usual path."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from newsletter.address import EmailAddress
from newsletter.announcement.announcement import Announcement
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.pictures import ImagePlaces
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.deliver import deliver
from newsletter.dispatch.envelope import from_json, to_json
from newsletter.dispatch.links import Links
from newsletter.dispatch.personalise import Personaliser
from newsletter.dispatch.retry import RetryPolicy
from newsletter.dispatch.run import Run
from newsletter.issue.assemble import assemble
from newsletter.issue.issue import Issue, Variant
from newsletter.ledger.opening import Opening, Proofed, open_proof
from newsletter.message.batch import Recipient
from newsletter.workspace.prepare import envelope_of, links_of
from newsletter.workspace.understand import theme_of
from newsletter.workspace.workspace import Workspace

_ATTEMPTS = 3
_BUTTON = "letter_token"
"""The slot of the button; not a whole link, so that it can lead to any page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a letter says; the same text is compiled once."""

    kind: str
    """Its slug."""
    lang: str
    subject: str
    lines: tuple[str, ...]
    button: str = ""
    """What stands on it; empty for a letter that leads nowhere."""
    page: str = ""
    """The page that the button leads to: `p` the preferences, `c` confirming a sign-up."""
    site: str = ""
    """Where that page is, without a slash at the end; empty for the public pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who gets a letter."""

    address: EmailAddress
    member_id: str = "proof"
    values: Mapping[str, str] = field(default_factory=dict)
    """What the ledger keeps with the letter, for the page that its button leads to."""


@dataclass(frozen=True, slots=True)
class _LetterLinks(Links):
    """Links of a letter, with the token alone for its button."""

    def beginnings(self) -> dict[str, str]:
        """Give what stands before the token in each link, by the names of their slots."""
        return {**Links.beginnings(self), _BUTTON: ""}


class Drawn(NamedTuple):
    """A letter or a proof that was written and not opened yet."""

    opening: Opening
    kind: str
    """Its slug."""
    who: Proofed


def personaliser_of_letter(workspace: Workspace, ref: str) -> Personaliser:
    """Give what makes the links of a letter."""
    plain = links_of(workspace)
    return Personaliser(ref, _LetterLinks(plain.base_url, plain.key))


class Letters:
    """Writes letters and sends them; used by one thread."""

    def __init__(self, workspace: Workspace) -> None:
        """Begin without any."""
        self._workspace = workspace
        self._written: dict[Text, CompiledIssue] = {}

    def send(self, text: Text, to: Addressee) -> None:
        """Send one letter; what becomes of it stands in the ledger.

        Raises:
            NewsletterError: the theme is wrong, or the ledger failed.
        """
        workspace, drawn = self._workspace, self.draw_up(text, to)
        opening = drawn.opening
        dispatch = open_proof(
            workspace.ledger,
            opening,
            drawn.kind,
            drawn.who.recipient,
            member_id=drawn.who.member_id,
        )
        deliver(
            Run(
                ledger=workspace.ledger,
                dispatch=dispatch.id,
                envelope=from_json(opening.envelope),
                documents=opening.compiled.documents,
                personaliser=personaliser_of_letter(workspace, opening.ref),
                provider=lambda: workspace.provider(opening.provider),
                workers=1,
                clock=workspace.clock,
                brake=Brake(RetryPolicy(attempts=_ATTEMPTS)),
            )
        )

    def draw_up(self, text: Text, to: Addressee) -> Drawn:
        """Write one letter, for somebody else to open it in the ledger and send it.

        Raises:
            NewsletterError: the theme is wrong.
        """
        workspace, ref = self._workspace, secrets.token_hex(8)
        compiled = self._written.get(text) or self._write(text)
        self._written[text] = compiled
        opening = Opening(
            compiled=compiled,
            envelope=to_json(envelope_of(workspace, text.kind, ref)),
            ref=ref,
            provider=workspace.settings.provider,
            batch_size=1,
            audience={"letter": True},
            now=workspace.clock.now(),
        )
        recipient = Recipient(delivery=0, address=to.address, values=to.values)
        return Drawn(opening, text.kind, Proofed(recipient, to.member_id))

    def _write(self, text: Text) -> CompiledIssue:
        settings = self._workspace.settings
        issue = _issue(text, text.site or settings.base_url)
        return compile_issue(
            issue,
            theme=theme_of(self._workspace, issue.announcement),
            brand=replace(settings.brand, reason=""),  # the letter says why it came
            images=ImagePlaces(
                base_url=settings.image_url, root=settings.root, is_embedded=settings.embeds_images
            ),
            variants=(Variant(()),),
            zone_column="",
        )


def _issue(text: Text, base_url: str) -> Issue:
    link = f"{base_url}/{text.page}/{{{{ {_BUTTON} }}}}"
    explained, *rest = text.lines
    button = [f"::: button {link}\n{text.button}\n:::"] if text.button else []
    announcement = Announcement(
        path=f"{text.kind}.md",
        slug=text.kind,
        title=text.subject,
        lang=text.lang,
        is_notice=True,
        body="\n\n".join((explained, *button, *rest)),
    )
    return assemble(announcement, subject=None, attributes=(_BUTTON,), segments=())
