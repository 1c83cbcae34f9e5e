-- What receivers are owed beside their cursors, who holds an addressed object, what came by a pull, and a digest over
-- all that a row says.

-- Objects that a receiver is owed whatever its cursor says: tried several times, to be tried again, or there before
-- it was entitled to them. In the order of seq, which an update keeps.
CREATE TABLE parked (
	seq      INTEGER PRIMARY KEY,
	receiver TEXT NOT NULL,    -- "platform/7"
	party    TEXT NOT NULL,    -- "NL*MSP", transport_and_format "Message Routing Headers", OCPI-to-*; empty for ClientInfo
	scope    TEXT NOT NULL,
	module   TEXT NOT NULL,
	owner    TEXT NOT NULL,
	id       TEXT NOT NULL,
	type     TEXT NOT NULL,
	kind     INTEGER NOT NULL, -- enum store_parked_kind
	since_ms INTEGER NOT NULL,
	due_ms   INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	change   INTEGER NOT NULL, -- the version last tried
	http     INTEGER NOT NULL,
	ocpi     INTEGER NOT NULL, -- status_code of the answer
	why      TEXT
);
CREATE UNIQUE INDEX parked_key ON parked (module, owner, id, type, scope, receiver, party);
CREATE INDEX parked_due ON parked (receiver, due_ms, seq);
CREATE INDEX parked_all ON parked (due_ms, seq);

-- How many there are: asked for with every read, so kept and not counted.
CREATE TABLE parked_count (
	receiver TEXT PRIMARY KEY,
	total    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER parked_more AFTER INSERT ON parked BEGIN
	INSERT INTO parked_count (receiver, total) VALUES (new.receiver, 1)
		ON CONFLICT (receiver) DO UPDATE SET total = total + 1;
END;
CREATE TRIGGER parked_less AFTER DELETE ON parked BEGIN
	UPDATE parked_count SET total = total - 1 WHERE receiver = old.receiver;
	DELETE FROM parked_count WHERE receiver = old.receiver AND total = 0;
END;

-- A platform has several parties, and each may refuse: the party joins the key. Rows from before were sent to the
-- platform's first one.
ALTER TABLE push_failure RENAME TO push_failure_before;
CREATE TABLE push_failure (
	receiver TEXT NOT NULL,
	party    TEXT NOT NULL,    -- "NL*MSP"; empty for ClientInfo
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
	PRIMARY KEY (receiver, module, owner, id, type, scope, party)
) WITHOUT ROWID;
CREATE INDEX push_failure_key ON push_failure (module, owner, id, type, scope);
CREATE INDEX push_failure_age ON push_failure (at_ms);
INSERT INTO push_failure (receiver, party, scope, module, owner, id, type, change, at_ms, http, ocpi, why)
	SELECT receiver, iif(module = 'hubclientinfo', '', ifnull((SELECT upper(p.country || '*' || p.party) FROM party p
		WHERE 'platform/' || p.platform = receiver ORDER BY p.position LIMIT 1), '')),
		scope, module, owner, id, type, change, at_ms, http, ocpi, why
	FROM push_failure_before;
DROP TABLE push_failure_before;

-- Changes above the cursor that were delivered: "12,15,20". The receiver of a cursor is "platform/7", whatever the
-- comment at its table says.
ALTER TABLE cursor ADD COLUMN ahead TEXT;

-- An addressed object belongs to its party and to the platform that holds it: "NL*MSP@7". Rows from before go to the
-- holder of today, else to the last one.
CREATE TEMP TABLE holder AS
	SELECT o.scope AS scope, o.scope || '@' || ifnull((SELECT p.platform FROM party p JOIN platform f ON f.id = p.platform
		WHERE upper(p.country || '*' || p.party) = o.scope ORDER BY f.removed, f.id DESC LIMIT 1), 0) AS held
	FROM (SELECT scope FROM object WHERE scope <> '*' UNION SELECT scope FROM object_count WHERE scope <> '*') o;
CREATE UNIQUE INDEX temp.holder_scope ON holder (scope);
UPDATE object_count SET scope = (SELECT held FROM holder h WHERE h.scope = object_count.scope) WHERE scope <> '*';

-- Whether its receiver took it. What was kept before counts as taken: a CDR is final then.
ALTER TABLE object ADD COLUMN accepted INTEGER NOT NULL DEFAULT 1;

-- BLAKE2b over all columns but shadows, which follows from other rows. migrated_digest() gives the new one where the
-- old one was right, and no right one where it was not.
UPDATE object SET
	scope = iif(scope = '*', '*', (SELECT held FROM holder h WHERE h.scope = object.scope)),
	digest = migrated_digest(digest, iif(scope = '*', '*', (SELECT held FROM holder h WHERE h.scope = object.scope)),
		module, owner, id, type, live, body, last_updated_ns, change, previous, seq, method, suffix, patch,
		sender_platform, correlation_id, at_ms, accepted);
DROP TABLE temp.holder;

-- The same of a URL handed out.
ALTER TABLE relink ADD COLUMN digest BLOB;
UPDATE relink SET digest = relink_digest(id, kind, target, caller_platform, target_platform, caller_country,
	caller_party, target_country, target_party, module, interface, correlation_id, created_ms, expires_ms);

-- Shared objects that a pull brought and nobody pushed: only these may be withdrawn when their source has them no more.
CREATE TABLE pulled (
	platform INTEGER NOT NULL, -- whose list it was in
	module   TEXT NOT NULL,
	owner    TEXT NOT NULL,
	id       TEXT NOT NULL,
	type     TEXT NOT NULL,
	missed   INTEGER NOT NULL, -- complete walks in a row that did not find it
	PRIMARY KEY (module, owner, id, type)
) WITHOUT ROWID;
CREATE INDEX pulled_platform ON pulled (platform, module, owner, id, type);

-- One row at a time, each as large as an object, written to learn whether a commit of such a row still succeeds.
DROP TABLE probe;
CREATE TABLE probe (
	id     INTEGER PRIMARY KEY,
	mark   TEXT NOT NULL,
	filler BLOB NOT NULL
);
CREATE UNIQUE INDEX probe_mark ON probe (mark);

-- Nothing ever read it.
ALTER TABLE platform DROP COLUMN token_old_sealed;
