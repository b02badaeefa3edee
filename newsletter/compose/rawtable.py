"""Tables of raw HTML: which of them hold data as a table of Markdown does. Pure."""

from dataclasses import replace

from newsletter.compose.authorstyle import side_of
from newsletter.compose.tree import Kind, Node, is_inline, walk


def understand_table(node: Node) -> Node:
    """Make a table of Markdown's kind of one with a head and plain rows; else keep it."""
    rows = [each for each in walk(node.children) if each.tag == "tr"]
    cells = [[cell for cell in row.children if cell.tag in ("td", "th")] for row in rows]
    has_more = any(each.tag in ("table", "caption") for each in walk(node.children))
    if has_more or not _is_plain(cells):
        return node
    sides = [side_of(cell) for cell in cells[0]]
    made = tuple(_row(row, inside, sides) for row, inside in zip(rows, cells, strict=True))
    return replace(node, kind=Kind.TABLE, tag="", children=made)


def _is_plain(rows: list[list[Node]]) -> bool:
    head, cells = rows[:1], [cell for row in rows for cell in row]
    return (
        len(rows) > 1
        and bool(head[0])
        and all(cell.tag == "th" for cell in head[0])
        and all(len(row) == len(head[0]) for row in rows)
        and not any({"colspan", "rowspan"} & cell.attributes.keys() for cell in cells)
        and all(is_inline(each) for cell in cells for each in cell.children)
    )


def _row(row: Node, cells: list[Node], sides: list[str]) -> Node:
    made = (
        replace(
            cell,
            kind=Kind.CELL,
            tag="",
            is_head=cell.tag == "th",
            align=side_of(cell) or side,
            attributes={},
        )
        for cell, side in zip(cells, sides, strict=True)
    )
    return replace(row, kind=Kind.ROW, tag="", children=tuple(made), attributes={})
