import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from provider_samples import DOCUMENT, ENVELOPE, NAMES, batch, recipient

from newsletter.errors import AccessRefused
from newsletter.message.frozen import Attachment, Frozen
from newsletter.message.state import DeliveryState
from newsletter.providers.outbox import OutboxProvider


def sent(folder: Path, *batches: object) -> Path:
    provider = OutboxProvider(folder)
    for each in batches or (batch(),):
        provider.send(each)
    provider.close()
    return provider.page_of(ENVELOPE).parent


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_sending_twice_is_the_same_as_sending_once(tmp_path: Path) -> None:
    once = files_in(sent(tmp_path / "once"))
    twice = files_in(sent(tmp_path / "twice", batch(), batch()))

    assert once == twice
    assert len([name for name in once if name.endswith(".eml")]) == len(NAMES)


def test_the_page_lists_the_messages_of_an_earlier_run_too(tmp_path: Path) -> None:
    members = [recipient(n, name) for n, name in enumerate(NAMES)]
    at_once = files_in(sent(tmp_path / "a", batch(*members)))
    sent(tmp_path / "b", batch(*members[5:]))
    resumed = files_in(sent(tmp_path / "b", batch(*members[:5])))

    assert resumed == at_once


def test_a_run_that_was_killed_leaves_whole_messages_only(tmp_path: Path) -> None:
    provider = OutboxProvider(tmp_path)
    provider.send(batch(recipient(1)))
    messages = provider.page_of(ENVELOPE).parent / "messages"
    (messages / ".000002.eml.part").write_bytes(b"half a mess")

    page = sent(tmp_path, batch(recipient(3))) / "index.html"

    listed = re.findall(r'href="messages/(\d+)\.eml"', page.read_text("utf-8"))
    assert listed == ["000001", "000003"]


def test_file_names_hold_numbers_and_no_address(tmp_path: Path) -> None:
    folder = sent(tmp_path, batch(recipient(7, "Ada")))

    assert set(files_in(folder)) == {"index.html", "messages/000007.eml", "messages/000007.html"}
    assert folder.name == "2026-03-01-spring-meeting-0123456789abcdef"


def test_each_dispatch_has_a_folder_of_its_own(tmp_path: Path) -> None:
    again = replace(ENVELOPE, dispatch="f" * 16)
    sent(tmp_path, batch(recipient(1)), replace(batch(recipient(1)), envelope=again))

    assert len(list(tmp_path.iterdir())) == 2
    assert all((folder / "index.html").is_file() for folder in tmp_path.iterdir())


def test_a_place_that_cannot_be_written_stops_the_dispatch(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(AccessRefused, match="cannot be written"):
        OutboxProvider(tmp_path / "file").send(batch())


def test_what_was_written_before_it_failed_counts_as_accepted(tmp_path: Path) -> None:
    provider = OutboxProvider(tmp_path)
    (provider.page_of(ENVELOPE).parent / "messages" / "000002.eml").mkdir(parents=True)

    receipt = provider.send(batch(*(recipient(n) for n in range(4))))

    accepted, pending = DeliveryState.ACCEPTED, DeliveryState.PENDING
    assert [each.state for each in receipt.outcomes] == [accepted, accepted, pending, pending]
    assert type(receipt.stopped_by) is AccessRefused


class Page(HTMLParser):
    """What matters of a page: its links, its scripts, its frames."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_link_of_the_pages_leads_to_a_file(tmp_path: Path) -> None:
    folder = sent(tmp_path)

    for path in folder.rglob("*.html"):
        for link in Page(path.read_text("utf-8")).every("a"):
            assert link["href"]
            assert (path.parent / link["href"]).is_file()


def test_no_name_or_subject_becomes_markup_of_the_pages(tmp_path: Path) -> None:
    spite = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    document = replace(DOCUMENT, subject=Frozen((spite,)))
    folder = sent(tmp_path, batch(recipient(1, spite), document=document))

    index = Page((folder / "index.html").read_text("utf-8"))
    message = Page((folder / "messages/000001.html").read_text("utf-8"))

    assert len(index.every("script")) == 1
    assert not index.every("img")
    assert not message.every("script")
    assert not message.every("img")


def test_the_message_stands_in_a_frame_that_runs_nothing(tmp_path: Path) -> None:
    hostile = replace(DOCUMENT, html=Frozen(("<p>Hi</p><script>parent.x = 1</script>",)))
    folder = sent(tmp_path, batch(recipient(1), document=hostile))

    (frame,) = Page((folder / "messages/000001.html").read_text("utf-8")).every("iframe")

    assert frame["srcdoc"] == "<p>Hi</p><script>parent.x = 1</script>"
    assert "allow-scripts" not in str(frame["sandbox"])
    assert "allow-forms" not in str(frame["sandbox"])
    assert frame["title"]


def test_pages_show_the_images_that_are_here_and_messages_name_them_for_readers(
    tmp_path: Path,
) -> None:
    here, there = "https://img.example/i/a-1.png", "https://img.example/i/a-1.png.b"
    other = "https://img.example/i/other.png"
    html = f'<img src="{here}"><img src="{there}"><img src="{other}">'
    provider = OutboxProvider(tmp_path, image_url="https://img.example/i")
    provider.images_folder.mkdir()
    for name in ("a-1.png", "a-1.png.b"):
        (provider.images_folder / name).write_bytes(b"picture")
    provider.send(batch(recipient(1), document=replace(DOCUMENT, html=Frozen((html,)))))
    messages = provider.page_of(ENVELOPE).parent / "messages"

    page = (messages / "000001.html").read_text("utf-8")
    sources = re.findall(r"src=&quot;([^&]*)&quot;", page)
    assert sources == ["../../images/a-1.png", "../../images/a-1.png.b", other]
    assert all((messages / source).resolve().is_file() for source in sources[:2])
    eml = (messages / "000001.eml").read_bytes().replace(b"=\r\n", b"").decode("ascii")
    assert here in eml
    assert "../images" not in eml
    # A frame without an origin may not load files of this machine.
    (frame,) = Page(page).every("iframe")
    assert "allow-same-origin" in str(frame["sandbox"])


def test_pages_show_the_images_within_a_message_and_name_the_files_beside_it(
    tmp_path: Path,
) -> None:
    picture = Attachment(name="oak.png", kind="image/png", content=b"x", content_id="oak.png@e.org")
    file = Attachment(name="meeting.ics", kind="text/calendar", content=b"y")
    html = Frozen(('<img src="cid:oak.png@e.org" alt="">',))
    document = replace(DOCUMENT, html=html, attachments=(picture, file))
    folder = sent(tmp_path, batch(recipient(1), document=document))

    page = (folder / "messages/000001.html").read_text("utf-8")
    assert "../../images/oak.png" in page
    assert "<dt>Attached</dt><dd>meeting.ics</dd>" in page
    assert b"Content-ID: <oak.png@e.org>" in (folder / "messages/000001.eml").read_bytes()
