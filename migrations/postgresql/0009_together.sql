-- Several processes work on one database at once (docs/adr/0042): each has a row of process, which its batches mark, and one of hub,
-- which it renews. Who has none any more was put out: what it writes is refused (RH001), and so is its renewal (RH002).

-- slots: those that it holds, a bit each. writer and backend: its sessions that write and that renew. steady: since when it renews
-- without a gap, on one session; gone: since when others miss that. head: the newest change that it knows of.
ALTER TABLE hub DROP CONSTRAINT hub_state_check;
ALTER TABLE hub
	ADD CONSTRAINT hub_state_check CHECK (state IN ('leads', 'stands by', 'put out', 'together')),
	ADD COLUMN process text COLLATE "C",
	ADD COLUMN slots   bigint NOT NULL DEFAULT 0,
	ADD COLUMN leaving boolean NOT NULL DEFAULT false,
	ADD COLUMN writer  bigint NOT NULL DEFAULT 0,
	ADD COLUMN steady  timestamptz,
	ADD COLUMN gone    timestamptz,
	ADD COLUMN head    bigint NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX hub_process ON hub (process);
-- No slot has an epoch: who was put out writes nothing.
ALTER TABLE cursor DROP COLUMN epoch;

-- What changes who holds what takes this lock, and waits for nothing while it has it: all the leases hang on it.
CREATE FUNCTION hub_lock() RETURNS void LANGUAGE sql AS 'SELECT pg_advisory_xact_lock(1380472130, 4)';

CREATE FUNCTION slot_count(slots bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT bit_count(slots::bit(64))';

-- One that is alone shuts out those that were not.
CREATE OR REPLACE FUNCTION hub_leads() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM process WHERE name <> 'hub';
	DELETE FROM hub WHERE about <> current_setting('roamhub.about')
		AND (state <> 'stands by' OR seen < clock_timestamp() - interval '1 minute');
	INSERT INTO hub AS h (about, state, backend, since, seen)
		VALUES (current_setting('roamhub.about'), 'leads', pg_backend_pid(), clock_timestamp(), clock_timestamp())
		ON CONFLICT (about) DO UPDATE SET state = 'leads', backend = excluded.backend, seen = excluded.seen, process = NULL,
			slots = 0, since = CASE h.state WHEN 'leads' THEN h.since ELSE excluded.since END;
END $$;

-- The row that batches mark. Not yet under the lock: its commit waits for the standby. One that was alone, and comes back, is shut out.
CREATE FUNCTION hub_enters(own_process text) RETURNS void LANGUAGE sql AS $$
	UPDATE process SET session = session + 1 WHERE name = 'hub';
	INSERT INTO process (name, session, batch, first, missed) VALUES (own_process, 0, 0, 0, '{}')
$$;
-- From now on others leave it its share of the slots.
CREATE FUNCTION hub_joins(own_process text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'local', true);
	PERFORM hub_lock();
	DELETE FROM hub WHERE process IS NULL AND (state <> 'stands by' OR about = current_setting('roamhub.about'));
	INSERT INTO hub (about, state, backend, since, seen, process, steady)
		VALUES (current_setting('roamhub.about'), 'together', 0, clock_timestamp(), clock_timestamp(), own_process,
		clock_timestamp());
	PERFORM pg_notify('roamhub', 's');
END $$;

-- Called by the session that writes, each time that there is a new one.
CREATE FUNCTION hub_works(own_process text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'local', true);
	UPDATE hub SET writer = pg_backend_pid() WHERE process = own_process AND state = 'together';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another process put this one out' USING ERRCODE = 'RH002';
	END IF;
END $$;

-- Who was put out writes nothing any more, before somebody else gets its slots: its session ends, and with it what that has under way.
-- True: it is so. The row of process is not waited for.
CREATE FUNCTION hub_is_out(its_process text, its_writer bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('client_min_messages', 'error', true); -- it may be gone by itself
	PERFORM pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.pid = its_writer AND l.locktype = 'advisory'
		AND l.classid = 1380472130 AND l.objid = 2
		AND NOT EXISTS (SELECT FROM hub h WHERE h.writer = its_writer AND h.process <> its_process);
	PERFORM 1 FROM process WHERE name = its_process FOR UPDATE SKIP LOCKED;
	IF NOT FOUND AND EXISTS (SELECT FROM process WHERE name = its_process) THEN
		RETURN false;
	END IF;
	DELETE FROM process WHERE name = its_process;
	DELETE FROM hub WHERE process = its_process;
	RETURN true;
END $$;

-- Others are judged by this server's clock alone, and only as far back as who judges was there itself: what the server did to all is
-- nobody's fault. True: some slots became free.
CREATE FUNCTION hub_judges(own_process text, own_steady timestamptz, lease_ms bigint, gone_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	now CONSTANT timestamptz := clock_timestamp();
	lease CONSTANT interval := lease_ms * interval '1 millisecond';
	missed CONSTANT interval := gone_ms * interval '1 millisecond';
	freed boolean := false;
	r hub;
BEGIN
	FOR r IN SELECT * FROM hub WHERE process <> own_process LOOP
		IF r.gone IS NULL AND r.backend <> 0 AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = r.backend) THEN
			UPDATE hub SET gone = now WHERE process = r.process;
		END IF;
		IF (now - r.seen > lease AND now - own_steady > lease) OR (now - r.gone > missed AND now - own_steady > missed) THEN
			UPDATE hub SET state = 'put out' WHERE process = r.process;
			r.state := 'put out';
		END IF;
		IF r.state = 'put out' THEN
			freed := hub_is_out(r.process, r.writer) OR freed;
		END IF;
	END LOOP;
	RETURN freed;
END $$;

-- A renewal. Slots are shared by rank: those that are free are taken up to the own share, the lowest first; who has more than that is
-- told which, the highest first, and keeps them until it gives them back. hubs: all of them.
CREATE FUNCTION hub_shares(own_process text, released bigint, own_leaving boolean, own_head bigint, lease_ms bigint, gone_ms bigint,
	OUT held bigint, OUT wanted bigint, OUT hubs bigint, OUT head bigint, OUT directory bigint)
LANGUAGE plpgsql AS $$
DECLARE
	gap CONSTANT interval := interval '1 second';
	me hub;
	steady_since timestamptz;
	moved boolean;
	ranks bigint;
	rank bigint;
	share bigint;
	taken bigint;
	bit bigint;
BEGIN
	PERFORM hub_lock();
	SELECT * INTO me FROM hub h WHERE h.process = own_process AND h.state = 'together';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another process put this one out' USING ERRCODE = 'RH002';
	END IF;
	steady_since := CASE WHEN me.backend = pg_backend_pid() AND clock_timestamp() - me.seen < gap THEN me.steady
		ELSE clock_timestamp() END;
	moved := me.slots & released <> 0 OR own_leaving <> me.leaving;
	moved := hub_judges(own_process, steady_since, lease_ms, gone_ms) OR moved;
	held := me.slots & ~released;
	SELECT count(*) FILTER (WHERE h.state = 'together'),
		count(*) FILTER (WHERE h.state = 'together' AND NOT h.leaving AND h.process <> own_process),
		count(*) FILTER (WHERE h.state = 'together' AND NOT h.leaving AND (h.since, h.process) < (me.since, own_process)),
		coalesce(bit_or(h.slots) FILTER (WHERE h.process <> own_process), 0) | held
		INTO hubs, ranks, rank, taken FROM hub h WHERE h.process IS NOT NULL;
	share := CASE WHEN own_leaving THEN 0 ELSE 64 / (ranks + 1) + (rank < 64 % (ranks + 1))::int END;
	FOR i IN 0..63 LOOP
		EXIT WHEN slot_count(held) >= share;
		bit := 1::bigint << i;
		CONTINUE WHEN taken & bit <> 0;
		held := held | bit;
	END LOOP;
	wanted := 0;
	FOR i IN REVERSE 63..0 LOOP
		EXIT WHEN slot_count(held & ~wanted) <= share;
		wanted := wanted | (held & (1::bigint << i));
	END LOOP;
	UPDATE hub h SET seen = clock_timestamp(), steady = steady_since, gone = NULL, backend = pg_backend_pid(), slots = held,
		leaving = own_leaving, head = own_head WHERE h.process = own_process;
	IF moved THEN
		PERFORM pg_notify('roamhub', 's');
	END IF;
	SELECT l.head, l.directory INTO head, directory FROM hub_looks() l;
END $$;

-- What is new. Nothing is written.
CREATE FUNCTION hub_looks(OUT head bigint, OUT directory bigint) LANGUAGE sql STABLE AS $$
	SELECT coalesce(newest_change(), 0), 0::bigint
$$;

-- One message for all that is to be told; one that is lost is no loss.
CREATE FUNCTION hub_tells(hints text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM pg_notify('roamhub', hints);
END $$;

-- It stopped, and all that it wrote is committed.
CREATE FUNCTION hub_ends(own_process text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM hub_lock();
	DELETE FROM process WHERE name = own_process;
	DELETE FROM hub WHERE process = own_process;
	PERFORM pg_notify('roamhub', 's');
END $$;

-- 1: another process wrote it meanwhile, and it is to be looked at again.
DROP FUNCTION record_erase;
CREATE FUNCTION record_erase(e_scope text, e_module text, e_owner text, e_id text, e_type text, e_change bigint, e_body bytea, e_patch bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	before bigint := (SELECT coalesce(octet_length(body), 0) + coalesce(octet_length(patch), 0) FROM object
		WHERE module = e_module AND id = e_id AND owner = e_owner AND type = e_type AND scope = e_scope);
BEGIN
	UPDATE object SET body = e_body, patch = e_patch
		WHERE module = e_module AND id = e_id AND owner = e_owner AND type = e_type AND scope = e_scope AND change + 0 = e_change;
	IF NOT FOUND THEN
		RETURN (before IS NOT NULL)::int;
	END IF;
	PERFORM stored_less(0, before - coalesce(octet_length(e_body), 0) - coalesce(octet_length(e_patch), 0));
	RETURN 0;
END $$;
