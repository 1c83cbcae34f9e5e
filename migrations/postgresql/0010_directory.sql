-- What one process knows of platforms and agreements is changed by others (docs/adr/0042). Each change has a number, drawn under the
-- lock of batches, so that they become visible in their order; and one that others depend on, which names the version that it was made
-- on, raises that. A row of a counter will do: there are few of them.
CREATE TABLE directory (
	one        boolean PRIMARY KEY CHECK (one),
	version    bigint NOT NULL,
	changed    bigint NOT NULL, -- of platforms and agreements
	agreements bigint NOT NULL  -- the last of agreements
) WITH (fillfactor = 50);
INSERT INTO directory (one, version, changed, agreements) VALUES (true, 1, 1, 1);

ALTER TABLE platform ADD COLUMN changed bigint NOT NULL DEFAULT 1;
CREATE INDEX platform_changed ON platform (changed);
-- Those of an export come without numbers: whoever reads it begins with everything.

CREATE OR REPLACE FUNCTION hub_looks(OUT head bigint, OUT directory bigint) LANGUAGE sql STABLE AS $$
	SELECT coalesce(newest_change(), 0), (SELECT d.changed FROM directory d WHERE d.one)
$$;

-- A change is made, on the version that it names (0: it depends on nothing). overtaken: nothing is changed, as it is another one.
CREATE FUNCTION directory_change(on_version bigint, of_agreements boolean, OUT overtaken boolean, OUT new_version bigint,
	OUT new_changed bigint)
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE directory d SET version = d.version + (on_version <> 0)::int, changed = d.changed + 1,
		agreements = CASE WHEN of_agreements THEN d.changed + 1 ELSE d.agreements END
		WHERE d.one AND (on_version = 0 OR d.version = on_version) RETURNING d.version, d.changed INTO new_version, new_changed;
	overtaken := NOT FOUND;
END $$;

DROP FUNCTION platform_save;
-- id: NULL, no platform has this one. With overtaken nothing was done. own_changed: of the row that was copied; 0: no matter.
CREATE FUNCTION platform_save(own_id bigint, p_name text, p_state bigint, p_removed boolean, p_version text, p_versions_url text,
	p_token_sealed bytea, p_settings text, p_created_ms bigint, p_updated_ms bigint, p_last_contact_ms bigint,
	p_claims_bound boolean, p_told text,
	r_country text[], r_party text[], r_role bigint[], r_state bigint[], r_last_updated_ms bigint[], r_business bytea[],
	e_module text[], e_interface bigint[], e_url text[],
	t_kind bigint[], t_digest bytea[], t_expires_ms bigint[], t_made_ms bigint[], own_changed bigint, on_version bigint,
	OUT id bigint, OUT changed bigint, OUT version bigint, OUT overtaken boolean)
LANGUAGE plpgsql AS $$
DECLARE
	found_changed bigint;
BEGIN
	IF own_id <> 0 THEN
		SELECT p.changed INTO found_changed FROM platform p WHERE p.id = own_id;
		IF NOT FOUND THEN
			RETURN;
		END IF;
	END IF;
	overtaken := own_id <> 0 AND own_changed <> 0 AND found_changed <> own_changed;
	IF overtaken THEN
		RETURN;
	END IF;
	SELECT d.overtaken, d.new_version, d.new_changed INTO overtaken, version, changed FROM directory_change(on_version, false) d;
	IF overtaken THEN
		RETURN;
	END IF;
	id := own_id;
	IF own_id = 0 THEN
		INSERT INTO platform AS p (name, state, removed, version, versions_url, token_sealed, settings, created_ms, updated_ms,
			last_contact_ms, claims_bound, told, changed)
			VALUES (p_name, p_state, p_removed, p_version, p_versions_url, p_token_sealed, p_settings, p_created_ms,
			p_updated_ms, p_last_contact_ms, p_claims_bound, p_told, platform_save.changed) RETURNING p.id INTO id;
	ELSE
		UPDATE platform p SET name = p_name, state = p_state, removed = p_removed, version = p_version,
			versions_url = p_versions_url, token_sealed = p_token_sealed, settings = p_settings, created_ms = p_created_ms,
			updated_ms = p_updated_ms, last_contact_ms = p_last_contact_ms, claims_bound = p_claims_bound, told = p_told,
			changed = platform_save.changed
			WHERE p.id = own_id;
	END IF;
	DELETE FROM party WHERE platform = platform_save.id;
	DELETE FROM endpoint WHERE platform = platform_save.id;
	DELETE FROM token WHERE platform = platform_save.id;
	INSERT INTO party (platform, position, country, party, role, state, last_updated_ms, business)
		SELECT platform_save.id, n - 1, c, p, r, s, u, b
		FROM unnest(r_country, r_party, r_role, r_state, r_last_updated_ms, r_business) WITH ORDINALITY AS k (c, p, r, s, u, b, n);
	INSERT INTO endpoint (platform, position, module, interface, url)
		SELECT platform_save.id, n - 1, m, i, u FROM unnest(e_module, e_interface, e_url) WITH ORDINALITY AS k (m, i, u, n);
	INSERT INTO token (platform, position, kind, digest, expires_ms, made_ms)
		SELECT platform_save.id, n - 1, k, d, e, m
		FROM unnest(t_kind, t_digest, t_expires_ms, t_made_ms) WITH ORDINALITY AS u (k, d, e, m, n);
END $$;

-- id 0: a new one; NULL comes back when none has it.
CREATE FUNCTION agreement_save(own_id bigint, a_cpo_country text, a_cpo_party text, a_emsp_country text, a_emsp_party text,
	a_modules text, a_from_ms bigint, a_until_ms bigint, on_version bigint,
	OUT id bigint, OUT version bigint, OUT overtaken boolean)
LANGUAGE plpgsql AS $$
BEGIN
	overtaken := false;
	IF own_id <> 0 AND NOT EXISTS (SELECT FROM agreement a WHERE a.id = own_id) THEN
		RETURN;
	END IF;
	SELECT d.overtaken, d.new_version INTO overtaken, version FROM directory_change(on_version, true) d;
	IF overtaken THEN
		RETURN;
	END IF;
	IF own_id = 0 THEN
		INSERT INTO agreement AS a (cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms)
			VALUES (a_cpo_country, a_cpo_party, a_emsp_country, a_emsp_party, a_modules, a_from_ms, a_until_ms)
			RETURNING a.id INTO id;
	ELSE
		UPDATE agreement a SET cpo_country = a_cpo_country, cpo_party = a_cpo_party, emsp_country = a_emsp_country,
			emsp_party = a_emsp_party, modules = a_modules, from_ms = a_from_ms, until_ms = a_until_ms
			WHERE a.id = own_id RETURNING a.id INTO id;
	END IF;
END $$;

CREATE FUNCTION agreement_drop(own_id bigint, on_version bigint, OUT id bigint, OUT version bigint, OUT overtaken boolean)
LANGUAGE plpgsql AS $$
BEGIN
	overtaken := false;
	IF NOT EXISTS (SELECT FROM agreement a WHERE a.id = own_id) THEN
		RETURN;
	END IF;
	SELECT d.overtaken, d.new_version INTO overtaken, version FROM directory_change(on_version, true) d;
	IF NOT overtaken THEN
		DELETE FROM agreement a WHERE a.id = own_id RETURNING a.id INTO id;
	END IF;
END $$;

-- The first of an import, which is many statements: all or none, so it is refused whole.
CREATE FUNCTION directory_import(on_version bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	d record;
BEGIN
	SELECT * INTO d FROM directory_change(on_version, true);
	IF d.overtaken THEN
		RAISE EXCEPTION 'another process changed the directory first' USING ERRCODE = 'RH003';
	END IF;
	RETURN d.new_version;
END $$;
