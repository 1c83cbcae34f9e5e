-- URLs the hub handed out in place of a party's own. OCPI 2.2.1: transport_and_format "GET all via Hubs" (Link),
-- mod_commands and mod_charging_profiles (response_url), mod_cdrs and mod_tokens (Location of what was created).

-- The id is random, so it has a rowid table under a small index: rows are appended, only the index is written at
-- random places, which keeps the pages of a group commit few.
-- No references: a platform is never deleted (platform.removed), and a check would cost two look-ups a row.
CREATE TABLE relink (
	id              TEXT NOT NULL,    -- the random part of the URL
	kind            INTEGER NOT NULL, -- enum store_relink_kind
	target          TEXT NOT NULL,    -- the URL it stands for
	caller_platform INTEGER NOT NULL, -- who may call it
	target_platform INTEGER NOT NULL, -- whose token the call gets
	caller_country  TEXT NOT NULL,
	caller_party    TEXT NOT NULL,
	target_country  TEXT NOT NULL,
	target_party    TEXT NOT NULL,
	module          TEXT,
	interface       INTEGER NOT NULL, -- enum ocpi_interface
	correlation_id  TEXT,             -- of the message it was handed out in
	created_ms      INTEGER NOT NULL,
	expires_ms      INTEGER NOT NULL
);
CREATE UNIQUE INDEX relink_id ON relink (id);
CREATE INDEX relink_expires ON relink (expires_ms);
