from pathlib import Path

import pytest

from newsletter.audience.chunk import read_members
from newsletter.audience.listfile import inspect
from newsletter.audience.member import Member
from newsletter.errors import InputErrors


def members_of(tmp_path: Path, content: bytes) -> list[Member]:
    path = tmp_path / "members.csv"
    path.write_bytes(content)
    return list(read_members(inspect(path)))


@pytest.mark.parametrize(
    "content",
    [
        "email,first name\nzoë@example.org,Zoë\n".replace("zoë@", "zoe@").encode("utf-8"),
        b"\xef\xbb\xbf" + "email,first name\nzoe@example.org,Zoë\n".encode(),
        "email,first name\nzoe@example.org,Zoë\n".encode("utf-16"),
        "email,first name\nzoe@example.org,Zoë\n".encode("cp1252"),
        "email;first name\r\nzoe@example.org;Zoë\r\n".encode(),
        "E-Mail\tFirst Name\nzoe@example.org\tZoë\n".encode(),
        '"Email","First Name"\n"zoe@example.org","Zoë"\n'.encode(),
        "email,first name\n\nzoe@example.org,Zoë".encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "windows-1252", "semicolons", "tabs", "quoted", "blank-lines"],
)
def test_a_list_reads_the_same_however_it_was_exported(tmp_path: Path, content: bytes) -> None:
    (member,) = members_of(tmp_path, content)
    assert member.address is not None
    assert member.address.wire == "zoe@example.org"
    assert member.attributes["first_name"] == "Zoë"


def test_a_malformed_address_is_kept_with_its_line_and_fault(tmp_path: Path) -> None:
    good, bad = members_of(tmp_path, b"email,name\na@example.org,A\nnot-an-address,B\n")
    assert good.fault == ""
    assert (bad.line, bad.address) == (3, None)
    assert "not-an-address" in bad.fault


def test_a_row_with_shifted_columns_is_not_mailed(tmp_path: Path) -> None:
    (member,) = members_of(tmp_path, b"email,country,name\na@example.org,A\n")
    assert member.address is None
    assert "2 fields where the heading has 3" in member.fault


def test_a_line_break_in_a_name_becomes_a_space(tmp_path: Path) -> None:
    (member,) = members_of(
        tmp_path, b'email,first_name\na@example.org,"Eve\r\nBcc: everybody@example.org"\n'
    )
    assert member.name == "Eve Bcc: everybody@example.org"


def test_invisible_characters_around_an_address_are_removed(tmp_path: Path) -> None:
    content = "email\n\u200b\ufeffa@example.org\u00a0\n".encode()
    (member,) = members_of(tmp_path, content)
    assert member.address is not None


def test_a_row_that_spans_lines_is_named_by_its_first_line(tmp_path: Path) -> None:
    rows = members_of(tmp_path, b'email,note\na@example.org,"x\ny"\nb@example.org,z\n')
    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"name,city\nA,B\n", "no column holds the addresses"),
        (b"email,email\na,b\n", "more than once"),
        (b"email,,name\na,b,c\n", "has no name"),
        (b"PK\x03\x04\x00\x00\x00\x00", "Excel file is damaged"),
        (b"a\x00\x00\x00\x00", "not a text file"),
        (b"%PDF-1.7 \xff", "this is a PDF"),
        (b"<html><table><tr><td>email</td></tr></table>", "a web page"),
        (b"ann@example.org,Ann\nbob@example.org,Bob\n", "looks like a member"),
    ],
)
def test_a_file_that_is_no_list_says_why(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(InputErrors, match=problem):
        members_of(tmp_path, content)


def test_a_missing_file_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        inspect(tmp_path / "none.csv")
    assert "newsletter.toml" in caught.value.errors[0].hint
