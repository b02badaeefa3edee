"""What the answers of links mean for those who will click them. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from newsletter.check.fetch import Answer
from newsletter.check.page import SLOT_HOST, Page
from newsletter.check.place import Places
from newsletter.check.targets import is_example, is_private, split
from newsletter.finding import Finding, error, warning

_GOOD = range(200, 400)
_GONE = frozenset({404, 410})
_SHORTENED = 80


def links_to_ask(pages: Iterable[Page], local: Iterable[str], own_domain: str) -> tuple[str, ...]:
    """List the web addresses of links and images, each once, without what stands behind `#`.

    Left out are the links of members, the images of `local` addresses that are yet to be
    uploaded, and hosts that are a finding already.
    """
    known = set(local)
    found: dict[str, None] = {}
    for page in pages:
        for element in page.of("a", "img"):
            url = element.attributes.get("href" if element.tag == "a" else "src", "").strip()
            parts = split(url)
            if parts is None or parts.scheme not in {"http", "https"} or url in known:
                continue
            host = parts.hostname or ""
            if (
                host
                and host != SLOT_HOST
                and not is_private(host)
                and not is_example(host, own_domain)
            ):
                found.setdefault(parts._replace(fragment="").geturl())
    return tuple(found)


def check_answers(
    urls: Iterable[str], answers: Mapping[str, Answer], places: Places
) -> Iterator[Finding]:
    """Tell of the links that did not answer well."""
    wanted = tuple(urls)
    if wanted and answers and all(_is_lost(answers.get(url)) for url in wanted):
        yield warning(
            "link-unreachable",
            f"none of the {len(wanted)} links answers; this machine may not be online",
            hint="look whether a browser on it opens a page",
        )
        return
    unasked = [url for url in wanted if url not in answers]
    for url in wanted:
        if url in answers:
            yield from _check_answer(url, answers[url], places)
    if unasked:
        yield warning(
            "link-unchecked",
            f"{len(unasked)} of {len(wanted)} links had no answer in time,"
            f" such as {_shown(unasked[0])!r}",
            at=places.of(unasked[0]),
            hint="check once more; what answered is remembered for a day",
        )


def _is_lost(answer: Answer | None) -> bool:
    return answer is not None and bool(answer.problem)


def _check_answer(url: str, answer: Answer, places: Places) -> Iterator[Finding]:
    at, shown = places.of(url), _shown(url)
    if answer.is_private:
        yield error(
            "link-local",
            f"{shown!r} leads to a machine that readers cannot reach",
            at=at,
            hint="link to the public address",
        )
    elif answer.problem:
        yield warning(
            "link-unreachable",
            f"{shown!r} cannot be reached: {answer.problem}",
            at=at,
            hint="open it in a browser, and correct it",
        )
    elif answer.status in _GONE:
        yield error(
            "link-dead",
            f"{shown!r} is not there (HTTP {answer.status})",
            at=at,
            hint="link to a page that exists",
        )
    elif answer.status not in _GOOD:
        yield warning(
            "link-refuses",
            f"{shown!r} answers {answer.status} to a program; people may see the page",
            at=at,
            hint="open it in a browser",
        )


def _shown(url: str) -> str:
    return url if len(url) <= _SHORTENED else f"{url[: _SHORTENED - 3]}..."
