-- What the writer does beside shares, one statement an operation.

-- NULL: no platform has this id.
CREATE FUNCTION platform_save(own_id bigint, p_name text, p_state bigint, p_removed boolean, p_version text, p_versions_url text,
	p_token_sealed bytea, p_settings text, p_created_ms bigint, p_updated_ms bigint, p_last_contact_ms bigint,
	p_claims_bound boolean, p_told text,
	r_country text[], r_party text[], r_role bigint[], r_state bigint[], r_last_updated_ms bigint[], r_business bytea[],
	e_module text[], e_interface bigint[], e_url text[],
	t_kind bigint[], t_digest bytea[], t_expires_ms bigint[], t_made_ms bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	IF own_id = 0 THEN
		INSERT INTO platform (name, state, removed, version, versions_url, token_sealed, settings, created_ms, updated_ms,
			last_contact_ms, claims_bound, told)
			VALUES (p_name, p_state, p_removed, p_version, p_versions_url, p_token_sealed, p_settings, p_created_ms,
			p_updated_ms, p_last_contact_ms, p_claims_bound, p_told) RETURNING id INTO own_id;
	ELSE
		UPDATE platform SET name = p_name, state = p_state, removed = p_removed, version = p_version,
			versions_url = p_versions_url, token_sealed = p_token_sealed, settings = p_settings, created_ms = p_created_ms,
			updated_ms = p_updated_ms, last_contact_ms = p_last_contact_ms, claims_bound = p_claims_bound, told = p_told
			WHERE id = own_id;
		IF NOT FOUND THEN
			RETURN NULL;
		END IF;
	END IF;
	DELETE FROM party WHERE platform = own_id;
	DELETE FROM endpoint WHERE platform = own_id;
	DELETE FROM token WHERE platform = own_id;
	INSERT INTO party (platform, position, country, party, role, state, last_updated_ms, business)
		SELECT own_id, n - 1, c, p, r, s, u, b
		FROM unnest(r_country, r_party, r_role, r_state, r_last_updated_ms, r_business) WITH ORDINALITY AS k (c, p, r, s, u, b, n);
	INSERT INTO endpoint (platform, position, module, interface, url)
		SELECT own_id, n - 1, m, i, u FROM unnest(e_module, e_interface, e_url) WITH ORDINALITY AS k (m, i, u, n);
	INSERT INTO token (platform, position, kind, digest, expires_ms, made_ms)
		SELECT own_id, n - 1, k, d, e, m
		FROM unnest(t_kind, t_digest, t_expires_ms, t_made_ms) WITH ORDINALITY AS u (k, d, e, m, n);
	RETURN own_id;
END $$;

-- 0 when it was put, 1 when its platform has as many as it may.
CREATE FUNCTION relink_put(limited boolean, quota bigint, counted bigint, r_id text, r_kind bigint, r_target bytea,
	r_caller_platform bigint, r_target_platform bigint, r_caller_country text, r_caller_party text, r_target_country text,
	r_target_party text, r_module text, r_interface bigint, r_correlation_id bytea, r_created_ms bigint, r_expires_ms bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	IF limited AND coalesce((SELECT relinks FROM platform_count WHERE platform = counted), 0) >= quota THEN
		RETURN 1;
	END IF;
	INSERT INTO relink (id, kind, target, caller_platform, target_platform, caller_country, caller_party, target_country,
		target_party, module, interface, correlation_id, created_ms, expires_ms)
		VALUES (r_id, r_kind, r_target, r_caller_platform, r_target_platform, r_caller_country, r_caller_party, r_target_country,
		r_target_party, r_module, r_interface, r_correlation_id, r_created_ms, r_expires_ms);
	INSERT INTO platform_count AS c (platform, objects, relinks) VALUES (counted, 0, 1)
		ON CONFLICT (platform) DO UPDATE SET relinks = c.relinks + 1;
	RETURN 0;
END $$;

CREATE FUNCTION probe_put(p_filler bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	fresh bigint;
BEGIN
	INSERT INTO probe (filler) VALUES (p_filler) RETURNING id INTO fresh;
	DELETE FROM probe WHERE id < fresh;
END $$;

-- ---- what receivers are owed ----

CREATE FUNCTION parked_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO parked_count AS c (receiver, total) SELECT receiver, count(*) FROM fresh GROUP BY receiver
		ON CONFLICT (receiver) DO UPDATE SET total = c.total + excluded.total;
	RETURN NULL;
END $$;
CREATE TRIGGER parked_more AFTER INSERT ON parked REFERENCING NEW TABLE AS fresh
	FOR EACH STATEMENT EXECUTE FUNCTION parked_more();
CREATE FUNCTION parked_less() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT receiver, count(*) AS n FROM gone GROUP BY receiver LOOP
		UPDATE parked_count SET total = total - r.n WHERE receiver = r.receiver;
	END LOOP;
	RETURN NULL;
END $$;
CREATE TRIGGER parked_less AFTER DELETE ON parked REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION parked_less();

-- In the order given; of two for the same the last counts, at the place of the first.
CREATE FUNCTION park(k_receiver text[], k_party text[], k_scope text[], k_module text[], k_owner text[], k_id text[], k_type text[],
	k_kind bigint[], k_since_ms bigint[], k_due_ms bigint[], k_attempts bigint[], k_change bigint[], k_http bigint[],
	k_ocpi bigint[], k_why bytea[])
RETURNS void LANGUAGE sql AS $$
	INSERT INTO parked (receiver, party, scope, module, owner, id, type, kind, since_ms, due_ms, attempts, change, http, ocpi, why)
	SELECT receiver, party, scope, module, owner, id, type, kind, since_first, due_ms, attempts, change, http, ocpi, why
	FROM (SELECT *, min(n) OVER same AS n_first, max(n) OVER same AS n_last, first_value(since_ms) OVER (same ORDER BY n) AS since_first
		FROM unnest(k_receiver, k_party, k_scope, k_module, k_owner, k_id, k_type, k_kind, k_since_ms, k_due_ms, k_attempts,
			k_change, k_http, k_ocpi, k_why) WITH ORDINALITY AS u (receiver, party, scope, module, owner, id, type, kind,
			since_ms, due_ms, attempts, change, http, ocpi, why, n)
		WINDOW same AS (PARTITION BY receiver, party, scope, module, owner, id, type)) k
	WHERE n = n_last
	ORDER BY n_first
	ON CONFLICT (module, id, owner, type, scope, receiver, party) DO UPDATE SET kind = excluded.kind, due_ms = excluded.due_ms,
		attempts = excluded.attempts, change = excluded.change, http = excluded.http, ocpi = excluded.ocpi, why = excluded.why
$$;

-- What the share number k_number of this transaction owes, if it was written.
CREATE FUNCTION owe(own_name text, number bigint, k_receiver text, k_party text, k_scope text, k_module text, k_owner text, k_id text,
	k_type text, k_kind bigint, k_since_ms bigint, k_due_ms bigint, k_attempts bigint, k_http bigint, k_ocpi bigint, k_why bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	made bigint := (SELECT first + number FROM process WHERE name = own_name AND number <> ALL (missed));
BEGIN
	IF made IS NOT NULL THEN
		PERFORM park(ARRAY[k_receiver], ARRAY[k_party], ARRAY[k_scope], ARRAY[k_module], ARRAY[k_owner], ARRAY[k_id],
			ARRAY[k_type], ARRAY[k_kind], ARRAY[k_since_ms], ARRAY[k_due_ms], ARRAY[k_attempts], ARRAY[made],
			ARRAY[k_http], ARRAY[k_ocpi], ARRAY[k_why]);
	END IF;
END $$;

CREATE FUNCTION unpark(k_receiver text[], k_party text[], k_scope text[], k_module text[], k_owner text[], k_id text[], k_type text[],
	k_change bigint[], taken boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT * FROM unnest(k_receiver, k_party, k_scope, k_module, k_owner, k_id, k_type, k_change)
		AS u (receiver, party, scope, module, owner, id, type, change)
	LOOP
		DELETE FROM parked p WHERE p.module = k.module AND p.id = k.id AND p.owner = k.owner AND p.type = k.type
			AND p.scope = k.scope AND p.receiver = k.receiver AND p.party = k.party AND p.change <= k.change;
		CONTINUE WHEN NOT taken;
		DELETE FROM push_failure p WHERE p.module = k.module AND p.id = k.id AND p.owner = k.owner AND p.type = k.type
			AND p.scope = k.scope AND p.receiver = k.receiver AND p.party = k.party;
	END LOOP;
END $$;

CREATE FUNCTION failure_put(k_receiver text[], k_party text[], k_scope text[], k_module text[], k_owner text[], k_id text[],
	k_type text[], k_change bigint[], k_at_ms bigint[], k_http bigint[], k_ocpi bigint[], k_why bytea[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT * FROM unnest(k_receiver, k_party, k_scope, k_module, k_owner, k_id, k_type, k_change, k_at_ms, k_http,
			k_ocpi, k_why) AS u (receiver, party, scope, module, owner, id, type, change, at_ms, http, ocpi, why)
	LOOP
		INSERT INTO push_failure (receiver, party, scope, module, owner, id, type, change, at_ms, http, ocpi, why)
			VALUES (k.receiver, k.party, k.scope, k.module, k.owner, k.id, k.type, k.change, k.at_ms, k.http, k.ocpi, k.why)
			ON CONFLICT (module, id, owner, type, scope, receiver, party) DO UPDATE SET change = excluded.change,
			at_ms = excluded.at_ms, http = excluded.http, ocpi = excluded.ocpi, why = excluded.why;
	END LOOP;
	PERFORM unpark(k_receiver, k_party, k_scope, k_module, k_owner, k_id, k_type, k_change, false);
END $$;

CREATE FUNCTION failure_drop(k_receiver text[], k_party text[], k_scope text[], k_module text[], k_owner text[], k_id text[],
	k_type text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT * FROM unnest(k_receiver, k_party, k_scope, k_module, k_owner, k_id, k_type)
		AS u (receiver, party, scope, module, owner, id, type)
	LOOP
		DELETE FROM push_failure p WHERE p.module = k.module AND p.id = k.id AND p.owner = k.owner AND p.type = k.type
			AND p.scope = k.scope AND p.receiver = k.receiver AND p.party = k.party;
	END LOOP;
END $$;

-- The condition of what an operator selects: each part that is absent selects everything, and an index is used for those that are
-- there. $1 receiver, $2 scope, $3 module, $4 owner, $5 id, $6 type.
CREATE FUNCTION selected(receiver text, module text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN module IS NULL AND receiver IS NULL THEN 'true' WHEN module IS NULL THEN 'queue = $1'
		ELSE 'module = $3 AND id = $5 AND owner = $4 AND type = $6 AND scope = $2'
			|| CASE WHEN receiver IS NULL THEN '' ELSE ' AND receiver = $1' END END
$$;
CREATE FUNCTION failure_drop_selected(s_receiver text, s_scope text, s_module text, s_owner text, s_id text, s_type text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'DELETE FROM push_failure WHERE ' || selected(s_receiver, s_module)
		USING s_receiver, s_scope, s_module, s_owner, s_id, s_type;
END $$;

-- The same of parts that may each be absent.
CREATE FUNCTION chosen(receiver text, scope text, module text, owner text, id text, type text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN c = '' THEN 'true' ELSE c END FROM (SELECT concat_ws(' AND ', CASE WHEN receiver IS NULL THEN NULL
		WHEN module IS NULL THEN 'queue = $1' ELSE 'receiver = $1' END,
		CASE WHEN scope IS NOT NULL THEN 'scope = $2' END, CASE WHEN module IS NOT NULL THEN 'module = $3' END,
		CASE WHEN owner IS NOT NULL THEN 'owner = $4' END, CASE WHEN id IS NOT NULL THEN 'id = $5' END,
		CASE WHEN type IS NOT NULL THEN 'type = $6' END) AS c) k
$$;
CREATE FUNCTION redrive(s_receiver text, s_scope text, s_module text, s_owner text, s_id text, s_type text, s_now_ms bigint,
	s_since_ms bigint, s_until_ms bigint, dry_run boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	those text := chosen(s_receiver, s_scope, s_module, s_owner, s_id, s_type);
	found bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM (SELECT receiver, party, module, owner, id, type, scope FROM parked WHERE ' || those
		|| ' AND since_ms >= $8 AND since_ms < $9 UNION SELECT receiver, party, module, owner, id, type, scope FROM push_failure WHERE ' || those
		|| ' AND at_ms + 0 >= $8 AND at_ms + 0 < $9) s'
		INTO found USING s_receiver, s_scope, s_module, s_owner, s_id, s_type, s_now_ms, s_since_ms, s_until_ms;
	IF dry_run THEN
		RETURN found;
	END IF;
	EXECUTE 'UPDATE parked SET due_ms = $7 WHERE ' || those || ' AND since_ms >= $8 AND since_ms < $9 AND due_ms + 0 > $7'
		USING s_receiver, s_scope, s_module, s_owner, s_id, s_type, s_now_ms, s_since_ms, s_until_ms;
	EXECUTE 'INSERT INTO parked AS p (receiver, party, scope, module, owner, id, type, kind, since_ms, due_ms, attempts, change, '
		|| 'http, ocpi, why) SELECT receiver, party, scope, module, owner, id, type, 1, at_ms, $7, 0, change, http, ocpi, why '
		|| 'FROM push_failure WHERE ' || those || ' AND at_ms + 0 >= $8 AND at_ms + 0 < $9 ORDER BY at_ms + 0, change, receiver DESC '
		|| 'ON CONFLICT (module, id, owner, type, scope, receiver, party) DO UPDATE SET due_ms = least(p.due_ms, $7)'
		USING s_receiver, s_scope, s_module, s_owner, s_id, s_type, s_now_ms, s_since_ms, s_until_ms;
	RETURN found;
END $$;

-- The same bytes came again.
CREATE FUNCTION wake(w_scope text, w_module text, w_owner text, w_id text, w_type text, w_now_ms bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	woken bigint;
	more bigint;
BEGIN
	UPDATE parked SET due_ms = w_now_ms WHERE module = w_module AND id = w_id AND owner = w_owner AND type = w_type
		AND scope = w_scope AND due_ms + 0 > w_now_ms;
	GET DIAGNOSTICS woken = ROW_COUNT;
	INSERT INTO parked (receiver, party, scope, module, owner, id, type, kind, since_ms, due_ms, attempts, change, http, ocpi, why)
		SELECT receiver, party, scope, module, owner, id, type, 1, at_ms, w_now_ms, 0, change, http, ocpi, why
		FROM push_failure WHERE module = w_module AND id = w_id AND owner = w_owner AND type = w_type AND scope = w_scope
		ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS more = ROW_COUNT;
	RETURN woken + more;
END $$;

CREATE FUNCTION receiver_drop(d_receiver text, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	dropped bigint;
	more bigint;
BEGIN
	DELETE FROM cursor WHERE receiver = d_receiver;
	GET DIAGNOSTICS dropped = ROW_COUNT;
	DELETE FROM parked WHERE ctid = ANY (ARRAY(SELECT ctid FROM parked WHERE queue = d_receiver ORDER BY due_ms LIMIT most));
	GET DIAGNOSTICS more = ROW_COUNT;
	dropped := dropped + more;
	DELETE FROM push_failure
		WHERE ctid = ANY (ARRAY(SELECT ctid FROM push_failure WHERE queue = d_receiver ORDER BY at_ms LIMIT most));
	GET DIAGNOSTICS more = ROW_COUNT;
	RETURN dropped + more;
END $$;

-- ---- age ----

-- Objects that are gone for good: what lists and platforms have less of.
CREATE FUNCTION objects_gone(gone object[]) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION expire(e_now_ms bigint, e_before_ms bigint, most bigint, most_records bigint, e_versions_ms bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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
	DELETE FROM version WHERE ctid = ANY (ARRAY(SELECT ctid FROM version WHERE until_ms < e_versions_ms ORDER BY until_ms LIMIT most));
	GET DIAGNOSTICS more = ROW_COUNT;
	dropped := dropped + more;
	WITH d AS (DELETE FROM object o WHERE ctid = ANY (ARRAY(SELECT ctid FROM object WHERE module IN ('sessions', 'cdrs')
		AND at_ms < e_before_ms ORDER BY at_ms LIMIT most_records)) RETURNING o)
		SELECT array_agg(d.o) INTO gone FROM d;
	IF gone IS NOT NULL THEN
		dropped := dropped + cardinality(gone);
		PERFORM objects_gone(gone);
	END IF;
	RETURN dropped;
END $$;

-- A batch has one version of a tariff alone, so none is left out. Of each object VERSIONS_MOST of versions.h are kept.
CREATE FUNCTION version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	most CONSTANT bigint := 10000;
	last bigint := coalesce((SELECT nth FROM version WHERE module = OLD.module AND owner = OLD.owner AND id = OLD.id
		AND scope = OLD.scope ORDER BY nth DESC LIMIT 1), 0);
BEGIN
	INSERT INTO version (module, owner, id, scope, nth, change, at_ms, until_ms, sender_platform, method, correlation_id,
		last_updated_ns, body)
		VALUES (OLD.module, OLD.owner, OLD.id, OLD.scope, last + 1, OLD.change, OLD.at_ms, NEW.at_ms, OLD.sender_platform,
		OLD.method, OLD.correlation_id, OLD.last_updated_ns, OLD.body);
	DELETE FROM version WHERE module = OLD.module AND owner = OLD.owner AND id = OLD.id AND scope = OLD.scope
		AND nth <= last + 1 - most;
	RETURN NULL;
END $$;
CREATE TRIGGER version_keep AFTER UPDATE ON object FOR EACH ROW
	WHEN (OLD.module = 'tariffs' AND OLD.live AND OLD.change <> NEW.change) EXECUTE FUNCTION version_keep();

-- One driver's token, and what is owed of it.
CREATE FUNCTION token_erase(e_owner text, e_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	gone object[];
BEGIN
	WITH d AS (DELETE FROM object o WHERE module = 'tokens' AND id = e_id AND owner = e_owner RETURNING o)
		SELECT array_agg(d.o) INTO gone FROM d;
	IF gone IS NOT NULL THEN
		PERFORM objects_gone(gone);
	END IF;
	DELETE FROM pulled WHERE module = 'tokens' AND id = e_id AND owner = e_owner;
	DELETE FROM parked WHERE module = 'tokens' AND id = e_id AND owner = e_owner;
	DELETE FROM push_failure WHERE module = 'tokens' AND id = e_id AND owner = e_owner;
END $$;

CREATE FUNCTION scope_move(s_from text, s_to text, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	r object;
	other object;
	moved bigint := 0;
BEGIN
	FOR r IN SELECT * FROM object WHERE list > s_from || E'\n' AND list < s_from || E'\x0b' ORDER BY list LIMIT most LOOP
		moved := moved + 1;
		SELECT * INTO other FROM object WHERE module = r.module AND id = r.id AND owner = r.owner AND type = r.type AND scope = s_to;
		IF FOUND AND other.change > r.change THEN
			DELETE FROM object WHERE module = r.module AND id = r.id AND owner = r.owner AND type = r.type AND scope = s_from;
			PERFORM objects_gone(ARRAY[r]);
			CONTINUE;
		END IF;
		IF FOUND THEN
			DELETE FROM object WHERE module = r.module AND id = r.id AND owner = r.owner AND type = r.type AND scope = s_to;
			PERFORM objects_gone(ARRAY[other]);
		END IF;
		UPDATE object SET scope = s_to
			WHERE module = r.module AND id = r.id AND owner = r.owner AND type = r.type AND scope = s_from;
		CONTINUE WHEN NOT r.live;
		UPDATE object_count SET live = live - 1, shadowing = shadowing - r.hides::int
			WHERE module = r.module AND scope = s_from AND owner = r.owner;
		INSERT INTO object_count AS c (scope, module, owner, live, shadowing) VALUES (s_to, r.module, r.owner, 1, r.hides::int)
			ON CONFLICT (module, scope, owner) DO UPDATE SET live = c.live + 1, shadowing = c.shadowing + excluded.shadowing;
	END LOOP;
	RETURN moved;
END $$;

CREATE FUNCTION event_trim(e_before_ms bigint, e_most bigint, rows_most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	one text;
	dropped bigint := 0;
	more bigint;
BEGIN
	IF e_before_ms > 0 THEN
		DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE at_ms < e_before_ms ORDER BY at_ms LIMIT rows_most));
		GET DIAGNOSTICS dropped = ROW_COUNT;
	END IF;
	one := (SELECT type FROM event ORDER BY type LIMIT 1);
	WHILE one IS NOT NULL LOOP
		DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE type = one
			AND nth <= (SELECT nth FROM event WHERE type = one ORDER BY nth DESC LIMIT 1 OFFSET e_most) ORDER BY nth LIMIT rows_most));
		GET DIAGNOSTICS more = ROW_COUNT;
		dropped := dropped + more;
		one := (SELECT type FROM event WHERE type > one ORDER BY type LIMIT 1);
	END LOOP;
	RETURN dropped;
END $$;
