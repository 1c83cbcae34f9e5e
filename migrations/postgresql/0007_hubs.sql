-- The processes that share the database: one leads, others stand by (lease.c). What a process says of itself is the setting
-- roamhub.about of its sessions, a JSON object, and no two processes say the same. Whether a lease has ended is judged by this server's
-- clock alone. backend: the session of who leads that has the lock.
CREATE TABLE hub (
	about   text COLLATE "C" PRIMARY KEY,
	state   text NOT NULL CHECK (state IN ('leads', 'stands by', 'put out')),
	backend bigint NOT NULL,
	since   timestamptz NOT NULL,
	seen    timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Called by the session that has the lock, also when the process had another one before: its row stays then, as it may be renewed at
-- this moment. Rows of processes that are gone are nobody's any more.
CREATE FUNCTION hub_leads() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM hub WHERE about <> current_setting('roamhub.about')
		AND (state <> 'stands by' OR seen < clock_timestamp() - interval '1 minute');
	INSERT INTO hub AS h (about, state, backend, since, seen)
		VALUES (current_setting('roamhub.about'), 'leads', pg_backend_pid(), clock_timestamp(), clock_timestamp())
		ON CONFLICT (about) DO UPDATE SET state = 'leads', backend = excluded.backend, seen = excluded.seen,
			since = CASE h.state WHEN 'leads' THEN h.since ELSE excluded.since END;
END $$;

CREATE FUNCTION hub_renews() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE hub SET seen = clock_timestamp() WHERE about = current_setting('roamhub.about') AND state = 'leads';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another hub took the database over' USING ERRCODE = 'RH002';
	END IF;
END $$;

-- Who leads and was not seen for so long does not lead any more, whatever it thinks; its session with the lock is ended, as the process
-- may hang. One that leads without a lease, of before this migration, is left alone.
-- How long ago who leads was seen, in ms; -1: nobody does.
CREATE FUNCTION hub_stands_by(lease_ms bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO hub AS h (about, state, backend, since, seen)
		VALUES (current_setting('roamhub.about'), 'stands by', 0, clock_timestamp(), clock_timestamp())
		ON CONFLICT (about) DO UPDATE SET seen = clock_timestamp();
	UPDATE hub SET state = 'put out', since = clock_timestamp()
		WHERE state = 'leads' AND seen < clock_timestamp() - lease_ms * interval '1 millisecond';
	PERFORM pg_terminate_backend(l.pid) FROM pg_locks l JOIN hub h ON h.backend = l.pid
		WHERE h.state = 'put out' AND l.locktype = 'advisory' AND l.classid = 1380472130 AND l.objid = 2;
	DELETE FROM hub WHERE state = 'stands by' AND seen < clock_timestamp() - interval '1 minute';
	RETURN coalesce((SELECT (extract(epoch FROM clock_timestamp() - max(seen)) * 1000)::bigint FROM hub WHERE state = 'leads'), -1);
END $$;

-- It stops, and nobody need wait for its lease.
CREATE FUNCTION hub_leaves() RETURNS void LANGUAGE sql AS $$
	DELETE FROM hub WHERE about = current_setting('roamhub.about')
$$;
