"""Asking for the links of a plan, with what is known of them already."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from newsletter.check.asking import Ask, ask_all
from newsletter.check.fetch import ask as ask_the_web
from newsletter.check.linkcache import keep_known, read_known
from newsletter.check.online import check_answers, links_to_ask
from newsletter.check.page import read_page
from newsletter.check.place import Places
from newsletter.dispatch.plan import Plan
from newsletter.finding import Finding
from newsletter.workspace.workspace import Workspace

Counting = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Shows somebody how many of so many are done."""


def check_online(
    workspace: Workspace, plan: Plan, counting: Counting, *, ask: Ask = ask_the_web
) -> tuple[Finding, ...]:
    """Ask for every link of every variant, and say which do not answer well."""
    documents = dict.fromkeys(plan.compiled.documents.values())
    found = links_to_ask(
        (read_page(document) for document in documents),
        plan.compiled.images,
        plan.envelope.sender.address.domain,
    )
    own = plan.issue.browser_url  # what is not sent yet has no page in the archive yet
    urls = [url for url in found if not (own and url.startswith(own))]
    cache = workspace.lock_folder / "links.json"
    now = workspace.clock.now()
    known = {url: answer for url, answer in read_known(cache, now).items() if url in urls}
    unknown = [url for url in urls if url not in known]
    with counting(len(unknown)) as progress:
        answers = ask_all(unknown, ask, workspace.clock, progress=progress)
    keep_known(cache, answers, now)
    return tuple(check_answers(urls, {**known, **answers}, Places(plan.issue)))
