"""The symbols of genes that a workspace keeps in a file, one a line."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from newsletter.check.policy import Policy
from newsletter.tables import Problems


def with_glossary(
    policy: Policy, root: Path, tables: Mapping[str, object], problems: Problems
) -> Policy:
    """Read the file that `gene_symbols` of [checks] names, where it is no list.

    What stands behind a `#` is a remark. What is wrong with the file is added to `problems`.
    """
    table = tables.get("checks")
    name = table.get("gene_symbols") if isinstance(table, Mapping) else None
    if not isinstance(name, str):
        return policy
    try:
        lines = (root / name).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        problems.add(
            f"checks.gene_symbols: the file {name!r} cannot be read",
            'write its name beside newsletter.toml, or a list such as ["BRCA1", "TP53"]',
            table="checks",
            key="gene_symbols",
        )
        return replace(policy, gene_symbols=())
    symbols = (line.partition("#")[0].strip() for line in lines)
    return replace(policy, gene_symbols=tuple(symbol for symbol in symbols if symbol))
