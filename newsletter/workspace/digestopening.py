"""What stands above the sections of a digest: written by its editor, or by its rules."""

import re
from dataclasses import replace

from newsletter.announcement.announcement import Announcement, Button
from newsletter.announcement.parse import Reading, examine
from newsletter.compose.calendar import write_month
from newsletter.errors import Location
from newsletter.issue.digestbody import DigestBody
from newsletter.issue.digestrules import DigestRules
from newsletter.workspace.pool import Pool
from newsletter.workspace.settingsfile import shown
from newsletter.workspace.workspace import Workspace


def read_opening(pool: Pool) -> Reading | None:
    """Read what the editor wrote for this issue."""
    return examine(shown(pool.issue_file)) if pool.issue_file.exists() else None


def announcement_of(
    workspace: Workspace, pool: Pool, opening: Reading | None, body: DigestBody
) -> tuple[Announcement, int]:
    """Put the opening above the sections; give it with the number of the opening's lines."""
    plain = usual(workspace, pool)
    written = _merged(plain, opening.announcement, pool.rules) if opening else plain
    above = [*written.body.rstrip("\n").split("\n"), ""] if written.body.strip() else []
    here = Location(written.path)
    # Below the last line of the text there is nothing in the file, so it stands in.
    last = len(written.body.split("\n"))
    places = [
        written.body_place(min(number, last)) if opening else here
        for number in range(1, len(above) + 1)
    ]
    lines = (*above, *(line.text for line in body.lines))
    whole = replace(
        written,
        body="\n".join(lines),
        body_line=1,
        origins=(),
        line_places=(*places, *(line.at or here for line in body.lines)),
        pulled=(
            *dict.fromkeys(each.entrant.announcement.path for each in pool.selected.placed),
            shown(pool.issue_file),
            shown(pool.decisions_file),
        ),
    )
    return whole, len(above)


def usual(workspace: Workspace, pool: Pool) -> Announcement:
    """Make of the rules what an editor need not write."""
    rules, brand = pool.rules, workspace.settings.brand
    for_all = [each for each in pool.selected.placed if not each.is_for_some]
    title = _dated(rules.title, pool, brand.lang)
    lead = next((each.entry.title for each in for_all), title)
    return Announcement(
        path=shown(pool.issue_file),
        slug=pool.slug,
        title=title,
        subject=_dated(rules.subject, pool, brand.lang).replace("{lead}", lead),
        preheader=" · ".join(each.entry.title for each in for_all[:3]),
        date=pool.at.date(),
        segments=rules.segments,
        topic=rules.topic,
        theme=rules.theme,
        button=Button(*rules.button) if rules.button else None,
        body=rules.opening,
    )


def _dated(text: str, pool: Pool, lang: str) -> str:
    parts = {f"%{code}": pool.day.strftime(f"%{code}") for code in "Ymd"}
    parts["%B"] = write_month(pool.day, lang)
    return re.sub("%[YmdB]", lambda found: parts[found[0]], text)


def _merged(usual: Announcement, written: Announcement, rules: DigestRules) -> Announcement:
    """Let what the editor wrote stand before what the rules say."""
    is_untitled = written.title_is_derived
    findings = tuple(
        each for each in written.findings if not (is_untitled and each.code == "title-missing")
    )
    return replace(
        written,
        slug=usual.slug,
        title=usual.title if is_untitled else written.title,
        title_is_derived=False,
        subject=written.subject or (usual.subject if is_untitled else ""),
        preheader=written.preheader or usual.preheader,
        date=written.date or usual.date,
        button=written.button or usual.button,
        segments=written.segments or usual.segments,
        topic=written.topic or usual.topic,
        theme=written.theme if "theme" in written.places else rules.theme,
        findings=findings,
    )
