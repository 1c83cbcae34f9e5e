-- What the holder of a platform's slot knows of it, for the others. It is of a moment: a crash of the server may take it. nth is drawn
-- under the lock of batches.
CREATE UNLOGGED TABLE status (
	platform bigint PRIMARY KEY,
	nth      bigint NOT NULL,
	state    bigint NOT NULL,
	at_ms    bigint NOT NULL,
	doc      bytea
) WITH (fillfactor = 50);
CREATE INDEX status_nth ON status (nth);
CREATE SEQUENCE status_number;

CREATE FUNCTION status_save(k_platform bigint[], k_state bigint[], k_at_ms bigint[], k_doc bytea[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO status (platform, nth, state, at_ms, doc)
		SELECT k.platform, nextval('status_number'), k.state, k.at_ms, k.doc
		FROM unnest(k_platform, k_state, k_at_ms, k_doc) AS k (platform, state, at_ms, doc)
		ON CONFLICT (platform) DO UPDATE SET nth = excluded.nth, state = excluded.state, at_ms = excluded.at_ms, doc = excluded.doc
$$;
