"""What all tables of the ledger belong to, and the version of their form."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Column, MetaData, String, Table, Text

metadata = MetaData()

VERSION = 5
"""Rises with every change of the tables; kept in `meta`."""


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """Write the condition that `column` is one of `values`, in SQL."""
    quoted = ", ".join(f"'{value.value}'" for value in values)
    return f"{column} IN ({quoted})"


meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
