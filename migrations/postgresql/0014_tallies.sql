-- What each process counts of a platform, for one that was asked about it (docs/adr/0048). Questions lie beside wishes, have numbers of
-- the same sequence, and go with their answers when who asked has these.
CREATE UNLOGGED TABLE question (
	nth      bigint PRIMARY KEY,
	platform bigint NOT NULL,
	at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNLOGGED TABLE tally (
	nth bigint NOT NULL REFERENCES question ON DELETE CASCADE,
	who bigint NOT NULL, -- a process
	doc bytea NOT NULL,
	PRIMARY KEY (nth, who)
);

-- 3: WISH_FORGET. What was answered to a process that died meanwhile may name what is to be forgotten. 4: WISH_TALLY.
CREATE OR REPLACE FUNCTION wish_put(w_platform bigint, w_what bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	w_nth bigint := nextval('wish_number');
BEGIN
	IF w_what IN (3, 4) THEN
		DELETE FROM question WHERE w_what = 3 OR at < clock_timestamp() - interval '1 minute';
	END IF;
	IF w_what = 4 THEN
		INSERT INTO question (nth, platform) VALUES (w_nth, w_platform);
	ELSE
		INSERT INTO wish (platform, what, nth) VALUES (w_platform, w_what, w_nth)
			ON CONFLICT (platform, what) DO UPDATE SET nth = excluded.nth;
	END IF;
	RETURN w_nth;
END $$;

CREATE FUNCTION wish_drop(w_nth bigint) RETURNS void LANGUAGE sql AS $$
	DELETE FROM wish WHERE nth = w_nth;
	DELETE FROM question WHERE nth = w_nth
$$;

-- One that comes too late is not kept.
CREATE FUNCTION tally_put(t_nth bigint, t_who bigint, t_doc bytea) RETURNS void LANGUAGE sql AS $$
	INSERT INTO tally (nth, who, doc) SELECT q.nth, t_who, t_doc FROM question q WHERE q.nth = t_nth ON CONFLICT DO NOTHING
$$;
