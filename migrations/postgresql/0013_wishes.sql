-- What an operator asked for at whichever process, for who has to do it: of a platform, or of the hub (0). A later word takes the place
-- of an earlier one. nth is drawn under the lock of batches.
CREATE TABLE wish (
	platform bigint NOT NULL,
	what     bigint NOT NULL, -- enum store_wish_kind
	nth      bigint NOT NULL,
	PRIMARY KEY (platform, what)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX wish_nth ON wish (nth);
CREATE SEQUENCE wish_number;

CREATE FUNCTION wish_put(w_platform bigint, w_what bigint) RETURNS bigint LANGUAGE sql AS $$
	INSERT INTO wish (platform, what, nth) VALUES (w_platform, w_what, nextval('wish_number'))
		ON CONFLICT (platform, what) DO UPDATE SET nth = excluded.nth RETURNING nth
$$;
