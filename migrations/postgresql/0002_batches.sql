-- What a transaction of the writer begins with, and the shares of one.

-- Last thing of the first statement: who lost its session writes nothing, whatever it has under way.
CREATE FUNCTION batch_mark(own_name text, own_session bigint, own_batch bigint, own_first bigint, own_missed bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE process SET batch = own_batch, first = own_first, missed = own_missed WHERE name = own_name AND session = own_session;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another process took this database over' USING ERRCODE = 'RH001';
	END IF;
END $$;

-- Every transaction takes this lock before it touches a row: so numbers are committed in their order, and nobody waits for a row of
-- somebody who waits for the lock. Held to the end of the transaction.
CREATE FUNCTION batch_lock() RETURNS void LANGUAGE sql AS 'SELECT pg_advisory_xact_lock(1380472130, 1)';

CREATE FUNCTION batch_begin(own_name text, own_session bigint, own_batch bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM batch_lock();
	PERFORM batch_mark(own_name, own_session, own_batch, 0, '{}');
END $$;

CREATE TYPE object_ref AS (module text COLLATE "C", id text COLLATE "C", owner text COLLATE "C", type text COLLATE "C");

-- Which addressed versions of these objects hide a shared one, after some came or went.
CREATE FUNCTION hides_anew(refs object_ref[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN
		SELECT k.module, k.id, k.owner, k.type, v.scope, v.now
		FROM (SELECT DISTINCT u.module, u.id, u.owner, u.type FROM unnest(refs) u) k
		CROSS JOIN LATERAL (SELECT o.scope, o.hides, o.live AND coalesce((SELECT s.live FROM object s WHERE s.module = k.module
				AND s.id = k.id AND s.owner = k.owner AND s.type = k.type AND s.scope = '*'), false) AS now
			FROM object o WHERE o.module = k.module AND o.id = k.id AND o.owner = k.owner AND o.type = k.type
			AND o.scope <> '*' OFFSET 0) v
		WHERE v.hides <> v.now
	LOOP
		UPDATE object SET hides = r.now
			WHERE module = r.module AND id = r.id AND owner = r.owner AND type = r.type AND scope = r.scope;
		INSERT INTO object_count AS c (scope, module, owner, live, shadowing)
			VALUES (r.scope, r.module, r.owner, 0, CASE WHEN r.now THEN 1 ELSE -1 END)
			ON CONFLICT (module, scope, owner) DO UPDATE SET shadowing = c.shadowing + excluded.shadowing;
	END LOOP;
END $$;

-- The shares of one transaction, one row for each object: its last version of this batch. Numbers are given as how far they are
-- behind the first one that is drawn here; -1: none, then it is the number beside. expected is, by number, the change of the version
-- that was read before: one that is not there any more, or another one, is left alone and told, and the share is made anew.
--
-- The lock is the first thing, in a statement of its own: whatever comes behind it sees what was committed before it was had. The
-- numbers come from a sequence, which has no old versions that a long transaction would keep.
CREATE FUNCTION share_batch(own_name text, own_session bigint, own_batch bigint, numbers bigint, counting boolean,
	k_scope text[], k_module text[], k_owner text[], k_id text[], k_type text[],
	expected bigint[], k_number bigint[], k_previous_number bigint[], k_previous bigint[], k_seq_number bigint[], k_seq bigint[],
	k_was_live boolean[], k_was_sender bigint[], k_accepted boolean[], k_last_updated_ns bigint[], k_sender bigint[], k_at_ms bigint[],
	k_method text[], k_suffix bytea[], k_correlation bytea[], k_patch bytea[], k_body bytea[], OUT first bigint, OUT missed bigint[])
LANGUAGE plpgsql AS $$
DECLARE
	base bigint;
	written bigint[];
BEGIN
	PERFORM batch_lock();
	base := nextval('change_number');
	PERFORM setval('change_number', base + numbers - 1);
	WITH w AS (
		INSERT INTO object AS o (scope, module, owner, id, type, live, seq, change, previous, accepted, last_updated_ns,
			sender_platform, at_ms, method, suffix, correlation_id, patch, body)
		SELECT k.scope, k.module, k.owner, k.id, k.type, k.body IS NOT NULL,
			CASE WHEN k.seq_number < 0 THEN k.seq ELSE base + k.seq_number END, base + k.number,
			CASE WHEN k.previous_number < 0 THEN k.previous ELSE base + k.previous_number END, k.accepted, k.last_updated_ns,
			k.sender, k.at_ms, k.method, k.suffix, k.correlation, k.patch, k.body
		FROM unnest(k_scope, k_module, k_owner, k_id, k_type, k_number, k_previous_number, k_previous, k_seq_number, k_seq,
			k_accepted, k_last_updated_ns, k_sender, k_at_ms, k_method, k_suffix, k_correlation, k_patch, k_body)
			AS k (scope, module, owner, id, type, number, previous_number, previous, seq_number, seq,
			accepted, last_updated_ns, sender, at_ms, method, suffix, correlation, patch, body)
		WHERE expected[k.number + 1] = 0 OR (SELECT true FROM object t WHERE t.module = k.module AND t.id = k.id
			AND t.owner = k.owner AND t.type = k.type AND t.scope = k.scope LIMIT 1)
		ON CONFLICT (module, id, owner, type, scope) DO UPDATE SET live = excluded.live, seq = excluded.seq,
			change = excluded.change, previous = excluded.previous, accepted = excluded.accepted,
			last_updated_ns = excluded.last_updated_ns, sender_platform = excluded.sender_platform, at_ms = excluded.at_ms,
			method = excluded.method, suffix = excluded.suffix, correlation_id = excluded.correlation_id,
			patch = excluded.patch, body = excluded.body
			WHERE o.change = expected[excluded.change - base + 1]
		RETURNING o.change - base AS number
	)
	SELECT array_agg(w.number) INTO written FROM w;
	missed := '{}';
	IF coalesce(cardinality(written), 0) < cardinality(k_number) THEN
		missed := ARRAY(SELECT unnest(k_number) EXCEPT SELECT unnest(written));
	END IF;
	IF counting THEN
		PERFORM share_count(missed, k_scope, k_module, k_owner, k_id, k_type, k_number, k_was_live, k_was_sender, k_sender, k_body);
	END IF;
	first := base;
	PERFORM batch_mark(own_name, own_session, own_batch, first, missed);
END $$;

-- What came, went, or changed its writer.
CREATE FUNCTION share_count(missed bigint[], k_scope text[], k_module text[], k_owner text[], k_id text[], k_type text[],
	k_number bigint[], k_was_live boolean[], k_was_sender bigint[], k_sender bigint[], k_body bytea[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO object_count AS c (scope, module, owner, live, shadowing)
		SELECT k.scope, k.module, k.owner, sum(CASE WHEN k.was_live THEN -1 ELSE 1 END), 0
		FROM unnest(k_scope, k_module, k_owner, k_number, k_was_live, k_body)
			AS k (scope, module, owner, number, was_live, body)
		WHERE k.was_live <> (k.body IS NOT NULL) AND k.number <> ALL (missed)
		GROUP BY k.scope, k.module, k.owner
		ON CONFLICT (module, scope, owner) DO UPDATE SET live = c.live + excluded.live;
	INSERT INTO platform_count AS c (platform, objects, relinks)
		SELECT d.platform, sum(d.more), 0
		FROM unnest(k_number, k_was_live, k_was_sender, k_sender, k_body) AS k (number, was_live, was_sender, sender, body),
			LATERAL (VALUES (k.was_sender, CASE WHEN k.was_live THEN -1 ELSE 0 END),
				(k.sender, CASE WHEN k.body IS NULL THEN 0 ELSE 1 END)) AS d (platform, more)
		WHERE d.more <> 0 AND k.number <> ALL (missed)
		GROUP BY d.platform HAVING sum(d.more) <> 0
		ON CONFLICT (platform) DO UPDATE SET objects = c.objects + excluded.objects;
	PERFORM hides_anew(ARRAY(SELECT ROW(k.module, k.id, k.owner, k.type)::object_ref
		FROM unnest(k_module, k_id, k_owner, k_type, k_was_live, k_body) AS k (module, id, owner, type, was_live, body)
		WHERE k.was_live <> (k.body IS NOT NULL)));
END $$;

-- What is known of objects by pulls. of_platform: 0 ends the row; how 1 makes it, 2 finds it.
CREATE FUNCTION pulled_batch(k_module text[], k_owner text[], k_id text[], k_type text[], k_platform bigint[], k_how bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT * FROM unnest(k_module, k_owner, k_id, k_type, k_platform, k_how)
		AS u (module, owner, id, type, platform, how)
	LOOP
		IF k.how = 0 THEN
			DELETE FROM pulled p WHERE p.module = k.module AND p.id = k.id AND p.owner = k.owner AND p.type = k.type;
		ELSIF k.how = 2 THEN
			UPDATE pulled p SET platform = k.platform, missed = 0
				WHERE p.module = k.module AND p.id = k.id AND p.owner = k.owner AND p.type = k.type
				AND (p.platform <> k.platform OR p.missed <> 0);
		ELSE
			INSERT INTO pulled (platform, module, owner, id, type, missed)
				VALUES (k.platform, k.module, k.owner, k.id, k.type, 0)
				ON CONFLICT (module, id, owner, type) DO UPDATE SET platform = excluded.platform, missed = 0;
		END IF;
	END LOOP;
END $$;
