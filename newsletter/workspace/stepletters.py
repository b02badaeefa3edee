"""What the letters of schedules say to the staff: reminders, warnings, what was missed."""

import datetime as dt
from collections.abc import Iterable

from newsletter.announcement.announcement import Announcement
from newsletter.announcement.plaintext import to_markdown
from newsletter.errors import InputErrors, NewsletterError
from newsletter.schedule.steps import deadline_of
from newsletter.workspace.approving import VERDICT
from newsletter.workspace.digestsource import source_of
from newsletter.workspace.letters import Text
from newsletter.workspace.occasion import Occasion
from newsletter.workspace.settings import Settings

REMINDER, WARNING, MISSED = "schedule-reminder", "schedule-warning", "schedule-missed"
"""The kinds of letters."""


def reminder(settings: Settings, occasion: Occasion, own: Iterable[Announcement] = ()) -> Text:
    """Tell somebody until when texts have to be there; `own` are those that they answer for."""
    name, until = occasion.schedule.name, deadline_of(occasion.schedule, occasion.due)
    told = (
        f"**{name}** goes out on {_moment(occasion.due.local)}."
        f" Its text has to be there by {_moment(until)}."
    )
    return Text(
        kind=REMINDER,
        lang="en",
        subject=f"{name}: your text is due {_day(until)}",
        lines=(told, _yours(own) or _plain(_what(occasion)), *_desk(settings)),
    )


def _yours(own: Iterable[Announcement]) -> str:
    rows = []
    for each in own:
        day = each.pooled.deadline
        until = f", to be changed until {day:%A}, {day.day} {day:%B}" if day else ""
        rows.append(f"- {_plain(each.title + until)}")
    return "\n".join(["You answer for:", "", *rows]) if rows else ""


def verdict(settings: Settings, occasion: Occasion) -> Text:
    """Ask an approver for their word; the proof itself comes in a letter of its own."""
    name = occasion.schedule.name
    lines = (
        (
            f"**{name}** goes out on {_moment(occasion.due.local)}, if it is approved by then."
            " Its proof is in your mailbox, too."
        ),
    )
    site = settings.desk.base_url
    if not site:
        more = "Agree at the desk, under *Approvals*, or refuse there with a reason."
        return Text(kind=VERDICT, lang="en", subject=_asks(name), lines=(*lines, more))
    return Text(
        kind=VERDICT,
        lang="en",
        subject=_asks(name),
        lines=(*lines, "The link is yours alone: whoever has it can answer for you."),
        button="Agree, or refuse",
        page="verdict",
        site=site,
    )


def caution(settings: Settings, occasion: Occasion, problem: NewsletterError) -> Text:
    """Tell the staff that it could not go out as it stands."""
    name = occasion.schedule.name
    return Text(
        kind=WARNING,
        lang="en",
        subject=f"{name}: it cannot go out on {_day(occasion.due.local)} as it stands",
        lines=(
            f"**{name}** is due on {_moment(occasion.due.local)}, and this stands against it:",
            *_said(problem),
            _plain(_what(occasion)),
            (
                "Nothing goes out before that is settled. It is tried again until"
                f" {_moment(occasion.due.local + occasion.schedule.not_after)}."
            ),
            *_desk(settings),
        ),
    )


def missed(settings: Settings, name: str, walls: Iterable[dt.datetime], why: str) -> Text:
    """Tell the staff what did not go out and will not."""
    days = [f"{each:%A} {each.day} {each:%B %Y}, {each:%H:%M}" for each in walls]
    return Text(
        kind=MISSED,
        lang="en",
        subject=f"{name}: it did not go out",
        lines=(
            f"**{name}** was due and did not go out: {'; '.join(days)}.",
            _plain(why),
            (
                "It is not sent any more, so that nobody gets something late. If it should go out"
                " all the same, send it by hand."
            ),
            *_desk(settings),
        ),
    )


def _asks(name: str) -> str:
    return f"{name}: a proof waits for your approval"


def _what(occasion: Occasion) -> str:
    digest = source_of(occasion.schedule.file_at(occasion.due.wall))
    if digest:
        return f"It is the digest {digest.name}, which assembles itself."
    return f"Its file is {occasion.schedule.file_at(occasion.due.wall)}."


def _said(problem: NewsletterError) -> tuple[str, ...]:
    each = problem.errors if isinstance(problem, InputErrors) else (problem,)
    told = [f"{error}. {error.hint}".rstrip(". ") + "." for error in each]
    return tuple(f"- {_plain(line)}" for line in told[:10])


def _desk(settings: Settings) -> tuple[str, ...]:
    url = settings.desk.base_url
    return (f"[Open the desk]({url})",) if url else ()


def _plain(words: str) -> str:
    """Write words of files and people as Markdown in which nothing is markup, nor a slot."""
    text, _origins = to_markdown([" ".join(words.split())])
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _day(at: dt.datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B}"


def _moment(at: dt.datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M %Z}"
