import json
import re
from pathlib import Path
from urllib.parse import unquote

from program import Newsletter

from newsletter.cli.exits import Exit

FILE = "announcements/travel-awards.md"
BASE_URL = "https://news.meridian.example.org/images"


def names_in(text: str) -> set[str]:
    return set(re.findall(rf"{re.escape(BASE_URL)}/([\w.-]+)", text))


def sent(newsletter: Newsletter) -> None:
    number = json.loads(newsletter("send", FILE, "--json").stdout)["recipients"]
    assert newsletter("send", FILE, "--for-real", "--yes-to", str(number)).exit_code == Exit.DONE


def test_the_pages_of_the_outbox_show_the_images_that_are_not_uploaded_yet(
    newsletter: Newsletter, workspace: Path
) -> None:
    sent(newsletter)
    pages = sorted(workspace.glob("outbox/*/messages/*.html"))
    assert pages
    for page in pages:
        frame = re.search(r'srcdoc="([^"]*)"', page.read_text("utf-8"))
        assert frame
        sources = re.findall(r"src=&quot;([^&]*)&quot;", frame[1])
        assert sources
        for source in sources:
            assert (page.parent / unquote(source)).resolve().is_file(), source
        assert not names_in(frame[1])


def test_the_messages_themselves_name_the_images_as_readers_reach_them(
    newsletter: Newsletter, workspace: Path
) -> None:
    sent(newsletter)
    carried = {path.name for path in (workspace / "outbox/images").iterdir()}
    for message in workspace.glob("outbox/*/messages/*.eml"):
        text = message.read_bytes().replace(b"=\r\n", b"").decode("ascii")
        assert names_in(text) == carried
        assert "../images" not in text


def test_a_proof_in_the_outbox_shows_the_images_too(
    newsletter: Newsletter, workspace: Path
) -> None:
    assert newsletter("proof", FILE, "--to", "me@example.org").exit_code == Exit.DONE
    (page,) = workspace.glob("outbox/*/messages/*.html")
    (image,) = (workspace / "outbox/images").iterdir()
    assert f"../../images/{image.name}" in page.read_text("utf-8")


def test_the_images_are_written_under_the_names_that_the_email_uses(
    newsletter: Newsletter, workspace: Path
) -> None:
    done = newsletter("images", FILE, "--out", "to-upload")
    assert done.exit_code == Exit.DONE
    written = {path.name: path.read_bytes() for path in (workspace / "to-upload").iterdir()}
    assert done.stdout.split() == [f"to-upload/{name}" for name in written]
    assert f"1 image, to be reachable under {BASE_URL}" in done.stderr
    made = {path.read_bytes() for path in (workspace / ".newsletter/images").iterdir()}
    assert set(written.values()) <= made
    sent(newsletter)
    page = next(workspace.glob("outbox/*/messages/*.eml"))
    assert names_in(page.read_bytes().replace(b"=\r\n", b"").decode("ascii")) == set(written)


def test_images_of_every_segment_only_block_are_written(
    newsletter: Newsletter, workspace: Path
) -> None:
    picture = next((workspace / "announcements/images").iterdir())
    for number in range(2):
        content = picture.read_bytes() + bytes([number])
        (workspace / f"block{number}{picture.suffix}").write_bytes(content)
    (workspace / "blocks.md").write_text(
        "---\ntitle: Two blocks\n---\n"
        f"::: only students\n![one](block0{picture.suffix})\n:::\n\n"
        f"::: only researchers\n![two](block1{picture.suffix})\n:::\n"
    )
    assert newsletter("images", "blocks.md", "--out", "out").exit_code == Exit.DONE
    assert len(list((workspace / "out").iterdir())) == 2


def test_an_announcement_without_images_writes_none(
    newsletter: Newsletter, workspace: Path
) -> None:
    (workspace / "plain.md").write_text("---\ntitle: Only words\n---\nHello.\n")
    done = newsletter("images", "plain.md", "--out", "out")
    assert done.exit_code == Exit.DONE
    assert done.stdout == ""
    assert "0 images" in done.stderr


def test_a_folder_that_cannot_be_made_is_said(newsletter: Newsletter, workspace: Path) -> None:
    (workspace / "file").write_text("in the way")
    refused = newsletter("images", FILE, "--out", "file/below")
    assert refused.exit_code == Exit.REFUSED
    assert "cannot be copied to file/below" in refused.stderr


def test_a_real_provider_is_told_how_many_images_readers_have_to_reach(
    newsletter: Newsletter,
) -> None:
    shown = newsletter("send", FILE, "--provider", "smtp")
    assert f"1 image must be reachable under {BASE_URL} before this is sent" in shown.stderr
    assert f"newsletter images {FILE} --out DIR" in shown.stderr
    assert shown.exit_code == Exit.DONE


def test_the_outbox_asks_for_no_upload(newsletter: Newsletter) -> None:
    assert "images-to-upload" not in newsletter("send", FILE).stderr
