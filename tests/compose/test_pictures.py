import re
from pathlib import Path

import pytest
from compose_samples import (
    BRAND,
    EVERYTHING,
    MEMBER,
    codes_of,
    compiled,
    document_of,
    issue_of,
    png,
    theme,
)
from PIL import Image

from newsletter.announcement.announcement import Image as Hero
from newsletter.compose.compile import compile_issue
from newsletter.compose.compiled import CompiledIssue, documents_from_json, documents_to_json
from newsletter.compose.pictures import ImagePlaces


def test_a_local_picture_gets_a_url_that_changes_with_its_content(workspace: Path) -> None:
    first = compiled(issue_of("![a](hills.png)", folder=workspace), root=workspace).images
    (workspace / "hills.png").write_bytes(png(800, 400))
    second = compiled(issue_of("![a](hills.png)", folder=workspace), root=workspace).images

    assert set(first) != set(second)
    assert all(url.startswith("https://news.example.org/images/hills-") for url in first)


def test_a_missing_picture_is_an_error_finding_at_its_line(workspace: Path) -> None:
    assert codes_of("a\n\n![b](no.png)", folder=workspace) == [("image-missing", 13)]
    found = compiled(issue_of("a", folder=workspace, image=Hero("no.png", "x"))).findings
    assert [each.code for each in found] == ["image-missing"]


def test_another_ending_of_the_name_is_suggested(workspace: Path) -> None:
    found = compiled(issue_of("![b](hills.jpg)", folder=workspace)).findings

    assert found[0].hint == "did you mean 'hills.png'?"


@pytest.mark.parametrize(
    "source", ["../secret.png", "/etc/hostname", "a%00b", "x" * 5000, "%2e%2e/s"]
)
def test_no_file_outside_of_the_workspace_is_read(workspace: Path, source: str) -> None:
    inner = workspace / "inner"
    inner.mkdir()
    (workspace / "secret.png").write_bytes(png(9, 9))
    result = compiled(issue_of(f"![b]({source})", folder=inner), root=inner)

    assert [each.code for each in result.findings] == ["image-missing"]
    assert not result.images


def test_a_file_that_is_no_picture_is_an_error(workspace: Path) -> None:
    (workspace / "drawing.png").write_text("not a picture", encoding="utf-8")

    assert codes_of("![a](drawing.png)", folder=workspace) == [("image-format", 11)]


def test_a_picture_that_stays_heavy_is_a_finding(workspace: Path) -> None:
    noise = Image.effect_noise((1_072, 3_000), 200).convert("RGBA")
    noise.putalpha(128)
    noise.save(workspace / "heavy.png")

    assert codes_of("![a](heavy.png)", folder=workspace) == [("image-heavy", 11)]


def test_a_small_picture_is_not_blown_up(workspace: Path) -> None:
    html = "".join(
        compiled(issue_of("![a](small.png)", folder=workspace)).documents["-"].html.literals
    )

    assert 'width="120"' in html


def test_pictures_of_the_web_are_named_as_they_are() -> None:
    result = compiled(issue_of("![a](https://example.org/a.png)"))

    assert not result.images
    assert 'src="https://example.org/a.png"' in "".join(result.documents["-"].html.literals)


def _embedded(workspace: Path, body: str) -> CompiledIssue:
    return compile_issue(
        issue_of(body, folder=workspace),
        theme=theme(),
        brand=BRAND,
        images=ImagePlaces(
            base_url="https://news.example.org/images", root=workspace, is_embedded=True
        ),
        variants=EVERYTHING,
    )


def test_embedded_pictures_go_with_the_message_each_once(workspace: Path) -> None:
    issue = _embedded(workspace, "![A](hills.png)\n\nText ![B](small.png) and ![A](hills.png).")
    document = issue.documents["-"]
    named = re.findall(r'src="cid:([^"]*)"', document.html.fill(MEMBER))

    assert {each.content_id for each in document.attachments} == set(named)
    assert len(named) == 3
    assert [each.kind for each in document.attachments] == ["image/png", "image/png"]
    assert all(re.fullmatch(r"[a-z0-9-]+\.png@news\.example\.org", each) for each in named)
    assert sum(issue.image_bytes.values()) == sum(len(a.content) for a in document.attachments)
    assert documents_from_json(documents_to_json(issue.documents)) == issue.documents


def test_hosted_pictures_go_with_no_message(workspace: Path) -> None:
    assert document_of("![A](hills.png)", folder=workspace).attachments == ()
