-- What happened to the hub, and who did it: verbs of operators, who came and went, reloads, starts and stops.
-- The number of an event is never used again: readers go on behind the last one that they saw.
CREATE TABLE event (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	at_ms    INTEGER NOT NULL,
	type     TEXT NOT NULL,    -- "admin.verb", "party.status"
	platform INTEGER NOT NULL, -- 0: none
	who      TEXT NOT NULL,    -- name of the admin token; empty: the hub itself
	address  TEXT NOT NULL,
	what     TEXT NOT NULL,    -- the verb, or what it became: "party suspend", "OFFLINE"
	subject  TEXT NOT NULL,    -- "platform 7", "DE*ABC", "agreement 3"
	data     TEXT NOT NULL     -- JSON object
);
CREATE INDEX event_type ON event (type, id);
CREATE INDEX event_platform ON event (platform, id);
CREATE INDEX event_at ON event (at_ms);
