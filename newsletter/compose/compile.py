"""Compile an issue: every variant rendered once and frozen."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from newsletter.compose.body import Body, Manner, compose_body
from newsletter.compose.brand import LANGUAGE, Brand
from newsletter.compose.calendar import write_date
from newsletter.compose.colour import text_on
from newsletter.compose.compiled import CompiledIssue
from newsletter.compose.days import Days
from newsletter.compose.freeze import freeze_html, freeze_line, freeze_text
from newsletter.compose.inline import inline_css
from newsletter.compose.invitation import Event, Publisher, invitations
from newsletter.compose.language import direction_of, quotes_of
from newsletter.compose.links import judge_link
from newsletter.compose.localtime import local_times, with_local_times
from newsletter.compose.mjml import compile_mjml
from newsletter.compose.origin import root_of
from newsletter.compose.page import BLOCKS, Action, Page
from newsletter.compose.pictures import CID, KINDS, SHAPES, Album, Figure, ImagePlaces
from newsletter.compose.source import (
    brand_findings,
    first_sentence,
    one_line,
    tidy,
    without_controls,
)
from newsletter.compose.theme import HTML, INLINE, TEXT, Theme
from newsletter.compose.tokens import mint
from newsletter.errors import InputError, InputErrors, Location
from newsletter.finding import Finding, error, warning
from newsletter.issue.issue import Issue, Variant
from newsletter.message.frozen import Attachment, Choices, Document


def compile_issue(  # noqa: PLR0913 - the six things that an email is made of
    issue: Issue,
    *,
    theme: Theme,
    brand: Brand,
    images: ImagePlaces,
    variants: Iterable[Variant],
    zone_column: str = "",
) -> CompiledIssue:
    """Render each of `variants` once; the same input gives the same bytes.

    `zone_column` is the attribute that names a member's time zone, for events; empty for none.

    What can go out but should be mended is among the findings of the result.

    Raises:
        InputErrors: the announcement or the theme cannot be rendered.
    """
    issue, removed = without_controls(issue)
    compiling = _Compiling(issue, theme, brand, images, zone_column)
    documents: dict[str, Document] = {}
    errors: dict[str, InputError] = {}
    for variant in dict.fromkeys(variants):
        try:
            documents[variant.key] = compiling.document(variant)
        except InputErrors as problems:
            errors |= {str(each): each for each in problems.errors}
        except InputError as problem:
            errors.setdefault(str(problem), problem)
    if errors:
        raise InputErrors(errors.values())
    findings = (*removed, *brand_findings(brand), *compiling.album.findings, *compiling.findings)
    return CompiledIssue(
        slug=issue.slug,
        title=issue.announcement.title,
        documents=documents,
        has_local_times=compiling.has_local_times,
        images=compiling.album.files,
        image_bytes={url: path.stat().st_size for url, path in compiling.album.files.items()},
        findings=tuple(dict.fromkeys(findings)),
        template=compiling.template,
        items=issue.items,
    )


class _Compiling:
    """One issue on its way; pictures are looked up once for all variants."""

    def __init__(
        self, issue: Issue, theme: Theme, brand: Brand, images: ImagePlaces, zone_column: str
    ) -> None:
        self.issue, self.theme, self.brand = issue, theme, brand
        self.zone_column = zone_column
        self.has_local_times = False
        self.announcement = issue.announcement
        self.tokens = mint(issue)
        folder = Path(issue.announcement.path).parent
        self.album = Album(
            places=images,
            folder=folder,
            tokens=self.tokens,
            website=brand.website,
            inside=issue.announcement.images,
        )
        self.brand_album = replace(self.album, folder=images.root, _known={})
        self.findings: list[Finding] = []
        self.template: Location | None = None

    def document(self, variant: Variant) -> Document:
        """Render and freeze one variant.

        Raises:
            InputError: the body or the theme cannot be rendered.
            InputErrors: the theme holds what MJML does not know.
        """
        page, events = self._page(self.tokens.plant(self.issue.body_of(variant)))
        mjml = self.theme.render(HTML, page)
        self.template = self.template or root_of(mjml)
        html = compile_mjml(mjml, self.theme.location(HTML))
        styled = inline_css(html, self.theme.render(INLINE, page), self.theme.location(INLINE))
        text = tidy(self.theme.render(TEXT, page))
        document = Document(
            subject=freeze_line(page.subject, self.tokens),
            preheader=freeze_line(page.preheader, self.tokens),
            html=freeze_html(styled, self.tokens),
            text=freeze_text(text, self.tokens),
        )
        label = page.words["your_time"]
        choices = [self._local(event, label, page.lang) for event in events]
        localised = with_local_times(document, self.zone_column, choices)
        found = [event for event in events if event]
        files = (*self._pictures(localised), *invitations(found, self._publisher()))
        return replace(localised, attachments=files)

    def _local(self, event: Event | None, label: str, lang: str) -> Choices:
        if event is None or event.when.start is None or not self.zone_column:
            return Choices(())
        self.has_local_times = True
        return local_times(event.when, label, lang)

    def _pictures(self, document: Document) -> Iterator[Attachment]:
        """Give the pictures that go with the message, where they do not lie on the web."""
        whole = "".join(document.html.literals)
        for url, path in self.album.files.items():
            if url.startswith(CID) and f'"{url}"' in whole:
                kind = KINDS[path.suffix]
                content_id = url.removeprefix(CID)
                yield Attachment(
                    name=path.name, kind=kind, content=path.read_bytes(), content_id=content_id
                )

    def _publisher(self) -> Publisher:
        return Publisher(
            issue=self.issue.slug,
            host=self.album.places.host,
            name=self.brand.name,
            stamp=self.announcement.date,
        )

    def _page(self, markdown: str) -> tuple[Page, tuple[Event | None, ...]]:
        written, brand = self.announcement, self.brand
        lang = written.lang if LANGUAGE.fullmatch(written.lang) else brand.lang
        direction = direction_of(lang) if written.lang else brand.dir
        days = Days(lang, today=written.date, zone=self.brand.time_zone)
        asked = written.smart_punctuation
        is_smart = brand.smart_punctuation if asked is None else asked
        quotes = quotes_of(lang) if is_smart and not written.origins else ()
        manner = Manner(
            direction=direction,
            days=days,
            quotes=quotes,
            has_contents=self.theme.has_contents,
        )
        body = compose_body(markdown, written.body_place, self.album, manner)
        self.findings += (*body.findings, *self._undrawn(body))
        page = Page(
            brand=brand,
            logo=self._logo(brand.logo),
            logo_dark=self._logo(brand.logo_dark),
            title=one_line(self.tokens.plant(written.title)),
            subject=one_line(self.tokens.plant(self.issue.subject)),
            preheader=self._preheader(body),
            section=one_line(written.section),
            byline=written.byline,
            date=write_date(written.date, lang) if written.date else "",
            image=self._image(),
            button=self._button(),
            body=body.blocks,
            contents=body.contents,
            text_links=body.text_links,
            lang=lang,
            dir=direction,
            words=self.theme.wording(lang),
            on_accent=text_on(brand.accent),
            on_accent_dark=text_on(brand.accent_dark),
            browser_url=self.issue.browser_url,
            unsubscribe_url=self.tokens.unsubscribe_url,
            preferences_url=self.tokens.preferences_url,
        )
        return page, body.events

    def _undrawn(self, body: Body) -> Iterator[Finding]:
        """Find the blocks that the theme does not name among those it draws."""
        for kind in sorted({block.kind for block in body.blocks} & BLOCKS - self.theme.blocks):
            problem = f"the theme {self.theme.name!r} is not made for the block {kind!r}"
            hint = "choose another theme, or write it as plain text"
            at = Location(self.announcement.path)
            yield error("theme-block", problem, at=at, hint=hint)

    def _preheader(self, body: Body) -> str:
        written = self.tokens.plant(self.announcement.preheader).strip()
        if written:
            return one_line(written)
        opening = first_sentence(body.opening)
        if opening:
            problem = "there is no preheader; inboxes show the first sentence behind the subject"
        else:
            problem = "there is no preheader, and no sentence that could stand in for it"
        hint = "write preheader: what makes somebody open the email, in 40 to 110 characters"
        at = Location(self.announcement.path)
        self.findings.append(warning("preheader-missing", problem, at=at, hint=hint))
        return opening

    def _image(self) -> Figure | None:
        image = self.announcement.image
        if image is None or not image.source.strip():
            return None
        at, shape = self.announcement.place("image"), SHAPES[self.theme.image]
        url, width = self.album.place(image.source, at, shape)
        caption = one_line(image.caption)
        return Figure(url=url, alt=one_line(image.alt), caption=caption, width=width)

    def _button(self) -> Action | None:
        button = self.announcement.button
        if button is None:
            return None
        at = self.announcement.place("button")
        verdict = judge_link(
            self.tokens.plant(button.url).strip(), at, self.tokens, website=self.brand.website
        )
        self.findings += [verdict.finding] if verdict.finding else []
        return Action(label=one_line(button.label), url=verdict.url) if verdict.url else None

    def _logo(self, source: str) -> Figure | None:
        if not source:
            return None
        url, _ = self.brand_album.place(source, Location("newsletter.toml"))
        return Figure(url=url, alt=self.brand.logo_alt, width=self.brand.logo_width)
