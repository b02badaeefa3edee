"""`preview --out`: the same pages as files, which open without a server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from web_samples import MEETING, change, society

from newsletter.cli.main import cli
from newsletter.web.looks import Look

Preview = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = society(tmp_path / "society")
    monkeypatch.chdir(folder)
    for name in ("NEWSLETTER_LEDGER", "NEWSLETTER_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return folder


def write(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["preview", *arguments], catch_exceptions=False)


@pytest.mark.browser
def test_the_pages_open_from_the_disk_with_pictures_variants_and_colours(
    page: Any, workspace: Path
) -> None:
    out = workspace / "a folder" / "preview of März"
    assert write(MEETING, "--out", str(out)).exit_code == 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((out / "index.html").as_uri())
    phone = page.frame_locator(".desktop iframe:not(.coming)")
    phone.locator("h1").wait_for()
    assert phone.locator("img").first.evaluate("each => each.naturalWidth") > 0
    colour = "body => getComputedStyle(body).backgroundColor"
    assert phone.locator("body").evaluate(colour) == "rgb(238, 240, 242)"
    page.get_by_label("Dark", exact=True).check()
    page.wait_for_function("() => !document.querySelector('.coming')")
    assert phone.locator("body").evaluate(colour) == "rgb(15, 19, 23)"
    page.locator("nav.variants a").last.click()
    phone.get_by_text("Help with the cost of coming").wait_for()
    assert [url for url in asked if not url.startswith("file:")] == []


def test_the_files_hold_what_the_server_would_show(workspace: Path) -> None:
    out = workspace / "out"
    written = write(MEETING, "--out", str(out))
    assert str(out / "index.html") in written.stderr
    assert {path.name for path in out.iterdir()} == {
        *("index.html", "desk.css", "preview.css", "preview.js"),
        *("variant-0.html", "message-0.txt", "variant-1.html", "message-1.txt"),
        *(f"message-{variant}.{look}.html" for variant in "01" for look in Look),
    }
    assert "Help with the cost" not in (out / "message-0.txt").read_text(encoding="utf-8")
    assert "Help with the cost" in (out / "message-1.txt").read_text(encoding="utf-8")
    index = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="/' not in index
    assert 'src="/' not in index
    # What the server says in headers stands in the file.
    assert "default-src 'none'" in (out / "message-0.light.html").read_text(encoding="utf-8")


def test_writing_again_brings_the_files_up_to_date(workspace: Path) -> None:
    write(MEETING, "--out", "out")
    change(workspace / MEETING, "home to Baltimore", "home to Lisbon")
    assert write(MEETING, "--out", "out").exit_code == 0
    assert "Lisbon" in (workspace / "out/message-0.light.html").read_text(encoding="utf-8")


def test_an_announcement_that_cannot_be_composed_writes_nothing(workspace: Path) -> None:
    change(workspace / MEETING, "home to Baltimore", "home to {{ town }}")
    refused = write(MEETING, "--out", "out")
    assert refused.exit_code == 3
    assert f"{MEETING}:19" in refused.stderr
    assert not (workspace / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused_in_words(workspace: Path) -> None:
    (workspace / "taken").write_text("a file")
    for out in ("taken", "taken/below", "/proc/newsletter-preview"):
        refused = write(MEETING, "--out", out)
        assert refused.exit_code != 0
        assert "Traceback" not in refused.output
    through = write(MEETING, "--out", "taken/below")
    assert "taken/below cannot be written" in through.stderr
    assert "choose another folder" in through.stderr
    assert (workspace / "taken").read_text() == "a file"


def test_a_list_without_anybody_is_written_too(workspace: Path) -> None:
    with (workspace / "recipients/segments.toml").open("a") as file:
        file.write("\n[nowhere]\nrule = \"country = 'XX'\"\n")
    assert write(MEETING, "--segment", "nowhere", "--out", "out").exit_code == 0
    assert "Nobody gets this" in (workspace / "out/index.html").read_text(encoding="utf-8")
