-- Several processes write the trace. Ids are drawn, so many at once; a partition is made by one of those who want it.
CREATE SEQUENCE trace_number;
SELECT setval('trace_number', coalesce(max(id), 0) + 1) FROM trace;

CREATE FUNCTION trace_lock() RETURNS void LANGUAGE sql AS 'SELECT pg_advisory_xact_lock(1380472130, 5)';

-- The first of so many.
CREATE FUNCTION trace_ids(many bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	first bigint;
BEGIN
	PERFORM trace_lock();
	first := nextval('trace_number');
	PERFORM setval('trace_number', first + many - 1);
	RETURN first;
END $$;

-- The newest there is, or the one that is wanted, which is made when it is newer.
CREATE FUNCTION trace_part(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	newest bigint;
BEGIN
	PERFORM trace_lock();
	SELECT coalesce(max(substr(c.relname, 7)::bigint), 0) INTO newest FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'trace'::regclass;
	IF newest < wanted THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF trace FOR VALUES IN (%s)', 'trace_' || wanted, wanted);
		newest := wanted;
	END IF;
	RETURN newest;
END $$;
