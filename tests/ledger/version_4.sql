-- The tables of dispatches and schedules in version 4 as it made them: nothing says yet what an
-- issue carries. The same content went out under two names, the second time to one member.
CREATE TABLE meta ("key" VARCHAR NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
INSERT INTO "meta" VALUES('version','4');
CREATE TABLE contents ( content_hash VARCHAR NOT NULL, title VARCHAR NOT NULL, documents BLOB NOT NULL, PRIMARY KEY (content_hash));
INSERT INTO "contents" VALUES('74f2b25a559b6d7ba97ad199cbda84a1','Spring','');
CREATE TABLE issues ( id INTEGER NOT NULL, slug VARCHAR NOT NULL, PRIMARY KEY (id), UNIQUE (slug));
INSERT INTO "issues" VALUES(1,'spring');
CREATE TABLE dispatches ( id INTEGER NOT NULL, ref VARCHAR NOT NULL, issue INTEGER NOT NULL, kind VARCHAR NOT NULL, copy INTEGER, content_hash VARCHAR NOT NULL, envelope JSON NOT NULL, provider VARCHAR NOT NULL, audience JSON NOT NULL, topic VARCHAR DEFAULT '' NOT NULL,
  is_notice BOOLEAN DEFAULT FALSE NOT NULL, opened VARCHAR NOT NULL, listed INTEGER NOT NULL, recipients INTEGER NOT NULL, course VARCHAR DEFAULT 'running' NOT NULL, course_note VARCHAR DEFAULT '' NOT NULL, release DOUBLE PRECISION, not_after DOUBLE PRECISION,
  spread DOUBLE PRECISION, by_workers BOOLEAN DEFAULT FALSE NOT NULL, wishes_seen INTEGER, PRIMARY KEY (id), CONSTRAINT kind_is_known CHECK (kind IN ('issue', 'proof')), CONSTRAINT course_is_known CHECK (course IN ('running', 'paused', 'cancelled')), UNIQUE (ref),
  FOREIGN KEY(issue) REFERENCES issues (id), FOREIGN KEY(content_hash) REFERENCES contents (content_hash));
INSERT INTO "dispatches" VALUES(1,'0123456789abcdef',1,'issue',0,'74f2b25a559b6d7ba97ad199cbda84a1','{}','outbox','{"segments": []}','',FALSE,'2026-11-23T12:00:00+00:00',10,9,'paused','wait for the board',NULL,NULL,NULL,FALSE,NULL);
CREATE TABLE requests ( dispatch INTEGER NOT NULL, number INTEGER NOT NULL, variant VARCHAR NOT NULL, first INTEGER NOT NULL, size INTEGER NOT NULL, shared INTEGER NOT NULL, state VARCHAR NOT NULL, attempts INTEGER DEFAULT 0 NOT NULL, begun VARCHAR, lease DOUBLE PRECISION,
  due DOUBLE PRECISION, note VARCHAR DEFAULT '' NOT NULL, reference VARCHAR DEFAULT '' NOT NULL, PRIMARY KEY (dispatch, number), CONSTRAINT state_is_known CHECK (state IN ('pending', 'sending', 'accepted', 'unsure', 'settled')),
  CONSTRAINT shares_with_its_own CHECK (shared BETWEEN 0 AND size), CONSTRAINT settled_shares_with_none CHECK ((state = 'settled') = (shared = 0)), FOREIGN KEY(dispatch) REFERENCES dispatches (id));
INSERT INTO "requests" VALUES(1,1,'-',0,2,0,'settled',1,'2026-11-23T12:00:00.000+00:00',NULL,NULL,'','');
INSERT INTO "requests" VALUES(1,2,'-',2,2,0,'settled',1,'2026-11-23T12:00:00.000+00:00',NULL,NULL,'','');
INSERT INTO "requests" VALUES(1,3,'-',4,2,1,'pending',1,'2026-11-23T12:00:00.000+00:00',NULL,NULL,'','');
INSERT INTO "requests" VALUES(1,4,'-',6,2,2,'sending',1,'2026-11-23T12:00:00.000+00:00',NULL,NULL,'','');
INSERT INTO "requests" VALUES(1,5,'-',8,1,1,'pending',0,NULL,NULL,NULL,'','');
CREATE TABLE deliveries ( dispatch INTEGER NOT NULL, position INTEGER NOT NULL, issue INTEGER NOT NULL, copy INTEGER, member_id VARCHAR NOT NULL, address VARCHAR NOT NULL, address_key VARCHAR, name VARCHAR NOT NULL, variant VARCHAR, slot_values JSON NOT NULL,
  due DOUBLE PRECISION, state VARCHAR, reason VARCHAR, note VARCHAR DEFAULT '' NOT NULL, reference VARCHAR DEFAULT '' NOT NULL, PRIMARY KEY (dispatch, position), CONSTRAINT state_is_known CHECK (state IS NULL OR state IN ('excluded', 'accepted', 'rejected', 'unsure')),
  CONSTRAINT the_excluded_have_a_reason CHECK ((coalesce(state, '') = 'excluded') = (reason IS NOT NULL) AND (reason IS NULL OR reason IN ('malformed address', 'not in a chosen segment', 'in an excluded segment', 'suppressed', 'unsubscribed from topic', 'paused',
  'already got this issue', 'duplicate', 'cancelled', 'recalled'))), FOREIGN KEY(dispatch) REFERENCES dispatches (id));
INSERT INTO "deliveries" VALUES(1,0,1,0,'0','m0@example.org','m0@example.org','','-','{}',NULL,'accepted',NULL,'','r');
INSERT INTO "deliveries" VALUES(1,1,1,0,'1','m1@example.org','m1@example.org','','-','{}',NULL,'rejected',NULL,'550','');
INSERT INTO "deliveries" VALUES(1,2,1,0,'2','m2@example.org','m2@example.org','','-','{}',NULL,'accepted',NULL,'','r');
INSERT INTO "deliveries" VALUES(1,3,1,0,'3','m3@example.org','m3@example.org','','-','{}',NULL,'unsure',NULL,'','');
INSERT INTO "deliveries" VALUES(1,4,1,0,'4','m4@example.org','m4@example.org','','-','{}',NULL,'accepted',NULL,'','r');
INSERT INTO "deliveries" VALUES(1,5,1,0,'5','m5@example.org','m5@example.org','','-','{}',NULL,NULL,NULL,'','');
INSERT INTO "deliveries" VALUES(1,6,1,0,'6','m6@example.org','m6@example.org','','-','{}',NULL,NULL,NULL,'','');
INSERT INTO "deliveries" VALUES(1,7,1,0,'7','m7@example.org','m7@example.org','','-','{}',NULL,NULL,NULL,'','');
INSERT INTO "deliveries" VALUES(1,8,1,0,'8','m8@example.org','m8@example.org','','-','{}',NULL,NULL,NULL,'','');
INSERT INTO "deliveries" VALUES(1,9,1,0,'9','nobody',NULL,'','-','{}',NULL,'excluded','malformed address','''nobody'' is not an email address: An email address must have an @-sign.','');
CREATE TABLE decisions ( id INTEGER NOT NULL, dispatch INTEGER NOT NULL, act VARCHAR NOT NULL, author VARCHAR NOT NULL, at VARCHAR NOT NULL, deliveries INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(dispatch) REFERENCES dispatches (id));
INSERT INTO "decisions" VALUES(1,1,'pause','bo','2026-11-23T12:00:00+00:00',0);
INSERT INTO "issues" VALUES(2,'early-spring');
INSERT INTO "dispatches" VALUES(2,'fedcba9876543210',2,'issue',0,'74f2b25a559b6d7ba97ad199cbda84a1','{}','outbox','{"segments": []}','',FALSE,'2026-11-22T12:00:00+00:00',1,1,'running','',NULL,NULL,NULL,FALSE,NULL);
INSERT INTO "requests" VALUES(2,1,'-',0,1,1,'accepted',1,'2026-11-22T12:00:00.000+00:00',NULL,NULL,'','');
INSERT INTO "deliveries" VALUES(2,0,2,0,'7','m7@example.org','m7@example.org','','-','{}',NULL,NULL,NULL,'','');
CREATE TABLE schedules ( name VARCHAR NOT NULL, terms TEXT NOT NULL, since DOUBLE PRECISION NOT NULL, PRIMARY KEY (name));
INSERT INTO "schedules" VALUES('monthly','FREQ=MONTHLY',1795435200.0);
CREATE TABLE occurrences ( schedule VARCHAR NOT NULL, wall VARCHAR NOT NULL, due DOUBLE PRECISION NOT NULL, fate VARCHAR NOT NULL, dispatch INTEGER, at DOUBLE PRECISION NOT NULL, PRIMARY KEY (schedule, wall), CONSTRAINT fate_is_known CHECK (fate IN ('taken', 'missed')), CONSTRAINT taken_by_a_dispatch CHECK ((fate = 'taken') = (dispatch IS NOT NULL)), FOREIGN KEY(dispatch) REFERENCES dispatches (id));
INSERT INTO "occurrences" VALUES('monthly','2026-11-22T07:00',1795435200.0,'taken',2,1795435200.0);
