from dataclasses import replace

import pytest
from dispatch_samples import ENVELOPE

from newsletter.dispatch.envelope import from_json, to_json


@pytest.mark.parametrize("is_on", [True, False])
def test_a_resumed_dispatch_tracks_as_it_was_opened(is_on: bool) -> None:
    opened = replace(ENVELOPE, tracks_opens=is_on, tracks_clicks=is_on)
    assert from_json(to_json(opened)) == opened


def test_a_dispatch_of_an_earlier_version_tracks_nothing() -> None:
    stored = to_json(ENVELOPE)
    del stored["tracks_opens"], stored["tracks_clicks"]
    assert from_json(stored) == ENVELOPE
