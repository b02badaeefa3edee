"""One word for one thing: what the docs, the pages and the code call things by.

Staff who read "campaign" here and "dispatch" there have to guess whether they are the same.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

INSTEAD = {
    "announcement": r"articles?|posts?|stor(?:y|ies)|bulletins?",
    "issue": r"mailings?|mailouts?|mailshots?|editions?",
    "dispatch": r"campaigns?|blasts?|broadcasts?|send-?outs?",
    "member": r"subscribers?|contacts?|customers?|leads?",
    "the list, the member list": (
        r"mailing lists?|contact lists?|distribution lists?|address books?|subscriber lists?"
    ),
    "suppression": r"black-?lists?|block-?lists?|do-not-(?:mail|send) lists?",
    "provider": r"ESPs?|email service providers?|mailers?|gateways?",
    "slot": r"placeholders?|merge (?:tags?|fields?|codes?)|personali[sz]ation tags?",
    "finding": r"lints?|diagnostics?",
    "email": r"e-mails?|newsletters",
    "ledger": r"journals?|send logs?",
}
"""The word to use, and what it is not to be called."""

ALLOWED = {
    "broadcast": "Postmark's name of the stream for mail to many",
    "journal": "a society's scientific journal, in sample texts; SQLite's pragma",
    "posts": "to post a comment or a form",
    "post": "HTTP's POST; `Posted By`",
    "lead": "a link that leads somewhere",
    "leads": "a link that leads somewhere",
    "contact": "to get in touch",
    "article": "an article of HTML or of law",
    "articles": "an article of HTML or of law",
    "diagnostic": "Diagnostic-Code, a field of RFC 3464",
    "mailer": "MAILER-DAEMON, who sends bounces",
    "e-mail": "a heading of a column, as exports of membership programs have it",
    "e-mails": "German, on the public pages",
}
"""Words that also mean something else, and what they mean where they stand."""

WORDS = re.compile(
    r"\b(?:" + "|".join(f"(?P<w{n}>{words})" for n, words in enumerate(INSTEAD.values())) + r")\b",
    re.IGNORECASE,
)


def texts() -> Iterator[Path]:
    yield from (ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md"))
    yield from (ROOT / name for name in ("newsletter.toml", "recipients/segments.toml"))
    for folder in ("newsletter", "docs", "templates"):
        for suffix in ("py", "md", "j2", "toml", "lark", "js", "css", "sh"):
            yield from (ROOT / folder).rglob(f"*.{suffix}")


def synonyms(text: str) -> Iterator[tuple[int, str, str]]:
    for found in WORDS.finditer(text):
        word = found[0]
        if word.lower() in ALLOWED:
            continue
        group = int(str(found.lastgroup)[1:])
        yield text.count("\n", 0, found.start()) + 1, word, list(INSTEAD)[group]


@pytest.mark.parametrize("path", sorted(set(texts())), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_thing_is_called_by_its_one_word(path: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: say {use!r} instead of {word!r}"
        for line, word, use in synonyms(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    ["the Campaign ended", "our mailing list", "an ESP", "200 subscribers", "a blast"],
)
def test_a_synonym_is_found(text: str) -> None:
    assert list(synonyms(text))


@pytest.mark.parametrize(
    "text",
    ["a post by her", "unsubscribe here", "an especially long one", "the issue"],
)
def test_other_words_are_let_be(text: str) -> None:
    assert not list(synonyms(text))
