"""Segment rules as SQL over the members table."""

from sqlalchemy import ColumnElement, Float, and_, case, cast, false, func, not_, or_
from sqlalchemy import true as sql_true

from newsletter.audience.column import ColumnType
from newsletter.audience.rule import (
    All,
    Among,
    Any,
    Claim,
    Comparison,
    Contains,
    InSegment,
    IsEmpty,
    Not,
    Rule,
    Value,
    Wants,
    type_of_value,
)
from newsletter.ledger.people import members
from newsletter.ledger.standing import opted_out


def rule_clause(rule: Rule) -> ColumnElement[bool]:
    """Turn `rule` into a clause that is true or false for every member, never null."""
    match rule:
        case Not(claim):
            return not_(rule_clause(claim))
        case All(parts):
            return and_(sql_true(), *(rule_clause(part) for part in parts))
        case Any(parts):
            return or_(*(rule_clause(part) for part in parts))
        case InSegment(rule=other):
            # One that was never looked up holds for nobody; `resolve` refuses it before.
            return rule_clause(other) if other else false()
        case Wants(topic=topic):
            return not_(opted_out(members, topic))
        case _:
            return _claim(rule)


def attribute(name: str) -> ColumnElement[str]:
    """Give the value of the column `name`, empty text where there is none."""
    return func.coalesce(members.c.attributes[name].as_string(), "")


def _claim(claim: Claim) -> ColumnElement[bool]:
    column = attribute(claim.column)
    match claim:
        case IsEmpty():
            return column == ""
        case Contains(text=text):
            return func.lower(column).contains(text.lower(), autoescape=True)
        case Among(values=values):
            return or_(*(_compare(column, "=", value) for value in values))
        case Comparison(operator=operator, value=value):
            return _compare(column, operator, value)


def _compare(column: ColumnElement[str], operator: str, value: Value) -> ColumnElement[bool]:
    if operator == "!=":
        return not_(_compare(column, "=", value))
    if type_of_value(value) is ColumnType.NUMBER:
        # The cast happens only where there is a number: PostgreSQL refuses to cast empty text.
        number = case((column != "", cast(func.nullif(column, ""), Float)))
        return func.coalesce(number.op(operator, is_comparison=True)(value), False)
    # ISO dates sort as text does.
    return and_(column != "", column.op(operator, is_comparison=True)(str(value)))
