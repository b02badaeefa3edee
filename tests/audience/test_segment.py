"""Segments that name other segments, and topics."""

import pytest

from newsletter.audience.rule import InSegment
from newsletter.audience.ruletext import parse_rule
from newsletter.audience.segment import Segment, reached, resolve
from newsletter.errors import InputErrors, Location


def segments(**rules: str) -> dict[str, Segment]:
    found = {}
    for line, (name, text) in enumerate(rules.items(), 1):
        at = Location("segments.toml", line, 9)
        found[name] = Segment(name=name, title=name, text=text, rule=parse_rule(text, at), at=at)
    return found


def test_a_named_segment_stands_for_its_rule_however_deep() -> None:
    known = segments(
        young="IN SEGMENT students OR years < 3",
        students="membership = 'student'",
        both="IN SEGMENT young AND NOT IN SEGMENT students",
    )
    found = resolve(known, [])
    young = found["young"].rule
    inner = young.claims[0]  # type: ignore[union-attr] # an Any, as written
    assert inner == InSegment("students", 11, known["students"].rule)
    assert [each.name for each in reached(found, ["both"])] == ["both", "young", "students"]


def test_unknown_segments_and_topics_are_told_with_their_column() -> None:
    known = segments(a="IN SEGMENT studnts", students="WANTS job")
    with pytest.raises(InputErrors) as problems:
        resolve(known, ["jobs"])
    assert [str(each) for each in problems.value.errors] == [
        "segments.toml:1:20: there is no segment 'studnts'",
        "segments.toml:2:15: there is no topic 'job'",
    ]
    assert [each.hint for each in problems.value.errors] == [
        "did you mean 'students'?",
        "did you mean 'jobs'?",
    ]


def test_a_rule_that_leads_back_to_itself_is_refused_with_its_way() -> None:
    known = segments(a="IN SEGMENT b", b="years > 3 OR IN SEGMENT c", c="NOT IN SEGMENT a")
    with pytest.raises(InputErrors, match="leads back to itself: a → b → c → a"):
        resolve(known, [])
    with pytest.raises(InputErrors, match="leads back to itself: a → a"):
        resolve(segments(a="IN SEGMENT a"), [])
