-- Reads that decide by what they found. STABLE: all statements of one see what the statement that called it sees.

CREATE FUNCTION newest_change() RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT greatest((SELECT change FROM passed WHERE one), (SELECT max(change) FROM object WHERE scope = '*'),
		(SELECT max(change) FROM object WHERE scope <> '*'))
$$;

-- The last row has no object: head, and whether there are changes behind the last of them.
CREATE FUNCTION feed(f_after bigint, f_limit bigint, f_max_bytes bigint)
RETURNS TABLE (head bigint, more boolean, o object) LANGUAGE plpgsql STABLE AS $$
DECLARE
	count bigint := 0;
	bytes bigint := 0;
BEGIN
	more := false;
	FOR o IN SELECT * FROM object WHERE scope = '*' AND change > f_after ORDER BY change LOOP
		more := count >= f_limit OR (f_max_bytes > 0 AND bytes > f_max_bytes);
		EXIT WHEN more;
		count := count + 1;
		bytes := bytes + coalesce(octet_length(o.body), 0) + coalesce(octet_length(o.patch), 0);
		RETURN NEXT;
	END LOOP;
	head := newest_change();
	o := NULL;
	RETURN NEXT;
END $$;

-- As of sqlite_list.c: shared objects and the viewer's own are walked side by side in the order of seq, along an index that holds what
-- the filters look at; only the rows of the page are read. Few that are left by filters are gathered by owner and date instead. The
-- last row has no object: the total, and whether others follow.
CREATE FUNCTION page(p_module text, p_viewer text, p_after bigint, p_dated boolean, p_from_ns bigint, p_to_ns bigint, p_owner text,
	p_hidden text[], p_limit bigint, p_offset bigint, p_max_bytes bigint)
RETURNS TABLE (total bigint, more boolean, o object) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
DECLARE
	few CONSTANT bigint := 1000;
	narrow boolean := p_dated OR p_owner IS NOT NULL OR cardinality(p_hidden) > 0;
	shared bigint;
	own bigint;
	shadowing bigint;
	walked text := E'*\n' || p_module;
	rows refcursor;
	passed bigint := 0;
	bytes bigint := 0;
BEGIN
	more := false;
	SELECT coalesce(sum(c.live) FILTER (WHERE c.scope = '*'), 0), coalesce(sum(c.live) FILTER (WHERE c.scope <> '*'), 0),
		coalesce(sum(c.shadowing), 0) INTO shared, own, shadowing
		FROM object_count c WHERE c.module = p_module AND c.scope IN ('*', p_viewer)
		AND (p_owner IS NULL OR c.owner = p_owner) AND c.owner <> ALL (p_hidden);
	total := shared + own - shadowing;
	IF p_dated AND total > 0 THEN
		SELECT coalesce(sum(d.n), 0) INTO total FROM object_count c CROSS JOIN LATERAL (SELECT count(*) AS n FROM object x
				WHERE x.book = c.scope || E'\n' || c.module || E'\n' || c.owner AND x.live
				AND x.last_updated_ns >= p_from_ns AND x.last_updated_ns < p_to_ns
				AND (c.scope <> '*' OR shadowing = 0 OR (SELECT true FROM object v WHERE v.module = x.module AND v.id = x.id
				AND v.owner = x.owner AND v.type = x.type AND v.scope = p_viewer AND v.live LIMIT 1) IS NULL)) d
			WHERE c.module = p_module AND c.scope IN ('*', p_viewer)
			AND (p_owner IS NULL OR c.owner = p_owner) AND c.owner <> ALL (p_hidden);
	END IF;
	IF total = 0 OR p_limit = 0 OR (p_after <= 0 AND p_offset >= total) THEN
		RETURN NEXT;
		RETURN;
	END IF;
	IF narrow AND total <= few THEN
		OPEN rows FOR SELECT g.* FROM object_count c CROSS JOIN LATERAL (SELECT * FROM object x
				WHERE x.book = c.scope || E'\n' || c.module || E'\n' || c.owner AND x.live
				AND x.last_updated_ns >= p_from_ns AND x.last_updated_ns < p_to_ns AND x.seq + 0 > p_after
				AND (c.scope <> '*' OR shadowing = 0 OR (SELECT true FROM object v WHERE v.module = x.module AND v.id = x.id
				AND v.owner = x.owner AND v.type = x.type AND v.scope = p_viewer AND v.live LIMIT 1) IS NULL) OFFSET 0) g
			WHERE c.module = p_module AND c.scope IN ('*', p_viewer)
			AND (p_owner IS NULL OR c.owner = p_owner) AND c.owner <> ALL (p_hidden)
			ORDER BY g.seq LIMIT p_limit + 1 OFFSET p_offset;
	ELSIF own > 0 AND shared > 0 THEN
		OPEN rows FOR SELECT r.* FROM (SELECT u.list, u.seq FROM (
				(SELECT x.list, x.seq FROM object x WHERE x.list = E'*\n' || p_module AND x.live AND x.seq > p_after
					AND x.last_updated_ns >= p_from_ns AND x.last_updated_ns < p_to_ns
					AND (p_owner IS NULL OR x.owner = p_owner) AND x.owner <> ALL (p_hidden)
					AND (shadowing = 0 OR (SELECT true FROM object v WHERE v.module = x.module AND v.id = x.id
					AND v.owner = x.owner AND v.type = x.type AND v.scope = p_viewer AND v.live LIMIT 1) IS NULL)
					ORDER BY x.seq LIMIT p_offset + p_limit + 1)
				UNION ALL
				(SELECT y.list, y.seq FROM object y WHERE y.list = p_viewer || E'\n' || p_module AND y.live AND y.seq > p_after
					AND y.last_updated_ns >= p_from_ns AND y.last_updated_ns < p_to_ns
					AND (p_owner IS NULL OR y.owner = p_owner) AND y.owner <> ALL (p_hidden)
					ORDER BY y.seq LIMIT p_offset + p_limit + 1)) u
				ORDER BY u.seq LIMIT p_limit + 1 OFFSET p_offset) w
			CROSS JOIN LATERAL (SELECT * FROM object z WHERE z.list = w.list AND z.live
				AND z.seq = w.seq LIMIT 1) r
			ORDER BY w.seq;
	ELSE
		IF shared = 0 THEN
			walked := p_viewer || E'\n' || p_module;
		END IF;
		OPEN rows FOR SELECT r.* FROM (SELECT x.seq FROM object x WHERE x.list = walked AND x.live
				AND x.seq > p_after AND x.last_updated_ns >= p_from_ns AND x.last_updated_ns < p_to_ns
				AND (p_owner IS NULL OR x.owner = p_owner) AND x.owner <> ALL (p_hidden)
				ORDER BY x.seq LIMIT p_limit + 1 OFFSET p_offset) w
			CROSS JOIN LATERAL (SELECT * FROM object z WHERE z.list = walked AND z.live
				AND z.seq = w.seq LIMIT 1) r
			ORDER BY w.seq;
	END IF;
	LOOP
		FETCH rows INTO o;
		EXIT WHEN NOT FOUND;
		bytes := bytes + coalesce(octet_length(o.body), 0);
		more := passed >= p_limit OR (p_max_bytes > 0 AND passed > 0 AND bytes > p_max_bytes);
		EXIT WHEN more;
		passed := passed + 1;
		RETURN NEXT;
	END LOOP;
	CLOSE rows;
	o := NULL;
	RETURN NEXT;
END $$;
