-- What parties shared with everybody or addressed to one party, and what is owed to whom. OCPI 2.2.1:
-- transport_and_format "Broadcast Push" and "GET All via Hubs", mod_* "Receiver Interface".

-- The newest version of each object. A deleted one stays as a tombstone, because the deletion is owed to receivers too.
-- Bytes are kept as they came, so that what a hub hands on is what the party wrote (mod_locations "PUT Method").
CREATE TABLE object (
	seq             INTEGER PRIMARY KEY, -- change of its creation; transport_and_format "Pagination": older objects first
	scope           TEXT NOT NULL,    -- '*': Broadcast Push; else the party it was addressed to, "NL*MSP"
	module          TEXT NOT NULL,    -- version_information_endpoint "ModuleID enum"
	owner           TEXT NOT NULL,    -- country_code*party_id of the Client Owned Object Push, upper case
	id              TEXT NOT NULL,    -- CiString(36), upper case
	type            TEXT NOT NULL,    -- mod_tokens "TokenType enum", as tokens are unique by uid and type only; else empty
	live            INTEGER NOT NULL, -- 0: deleted
	shadows         INTEGER,          -- of an addressed one: seq of the shared one that it hides
	last_updated_ns INTEGER NOT NULL, -- types "DateTime", last_updated; date_from and date_to of "Pagination"
	change          INTEGER NOT NULL, -- number of the change that made this version
	previous        INTEGER NOT NULL, -- number of the one before it, 0: none
	method          TEXT,             -- the change as it came: PUT, PATCH, POST or DELETE
	suffix          TEXT,             -- raw path behind the object, query included
	sender_platform INTEGER NOT NULL,
	correlation_id  TEXT,             -- transport_and_format "Message Routing Headers", X-Correlation-ID
	at_ms           INTEGER NOT NULL,
	digest          BLOB,             -- BLAKE2b of body
	patch           TEXT,             -- body of the PATCH
	body            TEXT
);
-- All versions of one object are neighbours, and so are all objects of one id (open routing).
CREATE UNIQUE INDEX object_key ON object (module, id, owner, type, scope);
-- In the order of a list, with all that its filters look at: a page is found without a look at rows it leaves out.
CREATE INDEX object_list ON object (scope, module, live, seq, owner, last_updated_ns);
CREATE INDEX object_date ON object (scope, module, live, owner, last_updated_ns);
CREATE INDEX object_shadow ON object (scope, module, shadows) WHERE shadows IS NOT NULL;
CREATE UNIQUE INDEX object_feed ON object (change) WHERE scope = '*';
-- What goes by age: tombstones, and the two modules whose objects are never changed again some day.
CREATE INDEX object_tombstone ON object (at_ms) WHERE live = 0;
CREATE INDEX object_record ON object (at_ms) WHERE module IN ('sessions', 'cdrs');

-- transport_and_format "Pagination", X-Total-Count: kept, not counted.
CREATE TABLE object_count (
	scope     TEXT NOT NULL,
	module    TEXT NOT NULL,
	owner     TEXT NOT NULL,
	live      INTEGER NOT NULL,
	shadowing INTEGER NOT NULL, -- how many of them hide a shared one
	PRIMARY KEY (module, scope, owner)
) WITHOUT ROWID;

-- The number of the newest change. Kept by itself, as the row of that change may be gone.
CREATE TABLE sequence (
	id     INTEGER PRIMARY KEY CHECK (id = 1),
	change INTEGER NOT NULL
);
INSERT INTO sequence (id, change) VALUES (1, 0);

-- How far each receiver is. A row is a few bytes whatever is owed.
CREATE TABLE cursor (
	receiver TEXT PRIMARY KEY, -- "NL*MSP/EMSP"; credentials "CredentialsRole class"
	change   INTEGER NOT NULL
) WITHOUT ROWID;

-- Versions that a receiver finally refused; status_codes "2xxx: Client errors".
CREATE TABLE push_failure (
	receiver TEXT NOT NULL,
	scope    TEXT NOT NULL,
	module   TEXT NOT NULL,
	owner    TEXT NOT NULL,
	id       TEXT NOT NULL,
	type     TEXT NOT NULL,
	change   INTEGER NOT NULL,
	at_ms    INTEGER NOT NULL,
	http     INTEGER NOT NULL,
	ocpi     INTEGER NOT NULL, -- status_code of the answer
	why      TEXT,
	PRIMARY KEY (receiver, module, owner, id, type, scope)
) WITHOUT ROWID;

-- Who may roam with whom. AUTOINCREMENT, because the id is what an operator types to remove one.
CREATE TABLE agreement (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	cpo_country  TEXT NOT NULL, -- credentials "CredentialsRole class", country_code and party_id
	cpo_party    TEXT NOT NULL,
	emsp_country TEXT NOT NULL,
	emsp_party   TEXT NOT NULL,
	modules      TEXT,             -- "locations,tokens"; NULL: all
	from_ms      INTEGER NOT NULL, -- 0: unbounded
	until_ms     INTEGER NOT NULL
);

-- Whom an id belongs to, as the hub has seen it pass; transport_and_format "Open Routing Request".
CREATE TABLE hint (
	kind       TEXT NOT NULL,
	key        TEXT NOT NULL,
	country    TEXT NOT NULL,
	party      TEXT NOT NULL,
	expires_ms INTEGER NOT NULL,
	PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX hint_expires ON hint (expires_ms);
