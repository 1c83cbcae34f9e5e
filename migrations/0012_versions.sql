-- What a tariff was before it became what it is: which one held when a session began can be said as long as the session, or its
-- CDR, is kept. OCPI 2.2.1, mod_cdrs "CDR Object", tariffs; mod_sessions "ChargingPeriod Class", tariff_id.
--
-- The version of now stands in object alone, so one that never changes costs nothing here.
CREATE TABLE version (
	seq             INTEGER PRIMARY KEY,
	module          TEXT NOT NULL,
	owner           TEXT NOT NULL,
	id              TEXT NOT NULL,
	scope           TEXT NOT NULL,
	nth             INTEGER NOT NULL, -- of the object, from 1 on: of each so many are kept
	change          INTEGER NOT NULL, -- that made it
	at_ms           INTEGER NOT NULL, -- when it was received
	until_ms        INTEGER NOT NULL, -- when another one came, or it was deleted
	sender_platform INTEGER NOT NULL,
	method          TEXT NOT NULL,
	correlation_id  TEXT,
	last_updated_ns INTEGER NOT NULL,
	body            TEXT NOT NULL,
	digest          BLOB              -- as in 0010_digests.sql
);
CREATE UNIQUE INDEX version_key ON version (module, owner, id, scope, nth);
CREATE INDEX version_until ON version (until_ms);
