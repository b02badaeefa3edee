"""Which parts of a text are code: the same as Markdown says."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsletter.issue.literal import find_literals

PIECES = st.sampled_from(
    ["`", "``", "\\", "\n", "\n\n", "\n~~~\n", "\n```\n", "\n````", "x", "x y"]
)


def code_of(markdown: str) -> str:
    """Give all the code that a Markdown parser finds."""
    found = []
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "fence":
            found.append(f"{token.info} {token.content}")
        found += [each.content for each in token.children or [] if each.type == "code_inline"]
    return " ".join(found)


@given(st.lists(PIECES, max_size=14))
def test_code_is_where_a_markdown_parser_finds_it(pieces: list[str]) -> None:
    markdown = ""
    for piece in pieces:  # every letter is another one, so that it can be told apart
        markdown += "".join(
            chr(0x4E00 + len(markdown)) if letter in "xy" else letter for letter in piece
        )
    literals = find_literals(markdown)
    letters = [(index, each) for index, each in enumerate(markdown) if each >= "\u4e00"]
    code = code_of(markdown)
    assert [each for index, each in letters if index in literals] == [
        each for _, each in letters if each in code
    ]
