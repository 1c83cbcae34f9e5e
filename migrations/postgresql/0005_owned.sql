-- What one owner has in one scope goes, with nothing left to tell of it: a sandbox is over (STORE_OWNED_DROP). Of any owner when that is
-- absent. What is live is found by its book, what was deleted in the list. "live < true": no index but that of the list is meant.
CREATE FUNCTION owned_drop(d_scope text, d_owner text, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	list_of text;
	found tid[];
	gone object[];
	r object;
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
		WITH d AS (DELETE FROM object o WHERE ctid = ANY (found) RETURNING o) SELECT array_agg(d.o) INTO gone FROM d;
		PERFORM objects_gone(gone);
		FOREACH r IN ARRAY gone LOOP
			DELETE FROM pulled p WHERE r.scope = '*' AND p.module = r.module AND p.id = r.id AND p.owner = r.owner AND p.type = r.type;
			DELETE FROM push_failure p WHERE p.module = r.module AND p.id = r.id AND p.owner = r.owner AND p.type = r.type
				AND p.scope = r.scope;
		END LOOP;
		dropped := dropped + cardinality(gone);
	END LOOP;
	RETURN dropped;
END $$;
