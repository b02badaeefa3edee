"""Long newsletters in the manners of four programs: made of parts, with pictures beside them."""

from collections.abc import Iterator
from itertools import cycle, islice

_PEOPLE = ("Ann Ode", "Ravi Patel", "Marta Kovač", "Inês Marques", "Tunde Okafor", "李娜")
_THEMES = (
    ("Estuaries and their genes", "who swims where, and why the salt decides it"),
    ("Seed banks under pressure", "what three winters without frost did to germination"),
    ("A shared sequencer", "how four hospitals keep one machine busy by night"),
    ("Teaching heredity", "games, peas and what fifteen-year-olds ask first"),
    ("Old herbaria, new reads", "DNA from sheets that were pressed in 1874"),
    ("Ethics of relatives", "when one test speaks about a whole family"),
)
_SENTENCES = (
    "The committee met twice and agreed on the wording that the members asked for in spring.",
    "Abstracts are short, two hundred words, and the form takes a quarter of an hour.",
    "Travel awards cover the train, the hostel and the dinner, but not the parking fine.",
    "We thank the volunteers who labelled four thousand tubes on a Saturday in the rain.",
    "Slides and recordings stay with the speakers, who decide what is shown afterwards.",
)


def _prose(count: int, start: int) -> str:
    return " ".join(islice(cycle(_SENTENCES), start, start + count))


def jekyll(parts: int = 16) -> str:
    """Write as for GitHub Pages: kramdown, attribute lists, an own list of contents."""
    body = "".join(_kramdown(number) for number in range(parts))
    return (
        "---\nlayout: post\ntitle: 'News from the river: March'\ndate: 2027-03-01 09:00:00 +0100\n"
        "categories: [newsletter]\ntags: [news, members]\nauthor: Ann Ode\ncomments: false\n"
        "excerpt: What happened on the water, and what is due before Easter.\n---\n"
        f"* TOC\n{{:toc}}\n\nDear members,\n\n{_prose(3, 0)}\n<!--more-->\n\n{body}"
        "[Back to the first part](#estuaries-and-their-genes)\n{: .text-center}\n"
    )


def _kramdown(number: int) -> str:
    title, about = _THEMES[number % len(_THEMES)]
    who = _PEOPLE[number % len(_PEOPLE)]
    return (
        f'## {title}\n{{: .section}}\n\n![{title}: a drawing](images/hills.png){{: width="400" '
        f".float-right}}\n\n**{who}** writes about {about}. {_prose(5, number)}\n\n"
        f"### What to do\n\n1. Read the [call](https://example.org/calls/{number}).\n"
        f"2. Ask [{who}](mailto:office@example.org)[^{number}].\n\n"
        f"> {_prose(2, number + 1)}\n{{: .pull}}\n\n| When | Where | Seats |\n|:--|:--|--:|\n"
        f"| 4 March 2027, 17:00 CET | online | {number + 20} |\n{{: .table .table-striped}}\n\n"
        f"[^{number}]: {_prose(1, number)}\n\n"
    )


def hugo(parts: int = 20) -> str:
    """Write as for Hugo: heading ids, definition lists, emoji codes, raw figures."""
    body = "".join(_goldmark(number) for number in range(parts))
    links = "".join(f"- [Part {number}](#part-{number})\n" for number in range(parts))
    return (
        '---\ntitle: "Members\' letter 3/2027"\ndate: 2027-03-01T08:00:00Z\ndraft: false\n'
        'authors: ["Marta Kovač", "Ravi Patel"]\ndescription: "Four rivers, two grants, one map."\n'
        f"images: [cover.jpg]\ntoc: true\nweight: 3\n---\n\n{links}\n{body}"
    )


def _goldmark(number: int) -> str:
    title, about = _THEMES[number % len(_THEMES)]
    return (
        f'## {title} {{#part-{number}}}\n\n<figure>\n  <img src="images/hills.png" alt="{title}">'
        f"\n  <figcaption>Photo: <em>{_PEOPLE[number % 6]}</em></figcaption>\n</figure>\n\n"
        f":wave: {_prose(6, number)}\n\nTheme\n: {about}\n\n"
        f"Source\n: doi:10.1038/s41586-020-2649-{number}"
        f"\n\n- [x] call written\n- [ ] call answered by *you*\n\n"
        f"{_prose(4, number + 2)}\n\n---\n\n"
    )


def buttondown(parts: int = 24) -> str:
    """Write as in Buttondown: short parts, rules between them, bare links, a sign-off."""
    body = "".join(_bare(number) for number in range(parts))
    return (
        "---\nsubject: 'The fortnightly: peas, seeds and one machine'\nstatus: about_to_send\n"
        f"email_type: public\nslug: fortnightly-12\n---\n\n"
        f'Hello {{{{ first_name or "friend" }}}},\n\n'
        f"{_prose(2, 1)}\n\n{body}As ever,\\\n*Inês*\n"
    )


def _bare(number: int) -> str:
    title, about = _THEMES[number % len(_THEMES)]
    return (
        f"## {number + 1}. {title}\n\n{_prose(7, number)}\n\n"
        f'![{title}](images/small.png "{about}")\n\n* https://example.org/read/{number}\n'
        f"* ~~Closed~~ **open** until 4 March 2027\n* `ATG` begins a gene\n\n***\n\n"
    )


def by_hand(parts: int = 12) -> str:
    """Write as a volunteer who knows some HTML: tables, centred pictures, anchors, folds."""
    body = "".join(_html(number) for number in range(parts))
    return (
        '# The Sandpiper, spring number\n\n<p align="center">\n  <img src="images/hills.png" '
        'alt="Hills at dusk" width="400" style="border:0">\n</p>\n\n<center><b>A paper of the '
        f"society, since 1951</b></center>\n\n[[toc]]\n\n<!-- begin -->\n\n{body}"
        '<div align="center"><a href="#top-0">To the first part</a></div>\n'
    )


def _html(number: int) -> str:
    title, about = _THEMES[number % len(_THEMES)]
    return (
        f'<a name="top-{number}"></a>\n## {title}\n\n<table width="700" cellpadding="6"><tr>\n'
        f'<td width="50%"><img src="images/small.png" alt="{title}" width="300"></td>\n'
        f'<td valign="top"><font color="#aa3333">{about}</font><br>{_prose(2, number)}</td>\n'
        f"</tr></table>\n\n{_prose(6, number)} H<sub>2</sub>O at 10<sup>3</sup> l/s.\n\n"
        f"<details>\n<summary>Minutes</summary>\n\n"
        f"- {_SENTENCES[number % 5]}\n- {_SENTENCES[0]}\n\n"
        f'</details>\n\n<div class="box" markdown="1">\n**Due soon:** {_SENTENCES[1]}\n</div>\n\n'
    )


def all_of_them() -> Iterator[tuple[str, str]]:
    """Give each manner with its text."""
    for make in (jekyll, hugo, buttondown, by_hand):
        yield make.__name__, make()
