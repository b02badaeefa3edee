"""What the program of a web site left in a text is told with its line and what to write instead."""

import pytest

from newsletter.errors import Location
from newsletter.issue.slots import find_slots


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("{{ site.baseurl }}", "https://"),
        ('{{ "/a.png" | relative_url }}', "https://"),
        ("{{ page.title | upcase }}", "https://"),
        ("{% raw %}", "delete it"),
        ("{%- include card.html -%}", "put the text of that file here"),
        ("{% post_url 2027-01-01-x %}", "https://"),
        ("{% if members %}", "::: only"),
        ("{{< youtube abc123 >}}", "https://www.youtube.com/watch?v=abc123"),
        ('{{< figure src="/a.png" >}}', "![what it shows]"),
        ("{{% ref x.md %}}", "https://"),
        ("{{< /details >}}", "in Markdown"),
    ],
)
def test_each_has_its_line_and_its_hint(written: str, hint: str) -> None:
    found = find_slots(
        f"text\n\n{written} more", lambda line, column: Location("a.md", line, column)
    )

    assert [problem.at for problem in found.problems] == [Location("a.md", 3, 1)]
    assert hint in found.problems[0].hint
