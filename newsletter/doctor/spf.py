"""SPF: which servers may send for a domain (RFC 7208). Pure but for asking."""

import re
from collections.abc import Iterator

from newsletter.doctor.names import Ask, CouldNotAsk
from newsletter.doctor.opinion import Opinion, better, good, unknown, wrong

_MOST_LOOKUPS = 10
"""RFC 7208 section 4.6.4: beyond, receivers treat the record as broken."""
_ENOUGH = 40
"""Lookups after which nobody counts any more: the record is broken, however it goes on."""
_ASKING = re.compile(r"[+?~-]?(?:include:|exists:|redirect=|(?:a|mx|ptr)(?:[:/]|$))", re.IGNORECASE)
"""Terms that cost a lookup."""
_FOLLOWED = re.compile(r"(?:[+?~-]?include:|redirect=)(?P<domain>[^\s%/]+)$", re.IGNORECASE)
_ALL = re.compile(r"(?P<sign>[+?~-]?)all", re.IGNORECASE)

INCLUDES = {
    "brevo": ("spf.brevo.com", "spf.sendinblue.com"),
    "mailgun": ("mailgun.org",),
    "postmark": ("spf.mtasv.net",),
    "resend": ("amazonses.com",),
    "sendgrid": ("sendgrid.net",),
    "ses": ("amazonses.com",),
}
"""What each provider asks to be included, by its own pages."""


class _Walk:
    """One walk through a record and all that it includes."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.lookups = 0
        self.included: list[str] = []
        self.broken: list[str] = []

    def follow(self, domain: str, path: tuple[str, ...]) -> None:
        """Count what `domain` costs; `path` led here."""
        records = spf_in(self.ask(domain))
        if len(records) != 1:
            has = f"{len(records)} SPF records" if records else "no SPF record"
            self.broken.append(f"{domain} has {has}")
            return
        for term in records[0].split()[1:]:
            if self.lookups > _ENOUGH:
                return
            self.lookups += bool(_ASKING.match(term))
            found = _FOLLOWED.match(term)
            if not found:
                continue
            target = found["domain"].lower().rstrip(".")
            if target in path:
                self.broken.append(f"{target} includes itself")
                continue
            self.included.append(target)
            self.follow(target, (*path, target))


def spf_in(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Find the SPF records among the texts of a name (section 4.5)."""
    return tuple(each for each in texts if re.match(r"v=spf1(?: |$)", each, re.IGNORECASE))


def check_spf(domain: str, provider: str, ask: Ask) -> Iterator[Opinion]:
    """Look at the record of the domain that stands behind `From:`."""
    walk = _Walk(ask)
    try:
        records = spf_in(ask(domain))
        if len(records) == 1:
            walk.follow(domain, (domain.lower(),))
    except CouldNotAsk as reason:
        yield unknown("spf", f"SPF of {domain}: {reason}")
        return
    if not records:
        example = " ".join(f"include:{each}" for each in INCLUDES.get(provider, ())[:1])
        yield better(
            "spf",
            f"{domain} has no SPF record: anybody may claim to send for it",
            f"let whoever runs your domain publish: v=spf1 {f'{example} ' if example else ''}~all",
        )
    elif len(records) > 1:
        yield wrong(
            "spf",
            f"{domain} has {len(records)} SPF records, and receivers take none of several",
            "put them together into one that begins with v=spf1",
        )
    else:
        yield from _judge(domain, provider, records[0], walk)


def _judge(domain: str, provider: str, record: str, walk: _Walk) -> Iterator[Opinion]:
    for each in dict.fromkeys(walk.broken):
        yield wrong("spf", f"SPF of {domain}: {each}", "correct the include, or take it out")
    if walk.lookups > _MOST_LOOKUPS:
        count = f"more than {_ENOUGH}" if walk.lookups > _ENOUGH else str(walk.lookups)
        yield wrong(
            "spf",
            f"SPF of {domain} takes {count} lookups; receivers stop after {_MOST_LOOKUPS}",
            "take out includes of services that do not send for you any more",
        )
    ending = next(filter(None, map(_ALL.fullmatch, record.split())), None)
    if ending and ending["sign"] in ("", "+"):
        yield wrong("spf", f"SPF of {domain} lets everybody send (+all)", "end it with ~all")
    if walk.broken or walk.lookups > _MOST_LOOKUPS:
        return
    wanted = INCLUDES.get(provider, ())
    if wanted and not set(wanted) & set(walk.included):
        yield better(
            "spf",
            f"SPF of {domain} does not include {provider}; its mail passes by DKIM alone",
            f"add include:{wanted[0]}, or set up a return path of your own at {provider}",
        )
        return
    names = f", {provider} among its servers" if wanted else ""
    yield good("spf", f"SPF of {domain} is in order, with {walk.lookups} of 10 lookups{names}")
