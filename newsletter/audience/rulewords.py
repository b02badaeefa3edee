"""Claims of rules, written back for people."""

from newsletter.audience.rule import (
    Among,
    Claim,
    Comparison,
    Contains,
    InSegment,
    IsEmpty,
    Today,
    Value,
    Wants,
)


def words_of(claim: Claim | InSegment | Wants) -> str:
    """Write a claim as `rule.lark` reads it."""
    match claim:
        case Comparison(column, operator, value):
            return f"{column} {operator} {value_words(value)}"
        case Among(column, values):
            return f"{column} IN ({', '.join(map(value_words, values))})"
        case Contains(column, text):
            return f"{column} CONTAINS {value_words(text)}"
        case IsEmpty(column):
            return f"{column} IS EMPTY"
        case InSegment(name):
            return f"IN SEGMENT {name}"
        case Wants(topic):
            return f"WANTS {topic}"


def value_words(value: Value) -> str:
    """Write a value as `rule.lark` reads it."""
    match value:
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case float():
            return f"{value:f}".rstrip("0").rstrip(".")
        case Today(0):
            return "TODAY"
        case Today(days):
            return f"TODAY {'-' if days < 0 else '+'} {abs(days)} days"
        case _:
            return value.isoformat()
