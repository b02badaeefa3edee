"""What the database itself watches over: nobody gets an issue twice, and the record only grows."""

from sqlalchemy import Connection, text

from newsletter.ledger.schema import ONE_ISSUE_EACH

_REFUSAL = "the record of consent is only ever added to"

_SQLITE = (
    f"""CREATE TRIGGER IF NOT EXISTS consents_stay BEFORE DELETE ON consents
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
    # Whoever is forgotten loses their name in it, and nothing else changes.
    f"""CREATE TRIGGER IF NOT EXISTS consents_stand BEFORE UPDATE ON consents
    WHEN NEW.address_key NOT LIKE '#%' OR NEW.member_id <> '' OR NEW.act <> OLD.act
      OR NEW.topic IS NOT OLD.topic OR NEW.source <> OLD.source OR NEW.words <> OLD.words
      OR NEW.at <> OLD.at
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
)

_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION consents_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.address_key NOT LIKE '#%' OR NEW.member_id <> ''
        OR (NEW.act, NEW.topic, NEW.source, NEW.words, NEW.at)
          IS DISTINCT FROM (OLD.act, OLD.topic, OLD.source, OLD.words, OLD.at)
      THEN RAISE EXCEPTION '{_REFUSAL}'; END IF;
      RETURN NEW;
    END $$""",
    "DROP TRIGGER IF EXISTS consents_stay ON consents",
    """CREATE TRIGGER consents_stay BEFORE DELETE OR UPDATE ON consents
    FOR EACH ROW EXECUTE FUNCTION consents_only_grow()""",
)


def set_guards(connection: Connection) -> None:
    """Make the database refuse what must never be, whoever asks for it.

    Planning an issue twice for somebody, and changing or deleting what members once said.
    """
    of_record = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    for statement in (*ONE_ISSUE_EACH, *of_record):
        connection.execute(text(statement))
