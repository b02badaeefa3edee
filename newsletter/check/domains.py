"""Domains as mailbox providers compare them. The only door to publicsuffixlist."""

from functools import cache
from typing import Any

FREEMAIL = frozenset(
    {"gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "rocketmail.com", "aol.com"}
    | {"hotmail.com", "outlook.com", "live.com", "msn.com", "passport.com", "icloud.com"}
    | {"me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de"}
    | {"t-online.de", "freenet.de", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "yandex.ru"}
    | {"yandex.com", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "tutanota.com"}
    | {"tuta.io", "tutamail.com", "fastmail.com", "fastmail.fm", "hey.com", "zoho.com"}
    | {"mail.com", "email.com", "usa.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr"}
    | {"laposte.net", "libero.it", "virgilio.it", "alice.it", "tiscali.it", "tin.it"}
    | {"telefonica.net", "terra.es", "uol.com.br", "bol.com.br", "terra.com.br", "wp.pl"}
    | {"o2.pl", "onet.pl", "interia.pl", "seznam.cz", "centrum.cz", "abv.bg", "ukr.net"}
    | {"qq.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "aliyun.com"}
    | {"naver.com", "daum.net", "hanmail.net", "rediffmail.com", "comcast.net", "verizon.net"}
    | {"att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "earthlink.net"}
    | {"btinternet.com", "sky.com", "virginmedia.com", "ntlworld.com", "talktalk.net"}
    | {"bluewin.ch", "telenet.be", "skynet.be", "ziggo.nl", "kpnmail.nl", "planet.nl"}
)
"""Services that give anybody an address, and whose DMARC policy or terms keep bulk mail out."""

_ALSO = ("yahoo.", "hotmail.", "outlook.", "live.", "ymail.")
"""The same services under the endings of countries, such as `yahoo.co.uk`."""


def organisational(domain: str) -> str:
    """Give the domain that somebody registered: `example.co.uk` for `news.example.co.uk`.

    What DMARC (RFC 7489 section 3.2) calls the organisational domain, by the Public Suffix List
    as it was when the list was packed. A public suffix itself is given back as it is.
    """
    name = domain.lower().strip(".")
    return _suffixes().privatesuffix(name) or name


def is_aligned(one: str, other: str) -> bool:
    """Tell whether two domains are aligned as DMARC means it when it is relaxed."""
    return one.lower() == other.lower() or organisational(one) == organisational(other)


def is_freemail(domain: str) -> bool:
    """Tell whether anybody can have an address of `domain`."""
    name = domain.lower().strip(".")
    ending = name.partition(".")[2]
    is_of_country = name.startswith(_ALSO) and _suffixes().is_public(ending)
    return name in FREEMAIL or is_of_country


@cache
def _suffixes() -> Any:  # noqa: ANN401 - publicsuffixlist has no types
    from publicsuffixlist import PublicSuffixList

    # Without the part of private domains, as DMARC reads it: `github.io` is one organisation's.
    return PublicSuffixList(only_icann=True)
