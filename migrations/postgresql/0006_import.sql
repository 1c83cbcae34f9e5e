-- What one hub had becomes what another one has (STORE_IMPORT).

-- A place for a platform with an id of its own, which platform_save() fills; ids that are drawn come behind it.
CREATE FUNCTION platform_place(own_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	ids regclass := pg_get_serial_sequence('platform', 'id')::regclass;
BEGIN
	INSERT INTO platform (id, state, removed, created_ms, updated_ms, last_contact_ms, claims_bound)
		VALUES (own_id, 0, false, 0, 0, 0, false) ON CONFLICT (id) DO NOTHING;
	PERFORM setval(ids, greatest(own_id, coalesce(pg_sequence_last_value(ids), 0)));
END $$;
