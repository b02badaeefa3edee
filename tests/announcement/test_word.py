import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image

from newsletter.announcement.announcement import Announcement, Byline
from newsletter.announcement.parse import read
from newsletter.announcement.wordmarkup import to_markdown
from newsletter.errors import InputErrors

Make = Callable[[Word], Announcement]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    def save(document: Word) -> Announcement:
        path = tmp_path / "spring-grants.docx"
        document.save(str(path))
        return read(str(path))

    return save


def table(document: Word, *rows: tuple[str, ...]) -> None:
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def test_keys_come_from_a_table_on_top(made: Make) -> None:
    document = Document()
    table(document, ("Title", "Grants: spring"), ("Posted By", "Jane Doe, Director"))
    document.add_paragraph("Dear all.")
    announcement = made(document)

    assert announcement.title == "Grants: spring"
    assert announcement.byline == Byline("Jane Doe", "Director")
    assert announcement.body.strip() == "Dear all."
    assert announcement.slug == "spring-grants"


def test_keys_come_from_lines_on_top(made: Make) -> None:
    document = Document()
    for line in ("Title: Grants", "Section: Policy", "Note: this is text", "More."):
        document.add_paragraph(line)
    announcement = made(document)

    assert (announcement.title, announcement.section) == ("Grants", "Policy")
    assert "Note: this is text" in announcement.body


def test_the_title_style_is_the_headline(made: Make) -> None:
    document = Document()
    document.add_heading("Grants are open", 0)
    document.add_paragraph("Dear all.")

    assert made(document).title == "Grants are open"


def test_a_table_that_is_no_header_stays_in_the_text(made: Make) -> None:
    document = Document()
    table(document, ("Award", "Amount"), ("Travel", "$1,500"))
    document.add_paragraph("Dear all.")

    assert "| Award | Amount |\n| --- | --- |\n| Travel | $1,500 |" in made(document).body


def test_letters_keep_their_form(made: Make) -> None:
    document = Document()
    paragraph = document.add_paragraph("The gene ")
    paragraph.add_run("BRCA1").italic = True
    paragraph.add_run(" needs H")
    paragraph.add_run("2").font.subscript = True
    paragraph.add_run("O at 10")
    paragraph.add_run("\u22123").font.superscript = True
    paragraph.add_run(" and this is ").bold = False
    paragraph.add_run("bold ").bold = True
    paragraph.add_run("text.")

    assert made(document).body.strip() == (
        "The gene *BRCA1* needs H<sub>2</sub>O at 10<sup>\u22123</sup> and this is **bold** text."
    )


def test_headings_lists_and_quotes_come_through(made: Make) -> None:
    document = Document()
    document.add_heading("What changes", 2)
    for style in ("List Bullet", "List Bullet", "List Number", "List Number"):
        document.add_paragraph("One thing", style=style)
    document.add_paragraph("Wise words.", style="Quote")

    assert made(document).body.strip() == (
        "## What changes\n\n- One thing\n- One thing\n\n1. One thing\n2. One thing\n\n> Wise words."
    )


def test_pictures_come_along(made: Make) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(picture, "PNG")
    document = Document()
    document.add_paragraph("Look:")
    document.add_picture(io.BytesIO(picture.getvalue()))
    announcement = made(document)

    assert "![](image-1.png)" in announcement.body
    assert announcement.images == {"image-1.png": picture.getvalue()}


def test_slots_work_and_other_marks_stay_text(made: Make) -> None:
    document = Document()
    document.add_paragraph("Dear {{ first_name or 'colleague' }}, 2 * 3 * 4 and [x](y) <b>.")
    document.add_paragraph("# not a heading")
    document.add_paragraph("1. not a list")
    body = made(document).body

    assert "{{ first_name or 'colleague' }}" in body
    html = MarkdownIt().render(body)
    assert "2 * 3 * 4 and [x](y) &lt;b&gt;." in html
    assert "<h1>" not in html
    assert "<ol>" not in html


INSERTED = "<w:ins {0}><w:r><w:t>new</w:t></w:r></w:ins>"
DELETED = "<w:del {0}><w:r><w:delText>old</w:delText></w:r></w:del>"
EQUATION = (
    '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r/></m:oMath>'
)
OLE = '<w:object {0}><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/></w:object>'


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        (INSERTED, "word-tracked-changes"),
        (DELETED, "word-tracked-changes"),
        (EQUATION, "word-equation"),
        (f"<w:r {{0}}>{OLE}</w:r>", "word-object"),
        ("<w:r {0}><w:txbxContent><w:p/></w:txbxContent></w:r>", "word-text-box"),
        ("<w:r {0}><w:commentReference w:id='1'/></w:r>", "word-comments"),
    ],
)
def test_what_is_left_behind_is_a_finding(made: Make, markup: str, code: str) -> None:
    document = Document()
    paragraph = document.add_paragraph("Dear all.")
    paragraph._p.append(parse_xml(markup.replace("{0}", nsdecls("w"))))  # noqa: SLF001 - python-docx has no other way to make such a document

    assert code in [finding.code for finding in made(document).findings]


def test_the_words_in_the_margins_are_a_finding(made: Make) -> None:
    document = Document()
    document.add_paragraph("Dear all.")
    document.sections[0].footer.paragraphs[0].text = "Confidential"

    assert [f.code for f in made(document).findings if f.code.startswith("word")] == [
        "word-margins"
    ]


def test_joined_cells_are_a_finding(made: Make) -> None:
    document = Document()
    document.add_paragraph("Dear all.")
    joined = document.add_table(rows=2, cols=2)
    joined.rows[0].cells[0].merge(joined.rows[0].cells[1])

    assert "word-table-spans" in [finding.code for finding in made(document).findings]


def test_footnotes_become_footnotes() -> None:
    html = (
        '<p>Fact.<sup><a href="#footnote-1" id="footnote-ref-1">[1]</a></sup></p>'
        '<ol><li id="footnote-1"><p>Source. <a href="#footnote-ref-1">↑</a></p></li></ol>'
    )
    markdown, _findings = to_markdown(html, "a.docx")

    assert markdown.strip() == "Fact.[^1]\n\n[^1]: Source."


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip at all"])
def test_a_file_that_is_no_word_document_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.docx"
    path.write_bytes(content)

    with pytest.raises(InputErrors, match="not a Word document"):
        read(str(path))


def test_another_kind_of_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")

    with pytest.raises(InputErrors, match="not a Word document"):
        read(str(path))


def test_a_missing_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match="cannot be read"):
        read(str(tmp_path / "none.docx"))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_paragraph_reads_as_it_was_written(text: str) -> None:
    import html as escaping

    words = " ".join(text.split())
    markdown, _findings = to_markdown(f"<p>x {escaping.escape(words)}</p>", "a.docx")
    if "{{" in words or ":" in words:
        return  # slots and keys are not text
    tokens = MarkdownIt().enable(["table", "strikethrough"]).parse(markdown)
    inline = next(token for token in tokens if token.type == "inline")
    found = "".join(child.content for child in inline.children or [])
    assert found == f"x {words}".strip()


def test_a_document_whose_entities_grow_without_end_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "laughs.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY e0 "ha">{entities}]><d>&e9;</d>',
        )

    with pytest.raises(InputErrors, match="not a Word document"):
        read(str(path))
