"""What the database itself watches over, whoever asks for something else.

Nobody gets an issue twice; every state changes by the moves there are; the record of consent only
grows; and whoever changes what they wish is noted, so that a run need not ask about everybody.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, delete, insert, text

from newsletter.ledger.people import opt_outs, preferences, suppressions
from newsletter.ledger.schema import ONE_ISSUE_EACH, moves
from newsletter.message.state import delivery_moves, request_moves

_WISHES = (suppressions.name, opt_outs.name, preferences.name)

_SQLITE = (
    """CREATE TRIGGER IF NOT EXISTS consents_stay BEFORE DELETE ON consents
    BEGIN SELECT RAISE(ABORT, 'the record of consent is only ever added to'); END""",
    # Whoever is forgotten loses their name in it, and nothing else changes.
    """CREATE TRIGGER IF NOT EXISTS consents_stand BEFORE UPDATE ON consents
    WHEN NEW.address_key NOT LIKE '#%' OR NEW.member_id <> '' OR NEW.act <> OLD.act
      OR NEW.topic IS NOT OLD.topic OR NEW.source <> OLD.source OR NEW.words <> OLD.words
      OR NEW.at <> OLD.at
    BEGIN SELECT RAISE(ABORT, 'the record of consent is only ever added to'); END""",
    """CREATE TRIGGER IF NOT EXISTS deliveries_move BEFORE UPDATE OF state ON deliveries
    WHEN OLD.state IS NOT NEW.state
    BEGIN
      SELECT RAISE(ABORT, 'there is no such move of a delivery')
      FROM (SELECT state AS shared FROM requests
        WHERE dispatch = OLD.dispatch AND first <= OLD.position ORDER BY first DESC LIMIT 1)
      WHERE coalesce(OLD.state, shared) <> coalesce(NEW.state, shared) AND NOT EXISTS (
        SELECT 1 FROM moves m WHERE m.of = 'delivery'
        AND m.old = coalesce(OLD.state, shared) AND m.new = coalesce(NEW.state, shared));
    END""",
    """CREATE TRIGGER IF NOT EXISTS requests_move BEFORE UPDATE OF state ON requests
    WHEN OLD.state <> NEW.state AND NOT EXISTS (
      SELECT 1 FROM moves m WHERE m.of = 'request' AND m.old = OLD.state AND m.new = NEW.state)
    BEGIN SELECT RAISE(ABORT, 'there is no such move of a request'); END""",
    *(
        """CREATE TRIGGER IF NOT EXISTS WISHES_EVENT AFTER EVENT ON WISHES
        BEGIN
          INSERT INTO wishes (address_key, member_id) VALUES (NEW.address_key, NEW.member_id);
        END""".replace("WISHES", table).replace("EVENT", event)
        for table in _WISHES
        for event in ("INSERT", "UPDATE")
    ),
)

_FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION consents_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.address_key NOT LIKE '#%' OR NEW.member_id <> ''
        OR (NEW.act, NEW.topic, NEW.source, NEW.words, NEW.at)
          IS DISTINCT FROM (OLD.act, OLD.topic, OLD.source, OLD.words, OLD.at)
      THEN RAISE EXCEPTION 'the record of consent is only ever added to'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION deliveries_keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE shared text; was text; becomes text;
    BEGIN
      SELECT r.state INTO shared FROM requests r
        WHERE r.dispatch = OLD.dispatch AND r.first <= OLD.position ORDER BY r.first DESC LIMIT 1;
      was = coalesce(OLD.state, shared);
      becomes = coalesce(NEW.state, shared);
      IF was <> becomes AND NOT EXISTS (
        SELECT 1 FROM moves m WHERE m.of = 'delivery' AND m.old = was AND m.new = becomes)
      THEN RAISE EXCEPTION 'there is no such move of a delivery'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION requests_keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM moves m
        WHERE m.of = 'request' AND m.old = OLD.state AND m.new = NEW.state)
      THEN RAISE EXCEPTION 'there is no such move of a request'; END IF;
      RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION note_a_wish() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO wishes (address_key, member_id) VALUES (NEW.address_key, NEW.member_id);
      RETURN NULL;
    END $$""",
)


def _triggers() -> Iterator[str]:
    """Write the triggers of PostgreSQL, made anew each time."""
    wanted = (
        ("consents_stay", "consents", "BEFORE DELETE OR UPDATE", "", "consents_only_grow"),
        (
            *("deliveries_move", "deliveries", "BEFORE UPDATE OF state"),
            *("WHEN (OLD.state IS DISTINCT FROM NEW.state)", "deliveries_keep_to_moves"),
        ),
        (
            *("requests_move", "requests", "BEFORE UPDATE OF state"),
            *("WHEN (OLD.state <> NEW.state)", "requests_keep_to_moves"),
        ),
        *(
            (f"{table}_wish", table, "AFTER INSERT OR UPDATE", "", "note_a_wish")
            for table in _WISHES
        ),
    )
    for name, table, when, only, function in wanted:
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        each = f"FOR EACH ROW {only} EXECUTE FUNCTION {function}()"
        yield f"CREATE TRIGGER {name} {when} ON {table} {each}"


def set_guards(connection: Connection) -> None:
    """Make the database refuse what must never be, and note whose wishes change."""
    is_sqlite = connection.dialect.name == "sqlite"
    statements = _SQLITE if is_sqlite else (*_FUNCTIONS, *_triggers())
    connection.execute(delete(moves))
    connection.execute(
        insert(moves),
        [
            {"of": of, "old": old, "new": new}
            for of, table in (("delivery", delivery_moves()), ("request", request_moves()))
            for old, new in table
        ],
    )
    for statement in (*ONE_ISSUE_EACH, *statements):
        connection.execute(text(statement))
