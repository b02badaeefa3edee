import pytest
from check_samples import codes, envelope_of, issue_of, lines, page_of, places_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.check.domains import is_aligned, is_freemail, organisational
from newsletter.check.scholarly import (
    check_citations,
    check_gene_symbols,
    is_doi,
    is_orcid,
    orcid_check,
)
from newsletter.check.sender import check_sender

# --- sender ------------------------------------------------------------------------------------


def test_a_society_that_sends_from_its_own_domain_is_left_alone() -> None:
    found = check_sender(
        envelope_of(reply_to="office@society.org"),
        base_url="https://go.society.org",
        dkim="society.org",
    )
    assert codes(found) == []


@pytest.mark.parametrize("domain", ["gmail.com", "GMX.de", "yahoo.co.uk", "hotmail.fr", "qq.com"])
def test_a_free_mail_service_is_known_under_all_its_endings(domain: str) -> None:
    assert is_freemail(domain)
    assert "sender-freemail" in codes(check_sender(envelope_of(f"a@{domain}")))


@pytest.mark.parametrize("domain", ["society.org", "mygmail.com", "yahoo.society.org"])
def test_other_domains_are_none(domain: str) -> None:
    assert not is_freemail(domain)


@pytest.mark.parametrize(
    ("one", "other", "aligned"),
    [
        ("society.org", "news.society.org", True),
        ("a.society.org", "b.society.org", True),
        ("society.org", "SOCIETY.org.", True),
        ("society.org.uk", "other.org.uk", False),
        ("society.org", "society.com", False),
        ("society.github.io", "github.io", True),
    ],
)
def test_domains_are_aligned_as_dmarc_has_it(one: str, other: str, aligned: bool) -> None:
    assert is_aligned(one, other) is aligned
    assert is_aligned(other, one) is aligned


@given(st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,3}", fullmatch=True))
def test_the_organisational_domain_is_one_of_itself(domain: str) -> None:
    assert organisational(organisational(domain)) == organisational(domain)
    assert domain.endswith(organisational(domain))


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"list_id": "news.elsewhere.com"}, {}),
        ({}, {"base_url": "https://elsewhere.com"}),
        ({}, {"dkim": "provider.net"}),
    ],
)
def test_a_domain_that_does_not_belong_to_the_sender_is_a_finding(
    values: dict[str, str], where: dict[str, str]
) -> None:
    assert codes(check_sender(envelope_of(**values), **where)) == ["sender-unaligned"]


@pytest.mark.parametrize(
    "list_id", ["news", "news..org", "-.society.org", "news.localhost", f"{'a' * 250}.society.org"]
)
def test_a_list_id_follows_rfc_2919(list_id: str) -> None:
    assert "list-id" in codes(check_sender(envelope_of(list_id=list_id)))


def test_a_list_id_without_a_domain_has_32_random_digits() -> None:
    assert codes(check_sender(envelope_of(list_id=f"news.{'0a' * 16}.localhost"))) == []


def test_answers_go_to_somebody_who_reads_them() -> None:
    assert codes(check_sender(envelope_of("no-reply@society.org"))) == ["reply-unread"]
    assert codes(check_sender(envelope_of(reply_to="NoReply+x@society.org"))) == ["reply-unread"]
    assert codes(check_sender(envelope_of("no-reply@society.org", reply_to="a@society.org"))) == []
    assert codes(check_sender(envelope_of(reply_to="society@gmail.com"))) == ["reply-freemail"]


# --- DOIs and ORCID iDs ------------------------------------------------------------------------


def citations(body: str) -> list[tuple[str, int | None]]:
    return lines(check_citations(issue_of(body)))


@pytest.mark.parametrize(
    "text",
    [
        "https://doi.org/10.1038/s41586-020-2649-2.",
        "[paper](https://dx.doi.org/10.1002/(SICI)1097-0258)",
        "doi:10.1016/j.ajhg.2021.01.001, and more",
        "[a](https://doi.org/10.1038/x) and DOI: 10.1038/y;",
        "https://www.doi.org/the-identifier",
        "a DOI is good",
        "ORCID: 0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1694-233X",
        "https://orcid.org/register",
        "`https://doi.org/10.x` as code",
    ],
)
def test_what_is_cited_well_is_left_alone(text: str) -> None:
    assert citations(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://doi.org/10.1038", "doi-malformed"),
        ("https://doi.org/1O.1038/x", "doi-malformed"),
        ("doi:101038/x1", "doi-malformed"),
        ("orcid.org/0000-0002-1825-0098", "orcid-malformed"),
        ("https://orcid.org/0000-0002-1825-0098", "orcid-malformed"),
        ("ORCID iD: 0000-0002-1825-009", "orcid-malformed"),
        ("https://orcid.org/0000000218250097", "orcid-malformed"),
    ],
)
def test_what_is_cited_wrongly_is_a_finding_at_its_line(text: str, code: str) -> None:
    assert citations(f"a\n{text}") == [(code, 6)]


@given(st.integers(0, 10**15 - 1))
def test_an_orcid_proves_its_digits(number: int) -> None:
    digits = f"{number:015d}"
    plain = digits + orcid_check(digits)
    orcid = "-".join(plain[at : at + 4] for at in range(0, 16, 4))
    assert is_orcid(orcid)
    for at, digit in enumerate(orcid[:-1]):
        if digit.isdigit():  # any one digit that is wrong is found: what MOD 11-2 is for
            other = str((int(digit) + 1) % 10)
            assert not is_orcid(orcid[:at] + other + orcid[at + 1 :])


@given(st.text(max_size=50))
def test_any_text_is_a_doi_or_not(text: str) -> None:
    assert is_doi(text) in {True, False}
    list(check_citations(issue_of(f"doi:{text} https://orcid.org/{text}")))


# --- genes -------------------------------------------------------------------------------------


def genes(html: str, body: str = "") -> list[tuple[str, int | None]]:
    return lines(check_gene_symbols(page_of(html), ("BRCA1", "TP53", "HLA-B"), places_of(body)))


def test_a_gene_in_italics_is_left_alone() -> None:
    assert (
        genes("<p><em>BRCA1</em>, <i>TP53</i> and <span style='font-style:italic'>HLA-B</span>")
        == []
    )


def test_a_gene_without_italics_is_told_once_where_it_stands_bare() -> None:
    body = "*BRCA1* is fine\nand BRCA1 is not"
    assert genes("<p><em>BRCA1</em> and BRCA1</p><p>BRCA1</p>", body) == [("gene-italics", 6)]


def test_part_of_a_word_an_address_and_code_are_no_genes() -> None:
    assert genes("<p>BRCA12, xTP53, anti-TP53, https://x.org/BRCA1 <code>TP53</code></p>") == []
