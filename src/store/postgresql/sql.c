/* sql: every statement of the PostgreSQL backend, by number. What is more than one statement is a
 * function of migrations/postgresql. */
#include "sql.h"

/* clang-format off */
/* $1 kind, from $2 and below $3, of the party $4; what leads to nobody any more, too. */
#define HINTS_OF_TOKEN "kind = $1 AND key >= $2 AND key < $3 AND (country || '*' || party = $4 OR country = '')"
#define OBJECT(of) \
	of "scope, " of "module, " of "owner, " of "id, " of "type, " of "body, " of "last_updated_ns, " of "change, " \
	of "previous, " of "seq, " of "method, " of "suffix, " of "patch, " of "sender_platform, " of "correlation_id, " \
	of "at_ms, " of "accepted"
#define SAME(of, as) \
	of ".module = " as ".module AND " of ".id = " as ".id AND " of ".owner = " as ".owner AND " of ".type = " as ".type"

/* $1 receiver, $2 to $6 the parts of a key, $7 since, $8 until: what is absent is any. */
#define CHOSEN(time) \
	"AND ($2::text IS NULL OR scope = $2) AND ($3::text IS NULL OR module = $3) AND ($4::text IS NULL OR owner = $4) " \
	"AND ($5::text IS NULL OR id = $5) AND ($6::text IS NULL OR type = $6) AND " time " + 0 >= $7 AND " time " + 0 < $8 "
#define OF_TOKEN "module = 'tokens' AND id = $2 AND owner = $1"
#define FAILURES_FROM(where) \
	"SELECT scope, module, owner, id, type, receiver, party, change, at_ms, http, ocpi, why FROM " where
#define FAILURES FAILURES_FROM("push_failure ")
/* $1 to $8 as above, $9 limit, $10 now, $11 far ahead of it. Spans 1 and 2 are due, 3 says when the next is, 4 how many there are. */
#define PARKED(span, where, due, limit) \
	"(SELECT " span "::bigint, scope, module, owner, id, type, receiver, party, kind, seq, since_ms, due_ms, change, " \
	"attempts, http, ocpi, why FROM parked WHERE " where " ORDER BY " due ", seq LIMIT " limit ") UNION ALL "
#define PARKED_SPANS(of, due, total) \
	PARKED("1", of due " <= $10 " CHOSEN("since_ms"), due, "$9") PARKED("2", of due " > $11 " CHOSEN("since_ms"), due, "$9") \
	PARKED("3", of due " > $10 AND " due " <= $11 " CHOSEN("since_ms"), due, "1") PARKED_TOTAL(total)
#define PARKED_TOTAL(total) "SELECT 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, (" total "), 0, 0, 0, 0, 0, 0, NULL"
/* Found by the index over keys, whatever order is wanted. */
#define OF_OBJECT "module = $3 AND id = $5 AND owner = $4 AND ($1::text IS NULL OR receiver = $1) "

/* $1 to $8 as above, $9 how many are looked at and one more, $10 and $11 behind which one. Those that are chosen, and the last two
 * of so many, which say where to go on. */
#define PARKED_LOOK(where, due) \
	"SELECT n, scope, module, owner, id, type, receiver, party, kind, seq, since_ms, due_ms, change, attempts, http, ocpi, " \
	"why, fits FROM (SELECT row_number() OVER () AS n, true " CHOSEN("since_ms") "AS fits, l.* FROM (SELECT * FROM parked " \
	"WHERE " where " ORDER BY " due ", seq LIMIT $9) l) s WHERE fits OR n >= $9 - 1"

/* $1 types, $2 platform, $3 who, $4 what (or the words before it), $5 since, $6 until, $7 after, $8 before, $9 limit. */
#define EVENTS(where, by, order) \
	"SELECT id, at_ms, type, platform, who, address, what, subject, data FROM event WHERE " where \
	"AND " by " > $7 AND " by " < $8 AND at_ms + 0 >= $5 AND at_ms + 0 < $6 " \
	"AND ($2::bigint = 0 OR platform = $2::bigint) AND ($3::bytea IS NULL OR who = $3) AND ($4::bytea IS NULL " \
	"OR what = $4 OR substr(what, 1, length($4) + 1) = $4 || ' '::bytea) ORDER BY " by " " order " LIMIT $9"
#define IN_ORDER(inner) "SELECT * FROM (" inner ") e ORDER BY id"
#define EVENTS_OF_EACH(where, order) \
	IN_ORDER("SELECT e.* FROM unnest($1::text[]) t CROSS JOIN LATERAL (" EVENTS(where, "nth", order) ") e " \
	"ORDER BY id " order " LIMIT $9")
#define EVENTS_OF_TYPE(order)     EVENTS_OF_EACH("type = t ", order)
#define TALE(platform, type)      "tale = " platform "::bigint::text || E'\\n' || " type " "
#define EVENTS_OF_BOTH(order)     EVENTS_OF_EACH(TALE("$2", "t"), order)
#define EVENTS_OF_PLATFORM(order) IN_ORDER(EVENTS("$1::text[] IS NULL AND platform = $2 ", "nth", order))
#define EVENTS_ALL(order)         IN_ORDER(EVENTS("$1::text[] IS NULL ", "id", order))

/* $1 correlation id, $2 party, $3 object, $4 since, $5 until, $6 platform, $7 module, $8 outcomes (a bit each), $9 limit and one more,
 * $10 of those at $5 before this one, $11 text, $12 how many are looked at and one more. A condition that is absent holds. What an
 * index does not find is said of each row that was looked at; the last two of so many say where to go on. */
#define TRACE_COLUMNS \
	"id, at_ms, platform, outcome, module, correlation_id, request_id, from_party, to_party, object, doc"
#define TRACE_FITS \
	"(($1::bytea IS NULL OR correlation_id = $1) AND ($2::bytea IS NULL OR from_party = $2 OR to_party = $2) " \
	"AND ($3::bytea IS NULL OR object = $3) AND ($6::bigint IS NULL OR platform = $6) " \
	"AND ($7::bytea IS NULL OR module = $7) AND ($8::bigint >> outcome::int & 1) = 1 " \
	"AND ($11::bytea IS NULL OR strpos(lower(encode(coalesce(doc, '') || '\\x0a' " \
	"|| coalesce(object, '') || '\\x0a' || coalesce(from_party, '') || '\\x0a' || coalesce(to_party, '') || '\\x0a' " \
	"|| coalesce(correlation_id, '') || '\\x0a' || coalesce(request_id, ''), 'escape')), lower(encode($11, 'escape'))) > 0)) "
#define TRACE_LOOK(where, at) \
	"SELECT " TRACE_COLUMNS " FROM trace WHERE " where at " BETWEEN $4 AND $5 AND (" at " < $5 OR id < $10) " \
	"ORDER BY " at " DESC, id DESC LIMIT $12"
#define TRACE_OF(looked) \
	"SELECT " TRACE_COLUMNS ", n, fits FROM (SELECT row_number() OVER () AS n, " TRACE_FITS "AS fits, l.* FROM (" looked ") l) s " \
	"WHERE fits OR n >= $12 - 1 LIMIT $9"
#define TRACE(where, at) TRACE_OF(TRACE_LOOK(where, at))

/* Those that are there, by their place in the arrays. The lengths are known without what they are of. */
#define VERSIONS(body, column) \
	"SELECT k.n, o.live, o.change, o.seq, o.sender_platform, o.accepted, " body ", p.platform, " \
	"coalesce(o.body_bytes, 0)::bigint, coalesce(o.patch_bytes, 0)::bigint " \
	"FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY " \
	"AS k (scope, module, owner, id, type, n) CROSS JOIN LATERAL (SELECT live, change, seq, sender_platform, accepted, " \
	"octet_length(body) AS body_bytes, octet_length(patch) AS patch_bytes" column " " \
	"FROM object t WHERE " SAME("t", "k") " AND t.scope = k.scope LIMIT 1) o " \
	"LEFT JOIN LATERAL (SELECT platform FROM pulled p WHERE k.scope = '*' AND " SAME("p", "k") " LIMIT 1) p ON true"

#define AGREEMENTS \
	"SELECT id, cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms FROM agreement "
/* Few of many: they are found first, by the number of their change. */
#define SINCE "WITH s AS MATERIALIZED (SELECT id FROM platform WHERE changed > $1 ORDER BY changed) "
#define OF_SINCE(columns, table) \
	SINCE "SELECT " columns " FROM s CROSS JOIN LATERAL (SELECT * FROM " table " WHERE platform = s.id ORDER BY position " \
	"OFFSET 0) c ORDER BY platform, position"

const char *const pg_sql_text[PGS_COUNT] = {
	[PGS_BEGIN] = "SELECT batch_begin($1, $2, $3)",
	[PGS_QUOTAS] =
		"SELECT q.platform, q.objects FROM unnest($1::bigint[]) AS k CROSS JOIN LATERAL "
		"(SELECT platform, objects FROM platform_count WHERE platform = k LIMIT 1) q",
	[PGS_VERSIONS] = VERSIONS("o.body", ", body"),
	[PGS_VERSIONS_BLIND] = VERSIONS("NULL::bytea", ""),
	[PGS_SHARE] =
		"SELECT first, missed FROM share_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)",
	[PGS_STORED_MORE] = "SELECT stored_more($1, $2, $3, $4)",
	[PGS_PULLED_NOTE] = "SELECT pulled_batch($1, $2, $3, $4, $5, $6)",
	[PGS_WAKE] = "SELECT wake($1, $2, $3, $4, $5, $6)",
	[PGS_OWE] = "SELECT owe($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
	[PGS_PLATFORM_SAVE] =
		"SELECT id, changed, version, overtaken FROM platform_save($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
		"$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
	[PGS_PLATFORM_PLACE] = "SELECT platform_place($1)",
	[PGS_PLATFORM_TOUCH] = "UPDATE platform SET last_contact_ms = $2 WHERE id = $1 RETURNING id",
	[PGS_RELINK_PUT] =
		"SELECT relink_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
	[PGS_META_PUT] =
		"INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
	[PGS_PROBE] = "SELECT probe_put($1)",
	[PGS_EXPIRE] = "SELECT expire($1, $2, $3, $4, $5)",
	[PGS_CURSORS_SAVE] =
		"INSERT INTO cursor (receiver, change, ahead) SELECT DISTINCT ON (receiver) receiver, change, ahead "
		"FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS k (receiver, change, ahead, n) "
		"ORDER BY receiver, n DESC "
		"ON CONFLICT (receiver) DO UPDATE SET change = excluded.change, ahead = excluded.ahead",
	[PGS_FAILURE_PUT] = "SELECT failure_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	[PGS_FAILURE_DROP] = "SELECT failure_drop($1, $2, $3, $4, $5, $6, $7)",
	[PGS_FAILURE_DROP_SELECTED] = "SELECT failure_drop_selected($1, $2, $3, $4, $5, $6)",
	[PGS_PARK] = "SELECT park($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
	[PGS_UNPARK] = "SELECT unpark($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[PGS_REDRIVE] = "SELECT redrive($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
	[PGS_RECEIVER_DROP] = "SELECT receiver_drop($1, $2)",
	[PGS_SCOPE_MOVE] = "SELECT scope_move($1, $2, $3)",
	[PGS_OWNED_DROP] = "SELECT owned_drop($1, $2, $3)",
	[PGS_PULLED_MISSED] =
		"UPDATE pulled SET missed = $6 WHERE module = $1 AND id = $3 AND owner = $2 AND type = $4 AND platform + 0 = $5",
	[PGS_AGREEMENT_SAVE] = "SELECT id, version, overtaken FROM agreement_save($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[PGS_AGREEMENTS_INSERT] =
		"INSERT INTO agreement (cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms) "
		"SELECT a, b, c, d, e, f, g FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], "
		"$6::bigint[], $7::bigint[]) WITH ORDINALITY AS k (a, b, c, d, e, f, g, n) ORDER BY n RETURNING id",
	[PGS_AGREEMENT_DROP] = "SELECT id, version, overtaken FROM agreement_drop($1, $2)",
	[PGS_IMPORT] = "SELECT directory_import($1)",
	[PGS_HINT_PUT] =
		"INSERT INTO hint (kind, key, country, party, expires_ms) VALUES ($1, $2, $3, $4, $5) "
		"ON CONFLICT (kind, key) DO UPDATE SET country = excluded.country, party = excluded.party, "
		"expires_ms = excluded.expires_ms",
	[PGS_EVENT_INSERT] =
		"INSERT INTO event (at_ms, type, platform, who, address, what, subject, data) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
	[PGS_EVENT_UPDATE] =
		"UPDATE event SET at_ms = $1, type = $2, platform = $3, who = $4, address = $5, what = $6, subject = $7, "
		"data = $8 WHERE id = $9 RETURNING id",
	[PGS_EVENT_DROP] = "DELETE FROM event WHERE id = $1 RETURNING id",
	[PGS_EVENT_TRIM] = "SELECT event_trim($1, $2, $3)",
	[PGS_EVENT_MOST] =
		"DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE " TALE("$1", "$2") "ORDER BY nth DESC OFFSET $3))",
	[PGS_ERASE_LOOK] =
		"SELECT (SELECT count(*) FROM object WHERE " OF_TOKEN " AND live), (SELECT count(*) FROM parked WHERE " OF_TOKEN ") "
		"+ (SELECT count(*) FROM push_failure WHERE " OF_TOKEN "), newest_change()",
	[PGS_ERASE_RECORDS] =
		"SELECT scope, module, owner, id, type, at_ms, seq, change, body, patch FROM object "
		"WHERE module IN ('sessions', 'cdrs') AND (at_ms, seq) > ($1, $2) ORDER BY at_ms, seq LIMIT $3",
	[PGS_ERASE_TOKEN] = "SELECT token_erase($1, $2)",
	[PGS_ERASE_RECORD] = "SELECT record_erase($1, $2, $3, $4, $5, $6, $7, $8)",
	[PGS_ERASE_GO_ON] = "SELECT $1::bigint, $2::bigint, $3::boolean",
	[PGS_ERASE_HINT_COUNT] = "SELECT count(*) FROM hint WHERE " HINTS_OF_TOKEN,
	[PGS_ERASE_HINTS] = "DELETE FROM hint WHERE " HINTS_OF_TOKEN,
	[PGS_ERASE_REPORTS] = "SELECT key, value FROM meta WHERE starts_with(key, $1)",
	[PGS_ERASE_REPORT] = "DELETE FROM meta WHERE key = $1",
	[PGS_STATUS_SAVE] = "SELECT status_save($1, $2, $3, $4)",
	[PGS_WISH_PUT] = "SELECT wish_put($1, $2)",
	[PGS_WISH_DROP] = "SELECT wish_drop($1)",
	[PGS_TALLY_PUT] = "SELECT tally_put($1, $2, $3)",
	/* Files with their indexes and what is compressed aside; and what is counted of what lives, $1 bytes a row. */
	[PGS_SIZES] =
		"SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE NOT c.relispartition), 0)::bigint, "
		"coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relispartition), 0)::bigint, "
		"(SELECT bytes FROM stored WHERE one) + $1::bigint * ((SELECT rows FROM stored WHERE one) "
		"+ (SELECT coalesce(sum(relinks), 0)::bigint FROM platform_count) + (SELECT coalesce(sum(total), 0)::bigint FROM parked_count)) "
		"FROM pg_class c WHERE c.relnamespace = 'roamhub'::regnamespace AND c.relkind = 'r'",

	[PGS_SNAPSHOT] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[PGS_SNAPSHOT_END] = "COMMIT",
	[PGS_PLATFORMS] =
		"SELECT id, name, state, removed, version, versions_url, token_sealed, settings, created_ms, updated_ms, "
		"last_contact_ms, claims_bound, told, changed FROM platform ORDER BY id",
	[PGS_PARTIES] =
		"SELECT platform, country, party, role, state, last_updated_ms, business FROM party ORDER BY platform, position",
	[PGS_ENDPOINTS] = "SELECT platform, module, interface, url FROM endpoint ORDER BY platform, position",
	[PGS_TOKENS] = "SELECT platform, kind, digest, expires_ms, made_ms FROM token ORDER BY platform, position",
	[PGS_DIRECTORY] = "SELECT changed, version, agreements > $1, newest_change() FROM directory WHERE one",
	[PGS_PLATFORMS_SINCE] =
		SINCE "SELECT p.id, name, state, removed, version, versions_url, token_sealed, settings, created_ms, updated_ms, "
		"last_contact_ms, claims_bound, told, changed, coalesce((SELECT c.change FROM cursor c "
		"WHERE c.receiver = 'platform/' || p.id LIMIT 1), -1) FROM s JOIN LATERAL (SELECT * FROM platform WHERE id = s.id LIMIT 1) p ON true "
		"ORDER BY p.id",
	[PGS_PARTIES_SINCE] = OF_SINCE("platform, country, party, role, state, last_updated_ms, business", "party"),
	[PGS_ENDPOINTS_SINCE] = OF_SINCE("platform, module, interface, url", "endpoint"),
	[PGS_TOKENS_SINCE] = OF_SINCE("platform, kind, digest, expires_ms, made_ms", "token"),
	[PGS_AGREEMENTS_SINCE] = AGREEMENTS "WHERE (SELECT agreements FROM directory WHERE one) > $1 ORDER BY id",
	[PGS_RELINK_GET] =
		"SELECT id, kind, target, caller_platform, target_platform, caller_country, caller_party, target_country, "
		"target_party, module, interface, correlation_id, created_ms, expires_ms FROM relink "
		"WHERE id = $1 AND expires_ms + 0 > $2",
	[PGS_META_GET] = "SELECT value FROM meta WHERE key = $1",
	[PGS_QUOTA] =
		"SELECT coalesce((SELECT objects FROM platform_count WHERE platform = $1), 0), "
		"coalesce((SELECT relinks FROM platform_count WHERE platform = $1), 0), "
		"coalesce((SELECT live FROM object WHERE scope = $2 AND module = $3 AND owner = $4 AND id = $5 AND type = $6), false)",
	[PGS_HUBS] =
		"SELECT about, state = 'leads', (extract(epoch FROM since) * 1000)::bigint, "
		"(extract(epoch FROM clock_timestamp() - seen) * 1000)::bigint, state = 'together', leaving, slot_count(slots), "
		"CASE WHEN state = 'together' THEN greatest(coalesce(newest_change(), 0) - head, 0) ELSE 0 END FROM hub "
		"WHERE seen > clock_timestamp() - interval '1 minute' ORDER BY about LIMIT $1",
	[PGS_STATUSES] = "SELECT platform, state, at_ms, doc, nth FROM status WHERE nth > $1 ORDER BY nth",
	[PGS_WISHES] = /* 4: WISH_TALLY */
		"SELECT platform, what, nth FROM wish WHERE nth > 0 "
		"UNION ALL SELECT platform, 4, nth FROM question WHERE nth > 0 ORDER BY nth",
	[PGS_TALLIES] = "SELECT doc FROM tally WHERE nth = $1 AND who <> $2 ORDER BY who",
	[PGS_OBJECT_GET] =
		"SELECT " OBJECT("") " FROM object WHERE scope = $1 AND module = $2 AND owner = $3 AND id = $4 AND type = $5 AND live",
	[PGS_OBJECT_FIND] =
		"SELECT scope, owner, type FROM object WHERE module = $1 AND id = $2 AND ($3::text IS NULL OR type = $3) "
		"AND ($4::text IS NULL OR scope IN ('*', $4)) AND ($6::text IS NULL OR owner = $6) AND live "
		"ORDER BY owner, type, scope LIMIT $5",
	[PGS_VERSIONS_OF] =
		"SELECT scope, change, at_ms, until_ms, sender_platform, method, correlation_id, last_updated_ns, body FROM version "
		"WHERE module = $1 AND owner = $2 AND id = $3 AND ($4::bigint = 0 OR (at_ms <= $4 AND until_ms > $4)) "
		"ORDER BY change DESC LIMIT $5",
	[PGS_PAGE] =
		"SELECT " OBJECT("(o).") ", total, more FROM page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	[PGS_FEED] =
		"SELECT " OBJECT("(o).") ", head, more, (SELECT changed FROM directory WHERE one) FROM feed($1, $2, $3)",
	[PGS_CURSORS] = "SELECT receiver, change, ahead FROM cursor ORDER BY receiver",
	[PGS_FAILURES] = FAILURES "WHERE $1::text IS NULL " CHOSEN("at_ms") "ORDER BY at_ms DESC, change DESC, receiver LIMIT $9",
	[PGS_FAILURES_OF] = FAILURES "WHERE queue = $1 " CHOSEN("at_ms") "ORDER BY at_ms DESC, change DESC LIMIT $9",
	[PGS_FAILURES_OF_OBJECT] =
		FAILURES "WHERE " OF_OBJECT CHOSEN("at_ms") "ORDER BY at_ms + 0 DESC, change DESC, receiver LIMIT $9",
	[PGS_FAILURES_LOOK] =
		FAILURES_FROM("(SELECT * FROM push_failure WHERE $1::text IS NULL AND at_ms >= $7 AND at_ms < $8 "
		"ORDER BY at_ms DESC, change DESC, receiver LIMIT $10) l ") "WHERE true " CHOSEN("at_ms") "LIMIT $9",
	[PGS_PARKED_OF_OBJECT] =
		PARKED("1", OF_OBJECT CHOSEN("since_ms"), "due_ms", "$9")
		PARKED_TOTAL("SELECT coalesce(sum(total), 0)::bigint FROM parked_count WHERE $1::text IS NULL OR receiver = $1"),
	[PGS_PARKED_OF] = PARKED_SPANS("queue = $1 AND ", "due_ms", "SELECT total FROM parked_count WHERE receiver = $1"),
	[PGS_PARKED_ALL] = PARKED_SPANS("$1::text IS NULL AND ", "moment", "SELECT coalesce(sum(total), 0)::bigint FROM parked_count"),
	[PGS_PARKED_LOOK_OF] = PARKED_LOOK("queue = $1 AND (due_ms, seq) > ($10, $11)", "due_ms"),
	[PGS_PARKED_LOOK_ALL] = PARKED_LOOK("$1::text IS NULL AND (moment, seq) > ($10, $11)", "moment"),
	[PGS_PARKED_HEADS] =
		"SELECT receiver, kind, since_ms, id <> '', moment, seq FROM parked WHERE (moment, seq) > ($1, $2) "
		"ORDER BY moment, seq LIMIT $3",
	[PGS_PULLED] =
		"SELECT module, owner, id, type, missed FROM pulled WHERE platform = $1 "
		"AND place > $2 || E'\\n' || $3 || E'\\n' || $4 || E'\\n' || $5 AND place < $2 || E'\\x0b' ORDER BY place LIMIT $6",
	[PGS_AGREEMENTS] = AGREEMENTS "ORDER BY id",
	[PGS_HINT_GET] = "SELECT country, party, expires_ms FROM hint WHERE kind = $1 AND key = $2 AND expires_ms + 0 > $3",
	[PGS_EVENTS_OF_TYPE] = EVENTS_OF_TYPE("DESC"),
	[PGS_EVENTS_OF_BOTH] = EVENTS_OF_BOTH("DESC"),
	[PGS_EVENTS_OF_PLATFORM] = EVENTS_OF_PLATFORM("DESC"),
	[PGS_EVENTS_ALL] = EVENTS_ALL("DESC"),
	[PGS_EVENTS_OF_TYPE_AFTER] = EVENTS_OF_TYPE("ASC"),
	[PGS_EVENTS_OF_BOTH_AFTER] = EVENTS_OF_BOTH("ASC"),
	[PGS_EVENTS_OF_PLATFORM_AFTER] = EVENTS_OF_PLATFORM("ASC"),
	[PGS_EVENTS_ALL_AFTER] = EVENTS_ALL("ASC"),
	[PGS_TRACE_BY_CORRELATION] = TRACE("correlation_id = $1 AND ", "at_ms + 0"),
	[PGS_TRACE_BY_OBJECT] = TRACE("object = $3 AND ", "at_ms + 0"),
	[PGS_TRACE_BY_PARTY] = TRACE_OF(
		"SELECT * FROM ((" TRACE_LOOK("from_party = $2 AND ", "at_ms") ") UNION ALL ("
		TRACE_LOOK("to_party = $2 AND from_party IS DISTINCT FROM $2 AND ", "at_ms") ")) t "
		"ORDER BY at_ms DESC, id DESC LIMIT $12"),
	[PGS_TRACE_BY_PLATFORM] = TRACE("platform = $6 AND ", "at_ms"),
	[PGS_TRACE_FAILED] = TRACE("outcome <> 0 AND ", "moment"),
	[PGS_TRACE_FAILED_PLATFORM] = TRACE("outcome <> 0 AND platform = $6 AND ", "at_ms"),
	[PGS_TRACE_BY_MODULE] = TRACE("module = $7 AND ", "at_ms"),
	[PGS_TRACE_ALL] = TRACE("", "moment"),
};
/* clang-format on */
