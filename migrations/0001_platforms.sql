-- Who is connected, with what. OCPI 2.2.1, "Credentials module" and "Versions module".
-- Never edit a migration that was released: its checksum is recorded in every database it ran on.

-- One connection to a party's system: one credentials handshake, one token each way.
-- AUTOINCREMENT, because an id stands in URLs handed out and in traces: it is never given to another platform.
CREATE TABLE platform (
	id               INTEGER PRIMARY KEY AUTOINCREMENT,
	name             TEXT,
	state            INTEGER NOT NULL, -- enum store_state; mod_hub_client_info "ConnectionStatus Enum"
	removed          INTEGER NOT NULL,
	version          TEXT,             -- version_information_endpoint "VersionNumber enum"
	versions_url     TEXT,             -- credentials "Credentials object", url
	token_sealed     BLOB,             -- credentials "Credentials object", token: the one we send, sealed
	token_old_sealed BLOB,             -- good until the new one has worked
	settings         TEXT,             -- JSON object
	created_ms       INTEGER NOT NULL,
	updated_ms       INTEGER NOT NULL,
	last_contact_ms  INTEGER NOT NULL,
	claims_bound     INTEGER NOT NULL
);

-- credentials "CredentialsRole class": role, business_details, party_id, country_code.
CREATE TABLE party (
	platform        INTEGER NOT NULL REFERENCES platform (id) ON DELETE CASCADE,
	position        INTEGER NOT NULL, -- the order in which the platform named them
	country         TEXT NOT NULL,    -- CiString(2), casing as received
	party           TEXT NOT NULL,    -- CiString(3), casing as received
	role            INTEGER NOT NULL, -- enum ocpi_role; types "Role enum"
	state           INTEGER NOT NULL, -- enum store_state
	last_updated_ms INTEGER NOT NULL, -- mod_hub_client_info "ClientInfo Object", last_updated
	business        TEXT,             -- business_details as received
	PRIMARY KEY (platform, position)
) WITHOUT ROWID;

-- version_information_endpoint "Endpoint class": identifier, role, url.
CREATE TABLE endpoint (
	platform  INTEGER NOT NULL REFERENCES platform (id) ON DELETE CASCADE,
	position  INTEGER NOT NULL,
	module    TEXT NOT NULL,    -- "ModuleID enum"
	interface INTEGER NOT NULL, -- enum ocpi_interface; "InterfaceRole enum"
	url       TEXT NOT NULL,
	PRIMARY KEY (platform, position)
) WITHOUT ROWID;

-- Tokens we accept, transport_and_format "Authorization header". Only a keyed digest is kept.
CREATE TABLE token (
	platform   INTEGER NOT NULL REFERENCES platform (id) ON DELETE CASCADE,
	position   INTEGER NOT NULL,
	kind       INTEGER NOT NULL, -- enum store_token_kind
	digest     BLOB NOT NULL,
	expires_ms INTEGER NOT NULL, -- 0: never
	PRIMARY KEY (platform, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX token_digest ON token (digest); -- a token names one platform

-- Facts about the hub itself.
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT
) WITHOUT ROWID;

-- One row, written to learn whether a commit still succeeds.
CREATE TABLE probe (
	id    INTEGER PRIMARY KEY CHECK (id = 1),
	count INTEGER NOT NULL
);
