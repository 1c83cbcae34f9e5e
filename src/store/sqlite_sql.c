/* sqlite_sql: every statement of the SQLite backend, by number.
 * Prepared once a connection, so a statement's text costs nothing when it is run. */
#include "sqlite.h"
#include "sqlite_drop.h"
#include "sqlite_text.h"
#include "sqlite_version.h"

/* clang-format off */
/* ?1 kind, from ?2 and below ?3, of the party ?4; what leads to nobody any more, too. */
#define HINTS_OF_TOKEN "kind = ?1 AND key >= ?2 AND key < ?3 AND (country || '*' || party = ?4 OR country = '')"

const char *const sql_text[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_SAVE] = "SAVEPOINT op",
	[SQL_RELEASE] = "RELEASE op",
	[SQL_UNDO] = "ROLLBACK TO op",
	[SQL_SNAPSHOT] = "BEGIN",
	[SQL_JOURNAL_MODE] = "PRAGMA journal_mode",

	[SQL_TOKENS_ANY] = "SELECT EXISTS (SELECT 1 FROM token) OR EXISTS "
	                   "(SELECT 1 FROM platform WHERE token_sealed IS NOT NULL)",
	[SQL_TOKENS_SEALED] =
		"SELECT token_sealed FROM platform WHERE token_sealed IS NOT NULL ORDER BY id",
	[SQL_APPLICATION] = "PRAGMA application_id",
	[SQL_TABLES] = "SELECT count(*), ifnull(sum(name = 'migration'), 0) FROM sqlite_schema "
	               "WHERE type = 'table'",
	[SQL_MIGRATIONS] = "SELECT number, name, digest FROM migration ORDER BY number",
	[SQL_MIGRATION_ADD] =
		"INSERT INTO migration (number, name, digest, applied_ms) "
		"VALUES (?1, ?2, ?3, ?4)",

	[SQL_PLATFORM_INSERT] =
		"INSERT INTO platform (id, name, state, removed, version, versions_url, "
		"token_sealed, settings, created_ms, updated_ms, last_contact_ms, claims_bound, "
		"told) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[SQL_PLATFORM_UPDATE] =
		"UPDATE platform SET name = ?2, state = ?3, removed = ?4, version = ?5, "
		"versions_url = ?6, token_sealed = ?7, settings = ?8, created_ms = ?9, "
		"updated_ms = ?10, last_contact_ms = ?11, claims_bound = ?12, told = ?13 "
		"WHERE id = ?1",
	[SQL_PLATFORM_TOUCH] = "UPDATE platform SET last_contact_ms = ?2 WHERE id = ?1",
	/* Sorted for once, as a damaged number stands in the wrong place: +. */
	[SQL_PLATFORMS] =
		"SELECT id, name, state, removed, version, versions_url, token_sealed, "
		"settings, created_ms, updated_ms, last_contact_ms, claims_bound, told, "
		AS_WRITTEN(PLATFORM_DIGEST) "FROM platform p ORDER BY +id",
	[SQL_PLATFORM_SEAL] = "UPDATE platform AS p SET digest = " PLATFORM_DIGEST " WHERE id = ?1",
	[SQL_PARTY_DELETE] = "DELETE FROM party WHERE platform = ?1",
	[SQL_PARTY_INSERT] =
		"INSERT INTO party (platform, position, country, party, role, state, "
		"last_updated_ms, business) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_PARTIES] =
		"SELECT p.id, country, party, role, c.state, last_updated_ms, business " CHILDREN("party"),
	[SQL_ENDPOINT_DELETE] = "DELETE FROM endpoint WHERE platform = ?1",
	[SQL_ENDPOINT_INSERT] =
		"INSERT INTO endpoint (platform, position, module, interface, url) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_ENDPOINTS] =
		"SELECT p.id, module, interface, url " CHILDREN("endpoint"),
	[SQL_TOKEN_DELETE] = "DELETE FROM token WHERE platform = ?1",
	[SQL_TOKEN_INSERT] =
		"INSERT INTO token (platform, position, kind, digest, expires_ms, made_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_TOKENS] =
		"SELECT p.id, kind, c.digest, expires_ms, made_ms " CHILDREN("token"),

	[SQL_RELINK_PUT] =
		"INSERT INTO relink (id, kind, target, caller_platform, target_platform, "
		"caller_country, caller_party, target_country, target_party, module, "
		"interface, correlation_id, created_ms, expires_ms, digest) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
	[SQL_RELINK_GET] =
		"SELECT id, kind, target, caller_platform, target_platform, "
		"caller_country, caller_party, target_country, target_party, module, "
		"interface, correlation_id, created_ms, expires_ms, digest "
		"FROM relink WHERE id = ?1",
	[SQL_RELINK_EXPIRE] =
		"DELETE FROM relink WHERE rowid IN (SELECT rowid FROM relink "
		"WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)",
	[SQL_QUOTA] = "SELECT objects, relinks FROM platform_count WHERE platform = ?1",
	[SQL_META_GET] = "SELECT value, " AS_WRITTEN(META_DIGEST) "FROM meta WHERE key = ?1",
	[SQL_META_OLD] = "SELECT value, 1 FROM meta WHERE key = ?1",
	[SQL_META_PUT] =
		"INSERT INTO meta (key, value, digest) VALUES (?1, ?2, row_digest(?1, ?2)) "
		"ON CONFLICT (key) DO UPDATE SET value = ?2, digest = excluded.digest",
	[SQL_PROBE_PUT] = "INSERT INTO probe (mark, filler) VALUES (hex(randomblob(16)), randomblob(4096))",
	[SQL_PROBE_DROP] = "DELETE FROM probe WHERE id <> ?1",

	[SQL_OBJECT_OLD] = "SELECT " VERSION_COLUMNS "FROM object " THIS_OBJECT,
	[SQL_OBJECT_INSERT] =
		"INSERT INTO object (seq, scope, module, owner, id, type, live, shadows, last_updated_ns, change, "
		"previous, method, suffix, sender_platform, correlation_id, at_ms, digest, patch, body, accepted) "
		"VALUES (?1, ?14, ?15, ?16, ?17, ?18, 1, ?19, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	/* It leaves alone what the key and the deletion are made of, as an index over a column that is set is rewritten. */
	[SQL_OBJECT_UPDATE] =
		"UPDATE object SET last_updated_ns = ?2, change = ?3, previous = ?4, method = ?5, suffix = ?6, "
		"sender_platform = ?7, correlation_id = ?8, at_ms = ?9, digest = ?10, patch = ?11, body = ?12, "
		"accepted = ?13 WHERE seq = ?1",
	[SQL_OBJECT_BURY] =
		"UPDATE object SET live = 0, shadows = NULL, last_updated_ns = ?2, change = ?3, previous = ?4, "
		"method = ?5, suffix = ?6, sender_platform = ?7, correlation_id = ?8, at_ms = ?9, digest = ?10, "
		"patch = ?11, body = ?12, accepted = ?13 WHERE seq = ?1",
	[SQL_OBJECT_DROP] = "DELETE FROM object WHERE seq = ?1",
	/* Deleted ones too: whether it is live is known when the digest was looked at. */
	[SQL_OBJECT_GET] = "SELECT " OBJECT_COLUMNS "FROM object " THIS_OBJECT,
	[SQL_OBJECT_BY_SEQ] = "SELECT " OBJECT_COLUMNS "FROM object WHERE seq = ?1",
	[SQL_OBJECT_FIND] =
		"SELECT scope, owner, type FROM object WHERE module = ?1 AND id = ?2 "
		"AND (?3 IS NULL OR type = ?3) AND (?5 IS NULL OR scope IN ('*', ?5)) "
		"AND (?6 IS NULL OR owner = ?6) AND live = 1 ORDER BY owner, type, scope LIMIT ?4",
	[SQL_OBJECT_COUNT] =
		"INSERT INTO object_count (scope, module, owner, live, shadowing) VALUES (?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT (module, scope, owner) DO UPDATE SET live = live + ?4, shadowing = shadowing + ?5",
	/* As counted anew: after damage nobody knows what was counted. */
	[SQL_OBJECT_RECOUNT] =
		"UPDATE object_count SET (live, shadowing) = (SELECT count(*), count(shadows) FROM object o "
		"WHERE o.scope = ?1 AND o.module = ?2 AND o.owner = ?3 AND o.live = 1) "
		"WHERE scope = ?1 AND module = ?2 AND owner = ?3",
	[SQL_OBJECT_MOVE] = "UPDATE object SET scope = ?2, digest = ?3 WHERE seq = ?1",
	[SQL_BLOCK_LAST] = "SELECT last, first, large, nth FROM block ORDER BY last DESC LIMIT 1",
	[SQL_BLOCK_OF] = "SELECT last, first, large, nth FROM block WHERE last >= ?1 ORDER BY last LIMIT 1",
	[SQL_BLOCK_TAIL] = "SELECT scope, module, count(*) FROM object NOT INDEXED WHERE seq > ?1 GROUP BY scope, module",
	[SQL_BLOCK_INSERT] = "INSERT INTO block (last, first, large, nth) VALUES (?1, ?2, ?3, ?4)",
	/* ?1 behind, ?2 up to. */
	[SQL_BLOCK_LIVE] =
		"SELECT owner FROM object INDEXED BY object_list WHERE scope = ?3 AND module = ?4 AND live = 1 "
		"AND seq > ?1 AND seq <= ?2",
	[SQL_BLOCK_HIDDEN] =
		"SELECT scope, module, owner FROM object INDEXED BY object_shadowed WHERE shadows > ?1 AND shadows <= ?2",
	[SQL_BLOCK_ADD] =
		"INSERT INTO block_count (level, module, scope, first, owner, live, shadowing) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (level, module, scope, first, owner) "
		"DO UPDATE SET live = live + ?6, shadowing = shadowing + ?7",
	/* ?1 to ?5: the key of a shared object that hides behind nobody any more. */
	[SQL_BLOCK_SHOW] =
		"UPDATE block_count SET shadowing = shadowing - 1 WHERE level = ?6 AND module = ?2 AND first = ?7 "
		"AND owner = ?8 AND ?1 = '*' AND scope IN "
		"(SELECT scope FROM object WHERE " SAME_OBJECT "AND scope <> '*' AND live = 1)",
	[SQL_BLOCK_RECOUNT] = BLOCK_ANEW("1", "''", ""),
	[SQL_BLOCK_RECOUNT_OWNED] = BLOCK_ANEW("2", "?3", " AND o.owner = ?3"),
	[SQL_BLOCKS] = BLOCKS_OF("1", ""),
	[SQL_BLOCKS_OWNED] = BLOCKS_OF("2", "AND " PAGE_OWNER("")),
	/* Counted by indexes: no body is read. */
	[SQL_COUNTS_WRONG] =
		"WITH there AS MATERIALIZED (SELECT scope, module, owner, count(*) FROM object INDEXED BY object_date "
		"WHERE live = 1 GROUP BY scope, module, owner), "
		"hiding AS MATERIALIZED (SELECT scope, module, owner, count(*) FROM object INDEXED BY object_shadow "
		"WHERE shadows IS NOT NULL GROUP BY scope, module, owner), "
		"counted AS (SELECT scope, module, owner, live FROM object_count WHERE live <> 0), "
		"counted_hiding AS (SELECT scope, module, owner, shadowing FROM object_count WHERE shadowing <> 0) "
		"SELECT EXISTS (SELECT * FROM there EXCEPT SELECT * FROM counted) "
		"OR EXISTS (SELECT * FROM counted EXCEPT SELECT * FROM there) "
		"OR EXISTS (SELECT * FROM hiding EXCEPT SELECT * FROM counted_hiding) "
		"OR EXISTS (SELECT * FROM counted_hiding EXCEPT SELECT * FROM hiding)",
	/* By their sums: a number that the disk changed, or a row that vanished, makes another one. */
	[SQL_PLATFORMS_WRONG] =
		"SELECT (SELECT ifnull(sum(objects), 0) FROM platform_count) <> (SELECT ifnull(sum(live), 0) FROM object_count) "
		"OR (SELECT ifnull(sum(relinks), 0) FROM platform_count) <> (SELECT count(*) FROM relink) "
		"OR EXISTS (SELECT * FROM platform_count WHERE objects < 0 OR relinks < 0)",
	/* Each block begins where the one before ends, and both levels have the same in each large one, and of each owner
	 * no more than there is. */
	[SQL_BLOCKS_WRONG] =
		"SELECT EXISTS (SELECT * FROM (SELECT first, large, nth, lag(last, 1, 0) OVER w AS ends, lag(large, 1, 0) OVER w AS larger, "
		"lag(nth, 1, 16) OVER w AS before FROM block WINDOW w AS (ORDER BY last)) "
		"WHERE first <> ends OR nth <> before % 16 + 1 OR large <> iif(nth = 1, first, larger)) "
		"OR EXISTS (SELECT * FROM block_count WHERE level NOT IN (1, 2) OR (level = 1 AND owner <> '')) "
		"OR EXISTS (SELECT * FROM (SELECT c.module, c.scope, b.large AS first, c.live, c.shadowing FROM block_count c "
		"LEFT JOIN block b ON b.first = c.first WHERE c.level = 1 UNION ALL "
		"SELECT module, scope, first, -live, -shadowing FROM block_count WHERE level = 2) "
		"GROUP BY module, scope, first HAVING sum(live) <> 0 OR sum(shadowing) <> 0) "
		"OR EXISTS (SELECT * FROM (SELECT module, scope, owner, sum(live) AS live, sum(shadowing) AS shadowing FROM block_count "
		"WHERE level = 2 GROUP BY module, scope, owner) b LEFT JOIN object_count c "
		"ON c.module = b.module AND c.scope = b.scope AND c.owner = b.owner "
		"WHERE c.live IS NULL OR b.live > c.live OR b.shadowing > c.shadowing)",
	[SQL_COUNTS_DROP] = "DELETE FROM object_count",
	[SQL_COUNTS_MAKE] =
		"INSERT INTO object_count (scope, module, owner, live, shadowing) SELECT scope, module, owner, count(*), "
		"count(shadows) FROM object NOT INDEXED WHERE live = 1 GROUP BY scope, module, owner",
	[SQL_SCOPE_FIRST] = "SELECT " VERSION_COLUMNS "FROM object WHERE scope = ?1 LIMIT 1",
	[SQL_SHADOW_FIND] =
		"SELECT seq FROM object WHERE module = ?1 AND id = ?3 AND owner = ?2 AND type = ?4 "
		"AND scope = '*' AND live = 1",
	[SQL_SHADOW_CAST] = "UPDATE object SET shadows = ?1 WHERE " SAME_OBJECT "AND scope <> '*' AND live = 1",
	[SQL_SHADOW_LIFT] = "UPDATE object SET shadows = ?1 WHERE " SAME_OBJECT "AND shadows IS NOT NULL",
	[SQL_SHADOW_COUNT] =
		"UPDATE object_count SET shadowing = shadowing + ?1 WHERE module = ?2 AND owner = ?3 AND scope IN "
		"(SELECT scope FROM object WHERE " SAME_OBJECT "AND scope <> '*' AND live = 1)",
	[SQL_SEQUENCE] = "SELECT coalesce((SELECT change FROM sequence WHERE twin = ~change), " NEWEST_CHANGE ", 0)",
	[SQL_SEQUENCE_SAVE] = 
		"INSERT INTO sequence (id, change, twin) VALUES (1, ?1, ~?1) "
		"ON CONFLICT (id) DO UPDATE SET change = ?1, twin = ~?1",
	[SQL_PAGE_TOTALS] =
		"SELECT ifnull(sum(iif(scope = '*', live, 0)), 0), ifnull(sum(iif(scope = '*', 0, live)), 0), "
		"ifnull(sum(shadowing), 0) FROM object_count "
		"WHERE module = ?1 AND scope IN ('*', ?2) AND " PAGE_OWNER(""),
	[SQL_PAGE_COUNT] = "SELECT count(*) " PAGE_GATHER,
	/* One object of each block of the list of ?2: how many there are, and how many of them have such dates. */
	[SQL_PAGE_SAMPLE] =
		"SELECT count(ns), ifnull(sum(ns >= ?4 AND ns < ?5), 0) FROM (SELECT (SELECT last_updated_ns "
		"FROM object o INDEXED BY object_list WHERE o.scope = ?2 AND o.module = ?1 AND o.live = 1 "
		"AND o.seq > b.first ORDER BY o.seq LIMIT 1) AS ns FROM block b)",
	/* Without filters: a deep offset steps over index entries and looks at nothing in them. */
	[SQL_PAGE_ALL] =
		"SELECT seq FROM object INDEXED BY object_list WHERE scope = ?2 AND module = ?1 AND live = 1 "
		"AND seq > ?3 ORDER BY seq LIMIT ?9 OFFSET ?10",
	[SQL_PAGE_ONE] = PAGE_WALK("?2") "ORDER BY o.seq LIMIT ?9 OFFSET ?10",
	[SQL_PAGE_BOTH] =
		PAGE_WALK("'*'") "AND " PAGE_NOT_HIDDEN "UNION ALL " PAGE_WALK("?2")
		"ORDER BY 1 LIMIT ?9 OFFSET ?10",
	[SQL_PAGE_FEW] = "SELECT o.seq " PAGE_GATHER "AND o.seq > ?3 ORDER BY o.seq LIMIT ?9 OFFSET ?10",
	[SQL_FEED] =
		"SELECT " OBJECT_COLUMNS "FROM object INDEXED BY object_feed "
		"WHERE scope = '*' AND change > ?1 ORDER BY change",
	[SQL_FEED_HEADS] =
		"SELECT scope, module, owner, id, type, live, change, at_ms FROM object INDEXED BY object_feed "
		"WHERE scope = '*' AND change > ?1 ORDER BY change",
	[SQL_TOMBSTONE_EXPIRE] =
		"DELETE FROM object WHERE seq IN (SELECT seq FROM object INDEXED BY object_tombstone "
		"WHERE live = 0 AND at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
	[SQL_RECORDS_OLD] =
		"SELECT seq, live, shadows, scope, module, owner, id, type FROM object INDEXED BY object_record "
		"WHERE module IN ('sessions', 'cdrs') AND at_ms < ?1 ORDER BY at_ms LIMIT ?2",
	VERSION_STATEMENTS,
	[SQL_ERASE_TOKEN] =
		"SELECT seq, live, shadows, scope, module, owner, id, type FROM object WHERE " OF_TOKEN,
	[SQL_ERASE_RECORDS] =
		"SELECT " VERSION_COLUMNS "FROM object INDEXED BY object_record WHERE module IN ('sessions', 'cdrs') "
		"AND (at_ms, seq) > (?1, ?2) ORDER BY at_ms, seq LIMIT ?3",
	[SQL_ERASE_OWED_COUNT] = "SELECT (SELECT count(*) FROM parked WHERE " OF_TOKEN ") + "
		"(SELECT count(*) FROM push_failure WHERE " OF_TOKEN ")",
	[SQL_ERASE_PARKED] = "DELETE FROM parked WHERE " OF_TOKEN,
	[SQL_ERASE_REFUSED] = "DELETE FROM push_failure WHERE " OF_TOKEN,
	[SQL_ERASE_HINT_COUNT] = "SELECT count(*) FROM hint WHERE " HINTS_OF_TOKEN,
	[SQL_ERASE_HINTS] = "DELETE FROM hint WHERE " HINTS_OF_TOKEN,
	[SQL_ERASE_REPORTS] = "SELECT key, value FROM meta WHERE substr(key, 1, length(?1)) = ?1",
	[SQL_ERASE_REPORT] = "DELETE FROM meta WHERE key = ?1",
	OWNED_STATEMENTS,
	[SQL_CURSORS] = "SELECT receiver, change, ahead, " AS_WRITTEN(CURSOR_DIGEST) "FROM cursor ORDER BY receiver",
	[SQL_CURSOR_SAVE] =
		"INSERT INTO cursor (receiver, change, ahead, digest) VALUES (?1, ?2, ?3, row_digest(?1, ?2, ?3)) "
		"ON CONFLICT (receiver) DO UPDATE SET change = ?2, ahead = ?3, digest = excluded.digest",
	[SQL_CURSOR_DROP] = "DELETE FROM cursor WHERE receiver = ?1",
	[SQL_FAILURE_PUT] =
		"INSERT OR REPLACE INTO push_failure (scope, module, owner, id, type, receiver, party, change, at_ms, http, "
		"ocpi, why, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"row_digest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))",
	[SQL_FAILURES] = "SELECT " FAILURE_COLUMNS "FROM push_failure " FAILURE_ORDER("?1"),
	[SQL_FAILURES_CHOSEN] =
		"SELECT " FAILURE_COLUMNS "FROM push_failure WHERE " FAILURES_CHOSEN FAILURE_ORDER("?10"),
	[SQL_FAILURES_LOOK] =
		"SELECT " FAILURE_LOOKED "FROM push_failure INDEXED BY push_failure_age WHERE at_ms >= ?8 AND at_ms < ?9 "
		FAILURE_ORDER("?10"),
	[SQL_FAILURES_OF_OBJECT] =
		"SELECT " FAILURE_COLUMNS "FROM push_failure INDEXED BY push_failure_key WHERE " THAT_OBJECT
		FAILURES_CHOSEN FAILURE_ORDER("?10"),
	[SQL_FAILURE_DROP_ONE] = "DELETE FROM push_failure " THIS_OBJECT OF_RECEIVER,
	[SQL_FAILURE_DROP] = "DELETE FROM push_failure WHERE " SELECTED,
	[SQL_FAILURE_DROP_SOME] =
		"DELETE FROM push_failure WHERE (" FAILURE_KEY ") IN "
		"(SELECT " FAILURE_KEY "FROM push_failure WHERE receiver = ?1 LIMIT ?2)",
	[SQL_FAILURE_EXPIRE] =
		"DELETE FROM push_failure WHERE (" FAILURE_KEY ") IN "
		"(SELECT " FAILURE_KEY "FROM push_failure WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",

	[SQL_PARK] =
		"INSERT INTO parked (scope, module, owner, id, type, receiver, party, kind, since_ms, due_ms, attempts, "
		"change, http, ocpi, why, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
		PARKED_GIVEN("?9") ") "
		"ON CONFLICT (" PARKED_KEY ") DO UPDATE SET kind = ?8, due_ms = ?10, attempts = ?11, change = ?12, "
		"http = ?13, ocpi = ?14, why = ?15, since_ms = " PARKED_SINCE ", digest = " PARKED_GIVEN(PARKED_SINCE),
	[SQL_UNPARK] = "DELETE FROM parked " THIS_OBJECT OF_RECEIVER " AND change <= ?8",
	[SQL_PARKED_OF] =
		"SELECT " PARKED_COLUMNS "FROM parked INDEXED BY parked_due WHERE receiver = ?1 "
		"AND due_ms > ?2 AND due_ms <= ?3 ORDER BY due_ms, seq LIMIT ?4",
	[SQL_PARKED_ALL] =
		"SELECT " PARKED_COLUMNS "FROM parked INDEXED BY parked_all WHERE ?1 IS NULL "
		"AND due_ms > ?2 AND due_ms <= ?3 ORDER BY due_ms, seq LIMIT ?4",
	[SQL_PARKED_LOOK_OF] =
		"SELECT " PARKED_LOOKED "FROM parked INDEXED BY parked_due WHERE receiver = ?6 "
		"AND (due_ms, seq) > (?11, ?12) ORDER BY due_ms, seq LIMIT ?10",
	[SQL_PARKED_LOOK_ALL] =
		"SELECT " PARKED_LOOKED "FROM parked INDEXED BY parked_all "
		"WHERE (due_ms, seq) > (?11, ?12) ORDER BY due_ms, seq LIMIT ?10",
	[SQL_PARKED_OF_OBJECT] =
		"SELECT " PARKED_COLUMNS "FROM parked INDEXED BY parked_key WHERE " THAT_OBJECT PARKED_CHOSEN
		"ORDER BY due_ms, seq LIMIT ?10",
	[SQL_PARKED_TOTAL_OF] = "SELECT total FROM parked_count WHERE receiver = ?1",
	[SQL_PARKED_TOTAL_ALL] = "SELECT ifnull(sum(total), 0) FROM parked_count WHERE ?1 IS NULL",
	[SQL_PARKED_HEADS] =
		"SELECT receiver, kind, since_ms, id <> '', seq FROM parked NOT INDEXED WHERE seq > ?1 ORDER BY seq LIMIT ?2",
	[SQL_PARKED_DROP_SOME] =
		"DELETE FROM parked WHERE seq IN (SELECT seq FROM parked WHERE receiver = ?1 LIMIT ?2)",
	[SQL_WAKE_PARKED] = 
		"UPDATE parked SET due_ms = ?6, digest = " PARKED_DIGEST("?6") " " THIS_OBJECT " AND due_ms > ?6 "
		"AND " AS_WRITTEN(PARKED_DIGEST("due_ms")),
	[SQL_WAKE_REFUSED] =
		"INSERT INTO parked (" PARKED_FIELDS ") SELECT " REFUSED_AS_PARKED("?6") "FROM push_failure "
		THIS_OBJECT "AND " AS_WRITTEN(FAILURE_DIGEST) "ON CONFLICT DO NOTHING",
	[SQL_REDRIVE_COUNT] =
		"SELECT count(*) FROM (SELECT " FAILURE_KEY "FROM parked WHERE " PARKED_CHOSEN "UNION "
		"SELECT " FAILURE_KEY "FROM push_failure WHERE " FAILURES_CHOSEN ")",
	[SQL_REDRIVE_PARKED] =
		"UPDATE parked SET due_ms = ?10, digest = " PARKED_DIGEST("?10") " WHERE " PARKED_CHOSEN
		"AND due_ms > ?10 AND " AS_WRITTEN(PARKED_DIGEST("due_ms")),
	[SQL_REDRIVE_REFUSED] =
		"INSERT INTO parked (" PARKED_FIELDS ") SELECT " REFUSED_AS_PARKED("?10") "FROM push_failure "
		"WHERE " FAILURES_CHOSEN "AND " AS_WRITTEN(FAILURE_DIGEST) "ORDER BY at_ms, change, receiver DESC "
		"ON CONFLICT (" PARKED_KEY ") DO UPDATE SET due_ms = min(due_ms, ?10), "
		"digest = " PARKED_DIGEST("min(due_ms, ?10)") " WHERE " AS_WRITTEN(PARKED_DIGEST("due_ms")),

	/* A row of another platform's pull is replaced: the one that brought it last answers for it. */
	[SQL_PULLED_PUT] =
		"INSERT OR REPLACE INTO pulled (platform, module, owner, id, type, missed, digest) "
		"VALUES (?6, ?2, ?3, ?4, ?5, 0, row_digest(?6, ?2, ?3, ?4, ?5, 0))",
	[SQL_PULLED_FOUND] = 
		"UPDATE pulled SET platform = ?6, missed = 0, digest = row_digest(?6, ?2, ?3, ?4, ?5, 0) WHERE " SAME_OBJECT
		"AND (platform <> ?6 OR missed <> 0)",
	[SQL_PULLED_HAS] = "SELECT 1 FROM pulled WHERE " SAME_OBJECT,
	[SQL_PULLED_DROP] = "DELETE FROM pulled WHERE " SAME_OBJECT,
	[SQL_PULLED_MISSED] = 
		"UPDATE pulled SET missed = ?7, digest = row_digest(?6, ?2, ?3, ?4, ?5, ?7) WHERE " SAME_OBJECT
		"AND platform = ?6",
	[SQL_PULLED] =
		"SELECT '*', module, owner, id, type, missed, " AS_WRITTEN(PULLED_DIGEST) "FROM pulled INDEXED BY pulled_platform "
		"WHERE platform = ?1 AND module = ?2 AND (owner, id, type) > (?3, ?4, ?5) "
		"ORDER BY owner, id, type LIMIT ?6",

	[SQL_AGREEMENT_INSERT] =
		"INSERT INTO agreement (cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[SQL_AGREEMENT_UPDATE] =
		"UPDATE agreement SET cpo_country = ?1, cpo_party = ?2, emsp_country = ?3, emsp_party = ?4, "
		"modules = ?5, from_ms = ?6, until_ms = ?7 WHERE id = ?8",
	[SQL_AGREEMENT_SEAL] = "UPDATE agreement SET digest = " AGREEMENT_DIGEST " WHERE id = ?1",
	[SQL_AGREEMENT_DROP] = "DELETE FROM agreement WHERE id = ?1",
	[SQL_AGREEMENTS] =
		"SELECT id, cpo_country, cpo_party, emsp_country, emsp_party, modules, from_ms, until_ms, "
		AS_WRITTEN(AGREEMENT_DIGEST)
		"FROM agreement ORDER BY id",
	[SQL_HINT_PUT] =
		
		"INSERT OR REPLACE INTO hint (kind, key, country, party, expires_ms, digest) "
		"VALUES (?1, ?2, ?3, ?4, ?5, row_digest(?1, ?2, ?3, ?4, ?5))",
	[SQL_HINT_GET] = 
		"SELECT country, party, expires_ms, " AS_WRITTEN(HINT_DIGEST) "FROM hint "
		"WHERE kind = ?1 AND key = ?2 AND expires_ms > ?3",
	[SQL_HINT_EXPIRE] =
		"DELETE FROM hint WHERE (kind, key) IN "
		"(SELECT kind, key FROM hint WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)",

	[SQL_EVENT_INSERT] = "INSERT INTO event (" EVENT_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_EVENT_UPDATE] =
		"UPDATE event SET (" EVENT_COLUMNS ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) WHERE id = ?9",
	[SQL_EVENT_DROP] = "DELETE FROM event WHERE id = ?1",
	/* One step of the index for each type, and not one for each row. */
	[SQL_EVENT_TYPES] =
		"WITH RECURSIVE types (type) AS (SELECT min(type) FROM event UNION ALL "
		"SELECT (SELECT min(type) FROM event WHERE type > types.type) FROM types WHERE type IS NOT NULL) "
		"SELECT type FROM types WHERE type IS NOT NULL",
	[SQL_EVENT_TRIM] =
		"DELETE FROM event WHERE id IN (SELECT id FROM event INDEXED BY event_type WHERE type = ?1 AND id <= "
		"(SELECT id FROM event INDEXED BY event_type WHERE type = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) "
		"ORDER BY id LIMIT ?3)",
	[SQL_EVENT_MOST] =
		"DELETE FROM event WHERE id IN (SELECT id FROM event INDEXED BY event_of "
		"WHERE platform = ?1 AND type = ?2 ORDER BY id DESC LIMIT -1 OFFSET ?3)",
	[SQL_EVENT_EXPIRE] =
		"DELETE FROM event WHERE id IN (SELECT id FROM event INDEXED BY event_at WHERE at_ms < ?1 "
		"ORDER BY at_ms LIMIT ?2)",
	[SQL_EVENTS_OF_TYPE] = EVENTS(EVENTS_OF_TYPE, "DESC "),
	[SQL_EVENTS_OF_BOTH] = EVENTS(EVENTS_OF_BOTH, "DESC "),
	[SQL_EVENTS_OF_PLATFORM] = EVENTS(EVENTS_OF_PLATFORM, "DESC "),
	[SQL_EVENTS_ALL] = EVENTS(EVENTS_ALL, "DESC "),
	[SQL_EVENTS_OF_TYPE_AFTER] = EVENTS(EVENTS_OF_TYPE, ""),
	[SQL_EVENTS_OF_BOTH_AFTER] = EVENTS(EVENTS_OF_BOTH, ""),
	[SQL_EVENTS_OF_PLATFORM_AFTER] = EVENTS(EVENTS_OF_PLATFORM, ""),
	[SQL_EVENTS_ALL_AFTER] = EVENTS(EVENTS_ALL, ""),

	[SQL_TRACE_VERSION] = "PRAGMA user_version",
	[SQL_TRACE_ENDS] = "SELECT min(id), max(id) FROM trace",
	[SQL_TRACE_PAGES] =
		"SELECT p.page_count * s.page_size, "
		"(p.page_count - f.freelist_count) * s.page_size "
		"FROM pragma_page_count p, pragma_page_size s, pragma_freelist_count f",
	[SQL_TRACE_INSERT] =
		"INSERT INTO trace (at_ms, platform, outcome, module, correlation_id, request_id, from_party, "
		"to_party, object, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	/* The oldest rows are looked at and no others: finding none to delete costs a slice too. */
	[SQL_TRACE_DELETE_OLD] =
		"DELETE FROM trace WHERE id IN (SELECT id FROM "
		"(SELECT id, at_ms FROM trace ORDER BY id LIMIT ?2) WHERE at_ms < ?1)",
	[SQL_TRACE_DELETE_OLDEST] =
		"DELETE FROM trace WHERE id IN (SELECT id FROM trace ORDER BY id LIMIT ?1)",
	[SQL_TRACE_AFTER] = "SELECT " TRACE_COLUMNS " FROM trace WHERE id > ?1 ORDER BY id LIMIT ?2",
	[SQL_TRACE_DELETE] = "DELETE FROM trace WHERE id = ?1",
	[SQL_TRACE_VACUUM] = "PRAGMA incremental_vacuum(256)",
	[SQL_TRACE_BY_CORRELATION] = TRACE_FOUND("WHERE correlation_id = ?1 AND " TRACE_TIMES),
	[SQL_TRACE_BY_OBJECT] = TRACE_FOUND("WHERE object = ?3 AND " TRACE_TIMES),
	[SQL_TRACE_BY_PARTY] =
		TRACE_LOOK("INDEXED BY trace_from WHERE from_party = ?2 AND " TRACE_TIMES) "UNION ALL "
		TRACE_LOOK("INDEXED BY trace_to WHERE to_party = ?2 AND from_party IS NOT ?2 AND " TRACE_TIMES)
		TRACE_NEWEST,
	[SQL_TRACE_BY_PLATFORM] =
		TRACE_FOUND("INDEXED BY trace_platform WHERE platform = ?6 AND " TRACE_TIMES),
	[SQL_TRACE_FAILED] = TRACE_FOUND("INDEXED BY trace_failed WHERE outcome <> 0 AND " TRACE_TIMES),
	[SQL_TRACE_FAILED_PLATFORM] =
		TRACE_FOUND("INDEXED BY trace_failed_platform WHERE outcome <> 0 AND platform = ?6 AND " TRACE_TIMES),
	[SQL_TRACE_BY_MODULE] = TRACE_FOUND("INDEXED BY trace_module WHERE module = ?7 AND " TRACE_TIMES),
	[SQL_TRACE_ALL] = TRACE_FOUND("INDEXED BY trace_at WHERE " TRACE_TIMES),
};
/* clang-format on */
