"""The public pages as people see and hear them: narrow and wide, light and dark."""

from typing import Any

import pytest
from accessible import faults
from public_samples import NOW, Society

from newsletter.audience.consent import Person
from newsletter.audience.exclusion import SuppressionReason
from newsletter.ledger.suppressions import suppress


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing_in_the_public_pages(browser: Any, sent: Society, lang: str) -> None:
    _, token = sent.somebody()
    address, barred = sent.somebody()
    suppress(sent.ledger, Person(address), SuppressionReason.COMPLAINT, source="test", now=NOW)
    page = browser.new_page(locale=lang)
    found = []

    def look() -> None:
        assert page.evaluate("document.documentElement.dir") == ("rtl" if lang == "ar" else "ltr")
        found.extend(faults(page, 320, 1240))

    def press(number: int) -> None:
        with page.expect_navigation():
            page.get_by_role("button").nth(number).click()
        look()

    for path in (f"u/{token}", f"p/{token}", f"p/{barred}", "u/wrong"):
        page.goto(sent.program.url + path)
        look()
    page.goto(f"{sent.program.url}u/{token}")
    press(2)  # a break
    press(0)  # saved as it stands
    page.goto(f"{sent.program.url}u/{token}")
    press(0)  # gone
    page.goto(f"{sent.program.url}p/{token}")
    look()
    page.goto(f"{sent.program.url}u/{token}")
    press(0)
    press(0)  # back again
    page.close()
    assert found == []
