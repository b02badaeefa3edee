"""The archive as readers meet it: served, searched, heard, printed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from accessible import faults
from web_samples import Program, running, society

from newsletter.archive.folder import write_site
from newsletter.archive.issue import Announced, PastIssue
from newsletter.archive.site import Plan, build_site
from newsletter.compose.brand import Brand
from newsletter.message.frozen import Document, Frozen

URL = "https://news.meridian.example.org/archive"
BRAND = Brand(
    name="Society of Ferns",
    short_name="Ferns",
    legal_name="Society of Ferns",
    postal_address=("1 Moss Lane",),
)
RTL = Brand(
    name="جمعية السراخس",
    short_name="السراخس",
    legal_name="جمعية السراخس",
    postal_address=("شارع",),
    lang="ar",
    dir="rtl",
)


def past(slug: str, title: str, body: str, *about: Announced) -> PastIssue:
    html = (
        f'<html lang="en" dir="ltr"><head><title>{title}</title></head><body><div>'
        f"<h1>{title}</h1><p>{body}</p></div></body></html>"
    )
    line, empty = Frozen((title,)), Frozen(("",))
    return PastIssue(
        slug=slug,
        document=Document(subject=line, preheader=line, html=Frozen((html,)), text=empty),
        sent=datetime(2027, 3, 2, tzinfo=UTC),
        announced=about,
    )


def about(section: str, *tags: str) -> Announced:
    return Announced(slug="only", title="Only", section=section, tags=tags)


ISSUES = (
    past("ferns", "Ferns", "Spores of Équisetum travel far", about("Plants", "dna")),
    past("moss", "Moss", "It is soft", about("Plants")),
    past("news", "Nouvelles", "Rien de neuf", about("News", "dna")),
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = society(tmp_path_factory.mktemp("archived") / "society")
    settings = folder / "newsletter.toml"
    table = f'\n[archive]\nurl = "{URL}"\nfolder = "site"\n'
    settings.write_text(settings.read_text("utf-8") + table, encoding="utf-8")
    for name, brand in (("site", BRAND), ("right-to-left", RTL)):
        write_site(build_site(Plan(url=URL, title=brand.name, brand=brand), ISSUES), folder / name)
    (folder / "site/secret.html").symlink_to(folder / "newsletter.toml")
    with running(folder, "serve", "--port", "0") as program:
        yield program


# --- over HTTP -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html"),
        ("ferns/", "text/html"),
        ("search.html", "text/html"),
        ("section.plants.html", "text/html"),
        ("archive.css", "text/css"),
        ("archive.js", "text/javascript"),
        ("feed.xml", "application/atom+xml"),
    ],
)
def test_a_browser_may_keep_a_page_and_ask_whether_it_changed(
    reader: Program, path: str, kind: str
) -> None:
    first = reader.ask(f"/archive/{path}")
    assert first.status == 200
    assert first.headers["content-type"] == f"{kind}; charset=utf-8"
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]
    mark = first.headers["etag"]
    for known in (mark, f'"other", W/{mark}'):
        again = reader.ask(f"/archive/{path}", headers={"If-None-Match": known})
        assert (again.status, again.body) == (304, "")
    assert reader.ask(f"/archive/{path}", method="HEAD").headers["etag"] == mark


@pytest.mark.parametrize("path", ["/archive", "/archive/ferns"])
def test_a_folder_without_its_slash_leads_to_it(reader: Program, path: str) -> None:
    answer = reader.ask(path)
    assert answer.status == 308
    assert answer.headers["location"] == f"{path.rpartition('/')[2]}/"


@pytest.mark.parametrize(
    "path",
    [
        "../newsletter.toml",
        "%2e%2e/newsletter.toml",
        "..%2fnewsletter.toml",
        "ferns/../../newsletter.toml",
        "/etc/passwd",
        "//etc/passwd",
        "secret.html",
        ".newsletter/ledger.sqlite3",
        "ferns%00.html",
        "ferns\\..\\index.html",
        "nothing/",
        "nothing",
        "ferns//",
        "x" * 5000,
    ],
)
def test_nothing_but_the_archive_is_served(reader: Program, path: str) -> None:
    answer = reader.ask(f"/archive/{path}")
    assert answer.status == 404
    assert "postal_address" not in answer.body
    assert "root:" not in answer.body


def test_a_page_takes_no_form(reader: Program) -> None:
    assert reader.ask("/archive/", method="POST").status == 405


# --- in a browser --------------------------------------------------------------------------------


def shown(page: Any) -> list[str]:
    found: list[str] = page.locator("#results li:visible h2").all_inner_texts()
    return found


@pytest.mark.browser
def test_the_search_finds_words_whatever_their_case_and_accents(reader: Program, page: Any) -> None:
    page.goto(f"{reader.url}archive/")
    page.get_by_role("searchbox").fill("equisetum SPORES")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("1 found", exact=True).wait_for()
    assert shown(page) == ["Ferns"]
    assert page.locator("mark").all_inner_texts() == ["Spores", "Équisetum"]
    page.locator("#q").fill("")
    page.locator("#section").select_option("Plants")
    assert sorted(shown(page)) == ["Ferns", "Moss"]
    page.locator("#tag").select_option("dna")
    assert shown(page) == ["Ferns"]
    assert page.url.endswith("search.html?section=Plants&tag=dna")
    page.locator("#q").fill("nothing of the kind")
    assert page.locator("#found").inner_text().startswith("Nothing found")
    page.goto(f"{reader.url}archive/search.html?q=%3Cimg+src%3Dx%3E&section=None")
    assert shown(page) == []


@pytest.mark.browser
def test_without_a_script_the_search_page_is_the_whole_list(reader: Program, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{reader.url}archive/search.html?q=moss")
    assert len(shown(page)) == 3
    assert not page.locator("#search").is_visible()
    page.locator("aside, .aside").get_by_role("link", name="Plants").click()
    assert sorted(page.locator("article h2").all_inner_texts()) == ["Ferns", "Moss"]
    context.close()


@pytest.mark.browser
def test_the_pages_work_from_a_disk_too(reader: Program, page: Any) -> None:
    page.goto((reader.folder / "site/search.html").as_uri() + "?q=soft")
    assert shown(page) == ["Moss"]
    page.locator("#results a:visible").click()
    assert not page.url.startswith("http")


@pytest.mark.browser
@pytest.mark.parametrize("folder", ["site", "right-to-left"])
def test_axe_finds_nothing_in_the_archive(page: Any, reader: Program, folder: str) -> None:
    found = []
    for path in ("index.html", "ferns/index.html", "section.plants.html", "search.html?q=far"):
        file, _, query = path.partition("?")
        page.goto(f"{(reader.folder / folder / file).as_uri()}?{query}")
        found += faults(page, 375, 1280)
    assert found == []


@pytest.mark.browser
def test_the_first_key_leads_to_the_content(reader: Program, page: Any) -> None:
    page.goto(f"{reader.url}archive/ferns/")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the content"
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    roles = ("banner", "main", "contentinfo")
    assert [page.get_by_role(role).count() for role in roles] == [1, 1, 1]


@pytest.mark.browser
def test_on_paper_there_is_the_text_and_nothing_to_click(reader: Program, page: Any) -> None:
    page.goto(f"{reader.url}archive/")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="Ferns").is_visible()
    assert not page.get_by_role("searchbox").is_visible()
    assert not page.locator(".aside").is_visible()


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://news.meridian.example.org", "is where the public pages are"),
        ("https://news.meridian.example.org/u", "is where the public pages are"),
        ("https://news.meridian.example.org/archive?x=1", "cannot hold ? or #"),
        ("http://news.meridian.example.org/archive", "has to be an https URL"),
    ],
)
def test_an_address_that_cannot_be_is_told(tmp_path: Path, url: str, words: str) -> None:
    from newsletter.errors import InputErrors
    from newsletter.workspace.settings import read_settings

    folder = society(tmp_path / "society")
    settings = folder / "newsletter.toml"
    text = f"{settings.read_text('utf-8')}\n[archive]\nurl = {json.dumps(url)}\n"
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        read_settings(folder)
    assert words in str(caught.value)
