"""A list beside the one in force, on both databases."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect as look_at
from sqlalchemy import select

from newsletter.audience.consent import Circumstance, Person
from newsletter.audience.heading import Wanted
from newsletter.errors import InputErrors
from newsletter.ledger.consent import choose_topics, leave, pause
from newsletter.ledger.database import Ledger
from newsletter.ledger.forgetting import forget
from newsletter.ledger.incoming import Incoming, examine
from newsletter.ledger.loading import json_rows
from newsletter.ledger.members import bring_in, known_list, stamp_of, steady_chunks
from newsletter.ledger.people import members
from newsletter.ledger.writeback import standings

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HOW = Circumstance(source="page", at=NOW)
LIST = "member_id,email,city\n1,ann@example.org,Oslo\n2,bob@example.org,Rome\n3,cyd@example.org,\n"


def seen(ledger: Ledger, folder: Path, text: str) -> Incoming:
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8")
    return examine(ledger, path, NOW, wanted=Wanted())


def test_what_would_change_is_counted_and_nothing_changes(
    listed: Callable[[str], Ledger], tmp_path: Path
) -> None:
    ledger = listed(LIST)
    text = LIST.replace("Rome", "Roma").replace("3,cyd", "4,dot") + "1,ann@example.org,Paris\n"
    changes = seen(ledger, tmp_path, text).changes
    assert (changes.added, changes.gone, changes.changed) == (1, 1, 1)
    assert changes.columns == {"city": 1}
    again = seen(ledger, tmp_path, LIST).changes
    assert (again.added, again.gone, again.changed) == (0, 0, 0)
    known = known_list(ledger)
    assert known is not None
    assert known.path.endswith("members.csv")
    with ledger.read() as connection:
        assert "incoming" not in look_at(connection).get_table_names()
        assert list(connection.scalars(select(members.c.member_id))) == ["1", "2", "3"]


def test_what_members_said_is_written_back_with_their_ids(
    listed: Callable[[str], Ledger],
) -> None:
    ledger = listed(LIST)
    leave(ledger, Person("ann@example.org"), HOW)
    choose_topics(ledger, Person("bob@example.org", "2"), known=("jobs",), wanted=(), how=HOW)
    pause(ledger, Person("bob@example.org", "2"), dt.date(2027, 2, 1), HOW)
    forget(ledger, "cyd@example.org", HOW)
    listed(LIST + "\n")
    found = [(each.member_id, each.email, each.status, each.detail) for each in standings(ledger)]
    assert found == [
        ("1", "ann@example.org", "unsubscribed", ""),
        ("2", "bob@example.org", "opted out of topic", "jobs"),
        ("2", "bob@example.org", "paused", "2027-02-01"),
        ("", "", "forgotten", "line 4 of the list"),
    ]


def test_a_long_list_has_its_indexes_again(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"{n},member{n}@example.org\n" for n in range(25_000))
    path.write_text(f"member_id,email\n{rows}", encoding="utf-8")
    assert bring_in(ledger, path, NOW).usable == 25_000
    with ledger.read() as connection:
        names = {index["name"] for index in look_at(connection).get_indexes("members")}
    assert names >= {"members_by_address", "members_by_id"}


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    from newsletter.audience.listfile import inspect

    path = tmp_path / "members.csv"
    path.write_text(LIST, encoding="utf-8")
    chunks = steady_chunks(inspect(path), stamp_of(path, Wanted()), Wanted())
    next(chunks)
    path.write_text(LIST[:40], encoding="utf-8")
    with pytest.raises(InputErrors, match="changed while it was read"):
        next(chunks)


@given(st.lists(st.text(), min_size=1, max_size=4, unique=True), st.data())
def test_attributes_are_written_as_json_writes_them(names: list[str], data: st.DataObject) -> None:
    row = data.draw(st.lists(st.text(), min_size=len(names), max_size=len(names)))
    written = list(json_rows(names, [[value] for value in row]))
    assert written == [json.dumps(dict(zip(names, row, strict=True)))]
