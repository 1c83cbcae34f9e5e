-- A digest over all that a row says, in every table that is told as truth: what the disk changed is not served. See
-- src/store/sqlite_digest.c; objects and relinks have theirs since 0004_owed.sql. Eight bytes are enough: nobody is meant
-- to be kept from making a right one, a disk does not try.

-- Over the platform with all that hangs on it, so that a row of those that vanished is noticed too. When a platform was
-- last heard of is left out: it is written at every contact, and decides nothing.
ALTER TABLE platform ADD COLUMN digest BLOB;
UPDATE platform AS p SET digest = row_digest(id, name, state, removed, version, versions_url, token_sealed, settings,
	created_ms, updated_ms, claims_bound, told,
	(SELECT group_concat(hex(row_digest(position, country, party, role, state, last_updated_ms, business)))
		FROM (SELECT * FROM party WHERE platform = p.id ORDER BY position)),
	(SELECT group_concat(hex(row_digest(position, module, interface, url)))
		FROM (SELECT * FROM endpoint WHERE platform = p.id ORDER BY position)),
	(SELECT group_concat(hex(row_digest(position, kind, digest, expires_ms, made_ms)))
		FROM (SELECT * FROM token WHERE platform = p.id ORDER BY position)));

ALTER TABLE meta ADD COLUMN digest BLOB;
UPDATE meta SET digest = row_digest(key, value);
ALTER TABLE cursor ADD COLUMN digest BLOB;
UPDATE cursor SET digest = row_digest(receiver, change, ahead);
ALTER TABLE agreement ADD COLUMN digest BLOB;
UPDATE agreement SET digest = row_digest(id, cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms);
ALTER TABLE hint ADD COLUMN digest BLOB;
UPDATE hint SET digest = row_digest(kind, key, country, party, expires_ms);
ALTER TABLE parked ADD COLUMN digest BLOB;
UPDATE parked SET digest = row_digest(scope, module, owner, id, type, receiver, party, kind, since_ms, due_ms, attempts,
	change, http, ocpi, why);
ALTER TABLE push_failure ADD COLUMN digest BLOB;
UPDATE push_failure SET digest = row_digest(scope, module, owner, id, type, receiver, party, change, at_ms, http, ocpi, why);
ALTER TABLE pulled ADD COLUMN digest BLOB;
UPDATE pulled SET digest = row_digest(platform, module, owner, id, type, missed);

-- Written with every commit, so it is checked by its complement. Where that is wrong the newest change is looked for.
ALTER TABLE sequence ADD COLUMN twin INTEGER;
UPDATE sequence SET twin = ~change;
