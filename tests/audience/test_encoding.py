from pathlib import Path

import pytest

from newsletter.audience.encoding import guess_encoding


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Zoë"),
        ("cp1252", "Björn Sjöberg, François, Müller, Ærø"),
        ("cp1252", "D\N{RIGHT SINGLE QUOTATION MARK}Arcy \N{EN DASH} José"),
        ("cp1252", "ÅSA MÜLLER"),
        ("mac_roman", "José, Müller, Ångström"),
        ("cp850", "José, Müller, Björn"),
        ("cp1250", "Łukasz Wałęsa, Żółć, Gdańsk"),
        ("cp1251", "Мария Иванова"),
        ("utf-16-le", "email,name\nann@example.org,Ann"),
    ],
)
def test_an_encoding_is_known_by_the_look_of_the_words(
    tmp_path: Path, encoding: str, text: str
) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(text.encode(encoding))
    assert guess_encoding(path) == encoding


def test_a_long_run_of_letters_takes_no_long_time(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(b"x" * 3_000_000 + b"\xe9")
    assert guess_encoding(path) == "cp1252"
