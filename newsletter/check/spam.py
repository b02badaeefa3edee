"""What filters hold against an email: habits of its subject, and the score of SpamAssassin."""

import re
from collections.abc import Iterator

from newsletter.check.spamc import Verdict
from newsletter.errors import Location
from newsletter.finding import Finding, warning
from newsletter.issue.issue import Issue

_FALSE_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr)\s*:", re.IGNORECASE)
_PHRASES = re.compile(
    r"\b(?:act now|100\s?% free|risk[- ]free|no obligation|click (?:here|below|now)|cash bonus"
    r"|you(?:'|\u2019)?(?:ve| have) (?:won|been selected)|double your|limited time offer"
    r"|don(?:'|\u2019)?t (?:delete|miss out)|order now|buy now|guaranteed|winner!|free!+)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[$€£]{2,}")
_MARKS = re.compile(r"[!?]{2,}|\.{4,}")
_SPACED = re.compile(r"\b(?:[A-Z] ){3,}[A-Z]\b")
_PICTURES = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_MOST_PICTURES = 2
_MOST_RULES = 5


def check_subject_habits(issue: Issue) -> Iterator[Finding]:
    """Look for what the subjects of spam have and those of a society have not."""
    written = issue.announcement
    at = written.place("subject" if written.subject else "title")
    for problem, hint in _habits(issue.subject):
        yield warning("subject-spammy", f"{problem}; filters take that for spam", at=at, hint=hint)


def check_score(verdict: Verdict, limit: int, at: Location) -> Iterator[Finding]:
    """Hold the score of SpamAssassin against the `limit` of the workspace."""
    if verdict.score >= limit:
        rules = ", ".join(f"{name} {points:g}" for name, points in verdict.rules[:_MOST_RULES])
        yield warning(
            "spam-score",
            f"SpamAssassin gives {verdict.score:g} points, {limit} or more are spam: {rules}",
            at=at,
            hint="look the rules up at https://spamassassin.apache.org, and mend the worst",
        )


def _habits(subject: str) -> Iterator[tuple[str, str]]:
    reply = _FALSE_REPLY.match(subject)
    if reply:
        mark = reply[0].strip()
        yield f"{mark!r} says that this is an answer, which it is not", f"leave {mark!r} out"
    for pattern, hint in (
        (_PHRASES, "say it in words of your own"),
        (_MONEY, "write the amount"),
        (_MARKS, "write one mark"),
        (_SPACED, "write it as a word"),
    ):
        found = pattern.search(subject)
        if found:
            yield f"the subject has {found[0]!r}", hint
    if len(_PICTURES.findall(subject)) > _MOST_PICTURES:
        yield f"the subject has more than {_MOST_PICTURES} emoji", "leave most of them out"
