"""DMARC: what receivers do with mail that only claims to be from a domain (RFC 7489)."""

import re
from collections.abc import Iterator

from newsletter.check.domains import is_aligned, organisational
from newsletter.doctor.names import Ask, CouldNotAsk
from newsletter.doctor.opinion import Opinion, better, good, unknown, wrong
from newsletter.doctor.tags import read_tags

_POLICIES = ("none", "quarantine", "reject")


def check_dmarc(domain: str, signs: str, ask: Ask) -> Iterator[Opinion]:
    """Look at the policy for `From:` of `domain`, and whether the domain that `signs` fits it."""
    parent = organisational(domain)
    try:
        places = dict.fromkeys((domain, parent))
        found = {place: _policies(ask(f"_dmarc.{place}")) for place in places}
    except CouldNotAsk as reason:
        yield unknown("dmarc", f"DMARC of {domain}: {reason}")
        return
    place = next((each for each, policies in found.items() if policies), "")
    if not place:
        yield wrong(
            "dmarc",
            f"{domain} has no DMARC policy; Gmail, Yahoo and Outlook refuse bulk mail without one",
            f"publish at _dmarc.{parent} the text: v=DMARC1; p=none; rua=mailto:dmarc@{parent}",
        )
    elif len(found[place]) > 1:
        words = f"_dmarc.{place} has {len(found[place])} policies, and receivers take none"
        yield wrong("dmarc", words, "leave one of them")
    else:
        tags = read_tags(found[place][0])
        yield _judge(place, tags, is_below=place != domain)
        yield _alignment(domain, signs, is_strict=tags.get("adkim", "r").lower() == "s")


def _policies(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", each))


def _judge(place: str, tags: dict[str, str], *, is_below: bool) -> Opinion:
    policy = (tags.get("sp") if is_below else None) or tags.get("p", "")
    if policy.lower() not in _POLICIES:
        words = f"the DMARC policy at _dmarc.{place} says no p= that receivers know"
        return wrong("dmarc", words, "write p=none, p=quarantine or p=reject")
    if policy.lower() == "none":
        return better(
            "dmarc",
            f"the DMARC policy of {place} only watches (p=none)",
            "once its reports show nothing but your own mail, write p=quarantine",
        )
    return good("dmarc", f"DMARC of {place} protects the domain (p={policy.lower()})")


def _alignment(domain: str, signs: str, *, is_strict: bool) -> Opinion:
    if signs.lower() == domain.lower() or (not is_strict and is_aligned(domain, signs)):
        how = "strictly" if is_strict else "relaxed"
        return good("alignment", f"{signs} signs for {domain}, as DMARC wants it ({how})")
    asked = " to be the same (adkim=s)" if is_strict else " to belong together"
    return wrong(
        "alignment",
        f"{signs} signs and {domain} is shown; DMARC wants them{asked}",
        f"let your provider sign as {domain}, and write it as dkim_domain of [checks]",
    )
