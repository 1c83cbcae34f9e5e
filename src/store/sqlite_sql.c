/* sqlite_sql: every statement of the SQLite backend, by number.
 * Prepared once a connection, so a statement's text costs nothing when it is run. */
#include "sqlite.h"

#define TRACE_COLUMNS "id, at_ms, correlation_id, request_id, from_party, to_party, object, doc"
/* ?1 correlation id, ?2 party, ?3 object, ?4 since, ?5 limit. A condition that is absent holds. */
#define TRACE_REST                                              \
	"AND (?1 IS NULL OR correlation_id = ?1) "              \
	"AND (?2 IS NULL OR from_party = ?2 OR to_party = ?2) " \
	"AND (?3 IS NULL OR object = ?3) AND at_ms >= ?4 "      \
	"ORDER BY id DESC LIMIT ?5"

/* clang-format off */
const char *const sql_text[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_SAVE] = "SAVEPOINT op",
	[SQL_RELEASE] = "RELEASE op",
	[SQL_UNDO] = "ROLLBACK TO op",
	[SQL_SNAPSHOT] = "BEGIN",
	[SQL_JOURNAL_MODE] = "PRAGMA journal_mode",

	[SQL_MIGRATIONS] = "SELECT number, name, digest FROM migration ORDER BY number",
	[SQL_MIGRATION_ADD] =
		"INSERT INTO migration (number, name, digest, applied_ms) "
		"VALUES (?1, ?2, ?3, ?4)",

	[SQL_PLATFORM_INSERT] =
		"INSERT INTO platform (name, state, removed, version, versions_url, "
		"token_sealed, token_old_sealed, settings, created_ms, updated_ms, "
		"last_contact_ms, claims_bound) "
		"VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[SQL_PLATFORM_UPDATE] =
		"UPDATE platform SET name = ?2, state = ?3, removed = ?4, version = ?5, "
		"versions_url = ?6, token_sealed = ?7, token_old_sealed = ?8, "
		"settings = ?9, created_ms = ?10, updated_ms = ?11, last_contact_ms = ?12, "
		"claims_bound = ?13 WHERE id = ?1",
	[SQL_PLATFORM_TOUCH] = "UPDATE platform SET last_contact_ms = ?2 WHERE id = ?1",
	[SQL_PLATFORMS] =
		"SELECT id, name, state, removed, version, versions_url, token_sealed, "
		"token_old_sealed, settings, created_ms, updated_ms, last_contact_ms, "
		"claims_bound FROM platform ORDER BY id",
	[SQL_PARTY_DELETE] = "DELETE FROM party WHERE platform = ?1",
	[SQL_PARTY_INSERT] =
		"INSERT INTO party (platform, position, country, party, role, state, "
		"last_updated_ms, business) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_PARTIES] =
		"SELECT platform, country, party, role, state, last_updated_ms, business "
		"FROM party ORDER BY platform, position",
	[SQL_ENDPOINT_DELETE] = "DELETE FROM endpoint WHERE platform = ?1",
	[SQL_ENDPOINT_INSERT] =
		"INSERT INTO endpoint (platform, position, module, interface, url) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_ENDPOINTS] =
		"SELECT platform, module, interface, url FROM endpoint "
		"ORDER BY platform, position",
	[SQL_TOKEN_DELETE] = "DELETE FROM token WHERE platform = ?1",
	[SQL_TOKEN_INSERT] =
		"INSERT INTO token (platform, position, kind, digest, expires_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_TOKENS] =
		"SELECT platform, kind, digest, expires_ms FROM token "
		"ORDER BY platform, position",

	[SQL_RELINK_PUT] =
		"INSERT INTO relink (id, kind, target, caller_platform, target_platform, "
		"caller_country, caller_party, target_country, target_party, module, "
		"interface, correlation_id, created_ms, expires_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
	[SQL_RELINK_GET] =
		"SELECT id, kind, target, caller_platform, target_platform, "
		"caller_country, caller_party, target_country, target_party, module, "
		"interface, correlation_id, created_ms, expires_ms "
		"FROM relink WHERE id = ?1 AND expires_ms > ?2",
	[SQL_RELINK_DROP] = "DELETE FROM relink WHERE id = ?1",
	[SQL_RELINK_EXPIRE] =
		"DELETE FROM relink WHERE rowid IN (SELECT rowid FROM relink "
		"WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)",
	[SQL_META_GET] = "SELECT value FROM meta WHERE key = ?1",
	[SQL_META_PUT] =
		"INSERT INTO meta (key, value) VALUES (?1, ?2) "
		"ON CONFLICT (key) DO UPDATE SET value = ?2",
	[SQL_PROBE] =
		"INSERT INTO probe (id, count) VALUES (1, 1) "
		"ON CONFLICT (id) DO UPDATE SET count = count + 1",

	[SQL_TRACE_VERSION] = "PRAGMA user_version",
	[SQL_TRACE_ENDS] = "SELECT min(id), max(id) FROM trace",
	[SQL_TRACE_PAGES] =
		"SELECT p.page_count * s.page_size, "
		"(p.page_count - f.freelist_count) * s.page_size "
		"FROM pragma_page_count p, pragma_page_size s, pragma_freelist_count f",
	[SQL_TRACE_INSERT] =
		"INSERT INTO trace (at_ms, correlation_id, request_id, from_party, to_party, "
		"object, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	/* The oldest rows are looked at and no others: finding none to delete costs a slice too. */
	[SQL_TRACE_DELETE_OLD] =
		"DELETE FROM trace WHERE id IN (SELECT id FROM "
		"(SELECT id, at_ms FROM trace ORDER BY id LIMIT ?2) WHERE at_ms < ?1)",
	[SQL_TRACE_DELETE_OLDEST] =
		"DELETE FROM trace WHERE id IN (SELECT id FROM trace ORDER BY id LIMIT ?1)",
	[SQL_TRACE_VACUUM] = "PRAGMA incremental_vacuum(256)",
	[SQL_TRACE_BY_CORRELATION] =
		"SELECT " TRACE_COLUMNS " FROM trace WHERE correlation_id = ?1 " TRACE_REST,
	[SQL_TRACE_BY_OBJECT] =
		"SELECT " TRACE_COLUMNS " FROM trace WHERE object = ?3 " TRACE_REST,
	[SQL_TRACE_BY_PARTY] =
		"SELECT " TRACE_COLUMNS " FROM trace WHERE id IN ("
		"SELECT id FROM (SELECT id FROM trace WHERE from_party = ?2 AND at_ms >= ?4 "
		"ORDER BY id DESC LIMIT ?5) UNION "
		"SELECT id FROM (SELECT id FROM trace WHERE to_party = ?2 AND at_ms >= ?4 "
		"ORDER BY id DESC LIMIT ?5)) " TRACE_REST,
	[SQL_TRACE_ALL] = "SELECT " TRACE_COLUMNS " FROM trace WHERE 1 " TRACE_REST,
};
/* clang-format on */
