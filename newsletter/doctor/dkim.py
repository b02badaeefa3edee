"""DKIM: the keys by which receivers check that a domain signed (RFC 6376). Pure but for asking."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.doctor.names import Ask, CouldNotAsk
from newsletter.doctor.opinion import Opinion, better, good, unknown, wrong
from newsletter.doctor.tags import read_tags

_OCTETS_OF_1024, _OCTETS_OF_2048 = 150, 280
"""A public RSA key of 1024 bits is 162 octets long in its DER, one of 2048 bits 294."""

SELECTORS = {
    "brevo": ("brevo1", "brevo2", "mail"),
    "mailgun": ("k1", "mta", "smtp", "pic", "mailo"),
    "postmark": ("pm",),
    "resend": ("resend",),
    "sendgrid": ("s1", "s2", "smtpapi"),
}
"""Under which names providers customarily have their keys; SES and others make up their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, and under which names its keys are to be found."""

    domain: str
    selectors: tuple[str, ...]
    is_told: bool
    """Whether the settings name them; else they are those customary with the provider."""


def check_dkim(signing: Signing, ask: Ask) -> Iterator[Opinion]:
    """Look at the keys of the domain that signs."""
    domain, found, silent = signing.domain, 0, ""
    if not signing.selectors:
        yield unknown("dkim", f"it is not known under which name {domain} has its DKIM key", _TELL)
        return
    for selector in signing.selectors:
        try:
            keys = [
                text for text in ask(f"{selector}._domainkey.{domain}") if "p" in read_tags(text)
            ]
        except CouldNotAsk as reason:
            silent = str(reason)
            continue
        for key in keys[:1]:
            found += 1
            yield _judge(f"{selector}._domainkey.{domain}", read_tags(key))
    if not found:
        yield _missing(signing, silent)


_TELL = (
    "write dkim_selectors into [doctor]: of each name on your provider's page of the domain, what"
    " stands before ._domainkey (Amazon SES makes up three of them)"
)


def _missing(signing: Signing, silent: str) -> Opinion:
    names = ", ".join(signing.selectors)
    if silent:
        return unknown("dkim", f"DKIM keys of {signing.domain}: {silent}")
    words = f"{signing.domain} has no DKIM key named {names}"
    if signing.is_told:
        advice = "publish the records that your provider shows for the domain"
        return wrong("dkim", words, advice)
    return better("dkim", f"{words}, as is customary", f"{_TELL}; publish them if there are none")


def _judge(name: str, tags: dict[str, str]) -> Opinion:
    if not tags["p"]:
        return wrong("dkim", f"the DKIM key {name} was revoked", "publish the one in force")
    try:
        octets = len(b64decode(tags["p"], validate=True))
    except ValueError:
        return wrong("dkim", f"the DKIM key {name} is no key", "copy it again, without line breaks")
    kind = tags.get("k", "rsa").lower()
    if kind == "rsa" and octets < _OCTETS_OF_1024:
        return wrong(
            "dkim", f"the DKIM key {name} is too short to be taken", "make one of 2048 bits"
        )
    if "y" in tags.get("t", "").split(":"):
        advice = "take t=y out of the record"
        return better("dkim", f"the DKIM key {name} says that it is a test", advice)
    if kind == "rsa" and octets < _OCTETS_OF_2048:
        advice = "make one of 2048 bits when you next change it"
        return better("dkim", f"the DKIM key {name} has 1024 bits", advice)
    return good("dkim", f"the DKIM key {name} is in order")
