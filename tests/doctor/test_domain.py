"""What the doctor says of a domain, asked of a real name server."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from name_server import GARBAGE, OFFLINE, SERVFAIL, SILENT, Zone, name_server

from newsletter.doctor.dkim import Signing, check_dkim
from newsletter.doctor.dmarc import check_dmarc
from newsletter.doctor.names import CouldNotAsk, Resolver
from newsletter.doctor.opinion import Opinion, Verdict, without_doubts
from newsletter.doctor.spf import check_spf
from newsletter.doctor.tags import read_tags

SHORT = 0.5
KEY_2048 = "MIIBIjANBgkqhkiG9w0BAQ" + "A" * 370
KEY_1024 = "MIGfMA0GCSqGSIb3DQEBAQ" + "A" * 194


def spf(zone: Zone, provider: str = "sendgrid") -> list[Opinion]:
    with name_server(zone) as server:
        return list(check_spf("ferns.org", provider, Resolver(server.address, SHORT)))


def dkim(zone: Zone, *selectors: str, is_told: bool = True) -> list[Opinion]:
    signing = Signing(domain="ferns.org", selectors=selectors, is_told=is_told)
    with name_server(zone) as server:
        return list(check_dkim(signing, Resolver(server.address, SHORT)))


def dmarc(zone: Zone, domain: str = "ferns.org", signs: str = "ferns.org") -> list[Opinion]:
    with name_server(zone) as server:
        return list(check_dmarc(domain, signs, Resolver(server.address, SHORT)))


def verdicts(opinions: list[Opinion]) -> list[Verdict]:
    return [each.verdict for each in opinions]


# --- asking --------------------------------------------------------------------------------------


def test_a_text_in_several_pieces_is_one() -> None:
    with name_server({"ferns.org": ("x" * 400,)}) as server:
        assert Resolver(server.address)("ferns.org") == ("x" * 400,)


def test_an_answer_too_long_for_one_packet_comes_by_tcp() -> None:
    texts = tuple(f"{number} " + "x" * 200 for number in range(200))
    with name_server({"ferns.org": texts}) as server:
        assert len(Resolver(server.address)("ferns.org")) == 200
        assert {way for _, way in server.asked} == {"udp", "tcp"}


def test_a_name_that_is_not_there_has_no_text() -> None:
    with name_server({"empty.org": ()}) as server:
        ask = Resolver(server.address)
        assert ask("ferns.org") == ()
        assert ask("empty.org") == ()


@pytest.mark.parametrize(
    ("how", "words"),
    [(SERVFAIL, "failed"), (SILENT, "in time"), (GARBAGE, "in time")],
)
def test_a_server_that_does_not_answer_well_says_nothing_of_the_name(how: str, words: str) -> None:
    with name_server({"ferns.org": how}) as server, pytest.raises(CouldNotAsk, match=words):
        Resolver(server.address, SHORT)("ferns.org")


def test_a_name_server_that_knows_no_name_at_all_says_nothing_of_any() -> None:
    told = [*spf({"": OFFLINE}), *dmarc({"": OFFLINE}), *dkim({"": OFFLINE}, "s1")]
    assert verdicts(told) == [Verdict.UNKNOWN] * 3


def test_without_a_network_nothing_is_known_and_nothing_is_wrong() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        ask = Resolver(f"127.0.0.1:{taken.getsockname()[1]}", SHORT)
        signing = Signing(domain="ferns.org", selectors=("s1",), is_told=True)
        told = [
            *check_spf("ferns.org", "sendgrid", ask),
            *check_dkim(signing, ask),
            *check_dmarc("ferns.org", "ferns.org", ask),
        ]
    assert verdicts(told) == [Verdict.UNKNOWN] * 3


# --- SPF -----------------------------------------------------------------------------------------


def test_a_record_with_the_provider_in_it_is_good() -> None:
    zone = {
        "ferns.org": ("other", "v=spf1 include:sendgrid.net ~all"),
        "sendgrid.net": ("v=spf1 ip4:192.0.2.0/24 ~all",),
    }
    (told,) = spf(zone)
    assert told.verdict is Verdict.GOOD
    assert "1 of 10 lookups" in told.words


@pytest.mark.parametrize(
    ("zone", "verdict", "words"),
    [
        ({}, Verdict.ADVICE, "has no SPF record"),
        ({"ferns.org": ("v=spf10",)}, Verdict.ADVICE, "has no SPF record"),
        ({"ferns.org": ("v=spf1 ~all", "v=spf1 -all")}, Verdict.WRONG, "2 SPF records"),
        ({"ferns.org": ("v=spf1 include:gone.org ~all",)}, Verdict.WRONG, "gone.org has no SPF"),
        ({"ferns.org": ("v=spf1 include:ferns.org ~all",)}, Verdict.WRONG, "includes itself"),
        ({"ferns.org": ("v=spf1 +all",)}, Verdict.WRONG, "lets everybody send"),
        ({"ferns.org": ("v=spf1 all",)}, Verdict.WRONG, "lets everybody send"),
        ({"ferns.org": ("v=spf1 a mx ~all",)}, Verdict.ADVICE, "does not include sendgrid"),
    ],
)
def test_a_record_that_is_not_good_is_told(zone: Zone, verdict: Verdict, words: str) -> None:
    told = spf(zone)
    assert told[0].verdict is verdict
    assert words in told[0].words
    assert told[0].advice


@pytest.mark.parametrize(("count", "verdict"), [(10, Verdict.GOOD), (11, Verdict.WRONG)])
def test_more_than_ten_lookups_are_too_many(count: int, verdict: Verdict) -> None:
    inner = " ".join(f"a:h{number}.org" for number in range(count - 2))
    zone = {
        "ferns.org": ("v=spf1 include:sendgrid.net ~all",),
        "sendgrid.net": ("v=spf1 include:u.sendgrid.net ~all",),
        "u.sendgrid.net": (f"v=spf1 {inner} ip4:192.0.2.1 ~all",),
    }
    assert spf(zone)[0].verdict is verdict


def test_a_record_without_end_is_left_off() -> None:
    zone = {f"n{at}.org": (f"v=spf1 include:n{at + 1}.org mx mx mx ~all",) for at in range(99)}
    (told,) = spf({"ferns.org": ("v=spf1 include:n0.org ~all",), **zone})
    assert "more than 40 lookups" in told.words


# --- DKIM ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "verdict", "words"),
    [
        (f"v=DKIM1; k=rsa; p={KEY_2048}", Verdict.GOOD, "in order"),
        (f"p={KEY_2048}", Verdict.GOOD, "in order"),
        (f"k=rsa; p={KEY_1024}", Verdict.ADVICE, "1024 bits"),
        ("k=ed25519; p=" + "A" * 44, Verdict.GOOD, "in order"),
        ("k=rsa; p=" + "A" * 100, Verdict.WRONG, "too short"),
        ("v=DKIM1; p=", Verdict.WRONG, "revoked"),
        ("v=DKIM1; p=no key!", Verdict.WRONG, "no key"),
        (f"t=y:s; p={KEY_2048}", Verdict.ADVICE, "test"),
    ],
)
def test_a_key_is_judged(record: str, verdict: Verdict, words: str) -> None:
    (told,) = dkim({"s1._domainkey.ferns.org": (record,)}, "s1")
    assert told.verdict is verdict
    assert words in told.words


def test_a_key_that_the_settings_name_has_to_be_there() -> None:
    assert verdicts(dkim({}, "mine")) == [Verdict.WRONG]


def test_a_key_of_a_customary_name_need_not_be() -> None:
    (told,) = dkim({}, "s1", "s2", is_told=False)
    assert told.verdict is Verdict.ADVICE
    assert "dkim_selectors" in told.advice


def test_one_key_of_several_is_enough() -> None:
    zone = {"s2._domainkey.ferns.org": (f"p={KEY_2048}",), "s1._domainkey.ferns.org": SERVFAIL}
    assert verdicts(dkim(zone, "s1", "s2")) == [Verdict.GOOD]


def test_where_nobody_knows_the_name_it_says_where_it_stands() -> None:
    (told,) = dkim({})
    assert told.verdict is Verdict.UNKNOWN
    assert "dkim_selectors" in told.advice


@given(st.text())
def test_any_text_can_be_read_for_tags(text: str) -> None:
    assert all(name == name.lower() for name in read_tags(text))


# --- DMARC ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "verdict", "words"),
    [
        ({}, Verdict.WRONG, "has no DMARC policy"),
        ({"_dmarc.ferns.org": ("v=DMARC1; p=none",)}, Verdict.ADVICE, "only watches"),
        ({"_dmarc.ferns.org": ("v=DMARC1; p=reject",)}, Verdict.GOOD, "p=reject"),
        ({"_dmarc.ferns.org": ("v=DMARC1; P=Quarantine",)}, Verdict.GOOD, "p=quarantine"),
        ({"_dmarc.ferns.org": ("v=DMARC1; p=maybe",)}, Verdict.WRONG, "no p="),
        ({"_dmarc.ferns.org": ("v=DMARC1; p=none", "v=DMARC1; p=reject")}, Verdict.WRONG, "2 pol"),
        ({"_dmarc.ferns.org": ("v=DMARC2; p=none",)}, Verdict.WRONG, "has no DMARC policy"),
    ],
)
def test_a_policy_is_judged(zone: Zone, verdict: Verdict, words: str) -> None:
    told = dmarc(zone)
    assert told[0].verdict is verdict
    assert words in told[0].words


def test_below_a_domain_its_policy_for_what_is_below_holds() -> None:
    zone = {"_dmarc.ferns.org": ("v=DMARC1; p=reject; sp=none",)}
    assert dmarc(zone, "news.ferns.org", "ferns.org")[0].verdict is Verdict.ADVICE
    own = {**zone, "_dmarc.news.ferns.org": ("v=DMARC1; p=reject",)}
    assert dmarc(own, "news.ferns.org", "ferns.org")[0].verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("mode", "signs", "verdict"),
    [
        ("r", "ferns.org", Verdict.GOOD),
        ("r", "mail.ferns.org", Verdict.GOOD),
        ("s", "ferns.org", Verdict.GOOD),
        ("s", "mail.ferns.org", Verdict.WRONG),
        ("r", "moss.org", Verdict.WRONG),
    ],
)
def test_who_signs_has_to_belong_to_who_is_shown(mode: str, signs: str, verdict: Verdict) -> None:
    zone = {"_dmarc.ferns.org": (f"v=DMARC1; p=reject; adkim={mode}",)}
    assert dmarc(zone, "ferns.org", signs)[1].verdict is verdict


def test_a_doubt_is_not_told_where_somebody_else_knows() -> None:
    told = [*dmarc({"_dmarc.ferns.org": SERVFAIL}), *dmarc({})]
    assert verdicts(list(without_doubts(told))) == [Verdict.WRONG]
