-- What is kept is counted with the batch that keeps it: limits.disk is about what lives. The files of tables say how much there was at
-- some time: what was deleted gives its place back to the table, and to the disk only by a VACUUM FULL.

-- Objects and versions of tariffs: how many rows, and how many bytes of bodies and patches, as they were written. One statement of a
-- batch changes it: HOT.
CREATE TABLE stored (
	one   boolean PRIMARY KEY CHECK (one),
	rows  bigint NOT NULL,
	bytes bigint NOT NULL
) WITH (fillfactor = 50);

-- Counted from the beginning; nobody needs it but who has put right a damaged table by hand.
CREATE FUNCTION stored_recount() RETURNS void LANGUAGE sql AS $$
	INSERT INTO stored (one, rows, bytes)
		SELECT true, o.n + v.n, o.bytes + v.bytes
		FROM (SELECT count(*) AS n, coalesce(sum(coalesce(octet_length(body), 0) + coalesce(octet_length(patch), 0)), 0)::bigint AS bytes
			FROM object) o,
			(SELECT count(*) AS n, coalesce(sum(coalesce(octet_length(body), 0)), 0)::bigint AS bytes FROM version) v
		ON CONFLICT (one) DO UPDATE SET rows = excluded.rows, bytes = excluded.bytes
$$;
SELECT stored_recount();

-- What the shares of this transaction keep more, by their numbers: those that were not written count for nothing.
CREATE FUNCTION stored_more(own_name text, k_number bigint[], k_rows bigint[], k_bytes bigint[]) RETURNS void LANGUAGE sql AS $$
	UPDATE stored s SET rows = s.rows + d.rows, bytes = s.bytes + d.bytes
	FROM (SELECT coalesce(sum(k.rows), 0)::bigint AS rows, coalesce(sum(k.bytes), 0)::bigint AS bytes
		FROM process p CROSS JOIN LATERAL unnest(k_number, k_rows, k_bytes) AS k (number, rows, bytes)
		WHERE p.name = own_name AND k.number <> ALL (p.missed)) d
	WHERE s.one AND (d.rows <> 0 OR d.bytes <> 0)
$$;
CREATE FUNCTION stored_less(l_rows bigint, l_bytes bigint) RETURNS void LANGUAGE sql AS $$
	UPDATE stored SET rows = rows - l_rows, bytes = bytes - l_bytes WHERE one AND (l_rows <> 0 OR l_bytes <> 0)
$$;

-- Objects that are gone for good: what lists and platforms have less of.
CREATE OR REPLACE FUNCTION objects_gone(gone object[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT g.scope, g.module, g.owner, count(*) AS live, count(*) FILTER (WHERE g.hides) AS shadowing
		FROM unnest(gone) g WHERE g.live GROUP BY g.scope, g.module, g.owner
	LOOP
		UPDATE object_count SET live = live - r.live, shadowing = shadowing - r.shadowing
			WHERE module = r.module AND scope = r.scope AND owner = r.owner;
	END LOOP;
	FOR r IN SELECT g.sender_platform, count(*) AS live FROM unnest(gone) g WHERE g.live GROUP BY g.sender_platform LOOP
		UPDATE platform_count SET objects = objects - r.live WHERE platform = r.sender_platform;
	END LOOP;
	FOR r IN SELECT g.module, g.id, g.owner, g.type FROM unnest(gone) g WHERE g.scope = '*' AND g.module IN ('sessions', 'cdrs') LOOP
		DELETE FROM pulled p WHERE p.module = r.module AND p.id = r.id AND p.owner = r.owner AND p.type = r.type;
	END LOOP;
	PERFORM hides_anew(ARRAY(SELECT ROW(g.module, g.id, g.owner, g.type)::object_ref
		FROM unnest(gone) g WHERE g.scope = '*' AND g.live));
	UPDATE passed SET change = g.newest FROM (SELECT max(u.change) AS newest FROM unnest(gone) u) g WHERE change < g.newest;
	PERFORM stored_less(count(*), sum(coalesce(octet_length(g.body), 0) + coalesce(octet_length(g.patch), 0))::bigint)
		FROM unnest(gone) g;
END $$;

-- Versions of one tariff, or those that are old.
CREATE FUNCTION versions_gone(those tid[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	bytes bigint;
BEGIN
	WITH d AS (DELETE FROM version WHERE ctid = ANY (those) RETURNING coalesce(octet_length(body), 0) AS bytes)
		SELECT count(*), coalesce(sum(d.bytes), 0)::bigint INTO n, bytes FROM d;
	PERFORM stored_less(n, bytes);
	RETURN n;
END $$;

CREATE OR REPLACE FUNCTION expire(e_now_ms bigint, e_before_ms bigint, most bigint, most_records bigint, e_versions_ms bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	day_ms CONSTANT bigint := 24 * 3600 * 1000;
	gone object[];
	r record;
	dropped bigint := 0;
	more bigint;
BEGIN
	FOR r IN
		WITH d AS (DELETE FROM relink WHERE ctid = ANY (ARRAY(SELECT ctid FROM relink WHERE expires_ms <= e_now_ms
			ORDER BY expires_ms LIMIT most)) RETURNING CASE WHEN kind = 0 THEN target_platform ELSE caller_platform END AS platform)
		SELECT platform, count(*) AS n FROM d GROUP BY platform
	LOOP
		UPDATE platform_count SET relinks = relinks - r.n WHERE platform = r.platform;
		dropped := dropped + r.n;
	END LOOP;
	DELETE FROM hint WHERE ctid = ANY (ARRAY(SELECT ctid FROM hint WHERE expires_ms <= e_now_ms ORDER BY expires_ms LIMIT most));
	GET DIAGNOSTICS more = ROW_COUNT;
	dropped := dropped + more;
	WITH d AS (DELETE FROM object o WHERE ctid = ANY (ARRAY(SELECT ctid FROM object WHERE NOT live AND at_ms < e_now_ms - 30 * day_ms
		ORDER BY at_ms LIMIT most)) RETURNING o)
		SELECT array_agg(d.o) INTO gone FROM d;
	IF gone IS NOT NULL THEN
		dropped := dropped + cardinality(gone);
		PERFORM objects_gone(gone);
	END IF;
	DELETE FROM push_failure WHERE ctid = ANY (ARRAY(SELECT ctid FROM push_failure WHERE at_ms < e_now_ms - 90 * day_ms
		ORDER BY at_ms LIMIT most));
	GET DIAGNOSTICS more = ROW_COUNT;
	dropped := dropped + more;
	IF e_before_ms <= 0 THEN
		RETURN dropped;
	END IF;
	dropped := dropped + versions_gone(ARRAY(SELECT ctid FROM version WHERE until_ms < e_versions_ms ORDER BY until_ms LIMIT most));
	WITH d AS (DELETE FROM object o WHERE ctid = ANY (ARRAY(SELECT ctid FROM object WHERE module IN ('sessions', 'cdrs')
		AND at_ms < e_before_ms ORDER BY at_ms LIMIT most_records)) RETURNING o)
		SELECT array_agg(d.o) INTO gone FROM d;
	IF gone IS NOT NULL THEN
		dropped := dropped + cardinality(gone);
		PERFORM objects_gone(gone);
	END IF;
	RETURN dropped;
END $$;

-- A batch has one version of a tariff alone, so none is left out. Of each object VERSIONS_MOST of versions.h are kept. The new one is
-- counted with the share that it comes from.
CREATE OR REPLACE FUNCTION version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	most CONSTANT bigint := 10000;
	last bigint := coalesce((SELECT nth FROM version WHERE module = OLD.module AND owner = OLD.owner AND id = OLD.id
		AND scope = OLD.scope ORDER BY nth DESC LIMIT 1), 0);
BEGIN
	INSERT INTO version (module, owner, id, scope, nth, change, at_ms, until_ms, sender_platform, method, correlation_id,
		last_updated_ns, body)
		VALUES (OLD.module, OLD.owner, OLD.id, OLD.scope, last + 1, OLD.change, OLD.at_ms, NEW.at_ms, OLD.sender_platform,
		OLD.method, OLD.correlation_id, OLD.last_updated_ns, OLD.body);
	IF last >= most THEN
		PERFORM versions_gone(ARRAY(SELECT ctid FROM version WHERE module = OLD.module AND owner = OLD.owner AND id = OLD.id
			AND scope = OLD.scope AND nth <= last + 1 - most));
	END IF;
	RETURN NULL;
END $$;

-- What a record says without one driver's token.
CREATE FUNCTION record_erase(e_scope text, e_module text, e_owner text, e_id text, e_type text, e_change bigint, e_body bytea, e_patch bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	before bigint := (SELECT coalesce(octet_length(body), 0) + coalesce(octet_length(patch), 0) FROM object
		WHERE module = e_module AND id = e_id AND owner = e_owner AND type = e_type AND scope = e_scope);
BEGIN
	UPDATE object SET body = e_body, patch = e_patch
		WHERE module = e_module AND id = e_id AND owner = e_owner AND type = e_type AND scope = e_scope AND change + 0 = e_change;
	IF FOUND THEN
		PERFORM stored_less(0, before - coalesce(octet_length(e_body), 0) - coalesce(octet_length(e_patch), 0));
	END IF;
END $$;

-- What one owner has in one scope goes, with nothing left to tell of it: a sandbox is over (STORE_OWNED_DROP). Of any owner when that is
-- absent. What is live is found by its book, what was deleted in the list. "live < true": no index but that of the list is meant. What
-- tariffs were before goes ahead of them, so that it is found by them.
CREATE OR REPLACE FUNCTION owned_drop(d_scope text, d_owner text, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	list_of text;
	found tid[];
	gone object[];
	r record;
	dropped bigint := 0;
BEGIN
	FOREACH list_of IN ARRAY ARRAY['cdrs', 'chargingprofiles', 'commands', 'locations', 'sessions', 'tariffs', 'tokens'] LOOP
		list_of := d_scope || E'\n' || list_of;
		EXIT WHEN dropped >= most;
		IF d_owner IS NULL THEN
			found := ARRAY(SELECT ctid FROM object WHERE list = list_of ORDER BY live, seq LIMIT most - dropped);
		ELSE
			found := ARRAY(SELECT ctid FROM object WHERE live AND book = list_of || E'\n' || d_owner
					ORDER BY last_updated_ns LIMIT most - dropped)
				|| ARRAY(SELECT ctid FROM object WHERE list = list_of AND live < true AND owner = d_owner
					ORDER BY live, seq LIMIT most - dropped);
		END IF;
		CONTINUE WHEN cardinality(found) = 0;
		FOR r IN SELECT o.module, o.owner, o.id, o.scope FROM object o WHERE o.ctid = ANY (found) AND o.module = 'tariffs' LOOP
			dropped := dropped + versions_gone(ARRAY(SELECT ctid FROM version WHERE module = r.module AND owner = r.owner
				AND id = r.id AND scope = r.scope ORDER BY nth LIMIT most - dropped));
			IF dropped >= most THEN
				RETURN dropped;
			END IF;
		END LOOP;
		WITH d AS (DELETE FROM object o WHERE ctid = ANY (found) RETURNING o) SELECT array_agg(d.o) INTO gone FROM d;
		PERFORM objects_gone(gone);
		FOR r IN SELECT * FROM unnest(gone) LOOP
			DELETE FROM pulled p WHERE r.scope = '*' AND p.module = r.module AND p.id = r.id AND p.owner = r.owner AND p.type = r.type;
			DELETE FROM push_failure p WHERE p.module = r.module AND p.id = r.id AND p.owner = r.owner AND p.type = r.type
				AND p.scope = r.scope;
		END LOOP;
		dropped := dropped + cardinality(gone);
	END LOOP;
	RETURN dropped;
END $$;
