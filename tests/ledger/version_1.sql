-- The tables of version 1 as it made them; BLOB is BYTEA on PostgreSQL.
CREATE TABLE contents ( content_hash VARCHAR NOT NULL, title VARCHAR NOT NULL, documents BLOB NOT NULL,
  PRIMARY KEY (content_hash) );
CREATE TABLE issues ( id INTEGER NOT NULL, slug VARCHAR NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (slug) );
CREATE TABLE members ( line INTEGER NOT NULL, member_id VARCHAR NOT NULL, address VARCHAR NOT NULL, address_key VARCHAR, name VARCHAR NOT NULL, fault VARCHAR NOT NULL, attributes JSON NOT NULL,
  PRIMARY KEY (line) );
CREATE INDEX members_by_address ON members (address_key);
CREATE INDEX members_by_id ON members (member_id);
CREATE TABLE meta ( "key" VARCHAR NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY ("key") );
CREATE TABLE suppressions ( address_key VARCHAR NOT NULL, reason VARCHAR NOT NULL, source VARCHAR NOT NULL, since VARCHAR NOT NULL,
  PRIMARY KEY (address_key),
  CONSTRAINT reason_is_known CHECK (reason IN ('unsubscribed', 'hard bounce', 'complaint', 'manual')));
CREATE TABLE dispatches ( id INTEGER NOT NULL, ref VARCHAR NOT NULL, issue INTEGER NOT NULL, kind VARCHAR NOT NULL, copy INTEGER, content_hash VARCHAR NOT NULL, envelope JSON NOT NULL, provider VARCHAR NOT NULL, audience JSON NOT NULL, opened VARCHAR NOT NULL, listed INTEGER NOT NULL, recipients INTEGER NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT kind_is_known CHECK (kind IN ('issue', 'proof')),
  UNIQUE (ref),
  FOREIGN KEY(issue) REFERENCES issues (id),
  FOREIGN KEY(content_hash) REFERENCES contents (content_hash) );
CREATE TABLE deliveries ( dispatch INTEGER NOT NULL, position INTEGER NOT NULL, issue INTEGER NOT NULL, copy INTEGER, member_id VARCHAR NOT NULL, address VARCHAR NOT NULL, address_key VARCHAR, name VARCHAR NOT NULL, variant VARCHAR, slot_values JSON NOT NULL, state VARCHAR NOT NULL, reason VARCHAR, note VARCHAR DEFAULT '' NOT NULL, reference VARCHAR DEFAULT '' NOT NULL,
  PRIMARY KEY (dispatch, position),
  CONSTRAINT state_is_known CHECK (state IN ('excluded', 'pending', 'sending', 'accepted', 'rejected', 'unsure')),
  CONSTRAINT the_excluded_have_a_reason CHECK ((state = 'excluded') = (reason IS NOT NULL) AND (reason IS NULL OR reason IN ('malformed address', 'not in a chosen segment', 'in an excluded segment', 'suppressed', 'already got this issue', 'duplicate'))),
  FOREIGN KEY(dispatch) REFERENCES dispatches (id));
CREATE UNIQUE INDEX one_issue_per_address ON deliveries (issue, copy, address_key) WHERE state IN ('pending', 'sending', 'accepted', 'unsure');
CREATE UNIQUE INDEX one_issue_per_member ON deliveries (issue, copy, member_id) WHERE state IN ('pending', 'sending', 'accepted', 'unsure');
CREATE TABLE requests ( dispatch INTEGER NOT NULL, number INTEGER NOT NULL, variant VARCHAR NOT NULL, first INTEGER NOT NULL, size INTEGER NOT NULL, state VARCHAR NOT NULL, attempts INTEGER DEFAULT 0 NOT NULL, begun VARCHAR,
  PRIMARY KEY (dispatch, number),
  CONSTRAINT state_is_known CHECK (state IN ('pending', 'sending', 'settled')),
  FOREIGN KEY(dispatch) REFERENCES dispatches (id));
INSERT INTO meta ("key", value) VALUES ('version', '1');
INSERT INTO suppressions VALUES ('ann@example.org', 'unsubscribed', 'link', '2026-10-01T10:00:00+00:00');
INSERT INTO issues VALUES (1, 'spring');
INSERT INTO contents (content_hash, title, documents) VALUES ('c0ffee', 'Spring', 'x');
INSERT INTO dispatches VALUES (1, '0123456789abcdef', 1, 'issue', 0, 'c0ffee', '{}', 'outbox', '{}', '2026-10-01T10:00:00+00:00', 2, 1);
INSERT INTO deliveries VALUES (1, 0, 1, 0, '2', 'bob@example.org', 'bob@example.org', 'Bob', '-', '{}', 'accepted', NULL, '', '');
INSERT INTO deliveries VALUES (1, 1, 1, 0, '1', 'ann@example.org', 'ann@example.org', 'Ann', '-', '{}', 'excluded', 'suppressed', 'unsubscribed', '');
INSERT INTO requests VALUES (1, 1, '-', 0, 1, 'settled', 1, '2026-10-01T10:00:01.000+00:00')
