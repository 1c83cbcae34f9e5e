-- The trace database: one row a leg of a flight. transport_and_format "Message Routing": X-Correlation-ID,
-- X-Request-ID, OCPI-from- and OCPI-to- headers.
--
-- It is recent history and nothing else depends on it: it is not migrated. A file with another user_version, or a
-- broken one, is put aside and a new one begun.
PRAGMA user_version = 2; -- TRACE_VERSION in src/store/sqlite_trace.c
CREATE TABLE trace (
	id             INTEGER PRIMARY KEY, -- in the order of writing; the oldest rows go first
	at_ms          INTEGER NOT NULL,
	platform       INTEGER NOT NULL, -- that sent it, of a leg to a partner that received it; 0: none
	outcome        INTEGER NOT NULL, -- enum store_trace_outcome; 0: ok
	module         TEXT,
	correlation_id TEXT,
	request_id     TEXT,
	from_party     TEXT, -- "DE*ABC" in upper case
	to_party       TEXT,
	object         TEXT, -- "tokens/DE*ABC/012345"
	doc            TEXT  -- JSON object: everything else
);
-- An index ends with the rowid, so each of these is in the order of writing as well. Those that may find much have the
-- time in between, for what happened until some moment. Of outcomes only failures are worth one: most are 0.
CREATE INDEX trace_correlation ON trace (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX trace_object ON trace (object) WHERE object IS NOT NULL;
CREATE INDEX trace_from ON trace (from_party, at_ms) WHERE from_party IS NOT NULL;
CREATE INDEX trace_to ON trace (to_party, at_ms) WHERE to_party IS NOT NULL;
CREATE INDEX trace_platform ON trace (platform, at_ms);
CREATE INDEX trace_module ON trace (module, at_ms) WHERE module IS NOT NULL;
CREATE INDEX trace_failed ON trace (at_ms) WHERE outcome <> 0;
CREATE INDEX trace_failed_platform ON trace (platform, at_ms) WHERE outcome <> 0;
CREATE INDEX trace_at ON trace (at_ms);
