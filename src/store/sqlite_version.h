/* sqlite_version: the statements of versions, a part of the table in sqlite_sql.c. */
#pragma once

#define VERSION_FIELDS                                                              \
	"module, owner, id, scope, nth, change, at_ms, until_ms, sender_platform, " \
	"method, correlation_id, last_updated_ns, body"
#define VERSION_DIGEST "row_digest(" VERSION_FIELDS ")"
#define VERSION_OF     "module = o.module AND owner = o.owner AND id = o.id AND scope = o.scope"
#define VERSION_NTH    "(SELECT max(nth) FROM version WHERE " VERSION_OF ")"

/* clang-format off */
#define VERSION_STATEMENTS \
	/* ?1 seq of the object, ?2 until when it is the newest */ \
	[SQL_VERSION_KEEP] = \
		"INSERT INTO version (" VERSION_FIELDS ", digest) SELECT " VERSION_FIELDS ", " VERSION_DIGEST \
		" FROM (SELECT o.module, o.owner, o.id, o.scope, ifnull(" VERSION_NTH ", 0) + 1 AS nth, o.change, " \
		"o.at_ms, ?2 AS until_ms, o.sender_platform, o.method, o.correlation_id, o.last_updated_ns, o.body " \
		"FROM object o WHERE o.seq = ?1)", \
	/* ?1 seq of the object, ?2 how many stay */ \
	[SQL_VERSION_CUT] = \
		"DELETE FROM version WHERE seq IN (SELECT v.seq FROM object o CROSS JOIN version v " \
		"INDEXED BY version_key WHERE o.seq = ?1 AND v.module = o.module AND v.owner = o.owner " \
		"AND v.id = o.id AND v.scope = o.scope AND v.nth <= " VERSION_NTH " - ?2)", \
	[SQL_VERSION_EXPIRE] = \
		"DELETE FROM version WHERE seq IN (SELECT seq FROM version WHERE until_ms < ?1 " \
		"ORDER BY until_ms LIMIT ?2)", \
	/* ?1 scope to ?4 id, ?5 limit */ \
	[SQL_VERSION_DROP] = \
		"DELETE FROM version WHERE seq IN (SELECT seq FROM version INDEXED BY version_key WHERE module = ?2 " \
		"AND owner = ?3 AND id = ?4 AND scope = ?1 LIMIT ?5)", \
	/* ?1 module, ?2 owner, ?3 id, ?4 at this moment (0: whenever), ?5 limit */ \
	[SQL_VERSIONS] = \
		"SELECT scope, module, owner, id, '', change, at_ms, until_ms, sender_platform, method, " \
		"correlation_id, last_updated_ns, body, digest IS " VERSION_DIGEST " FROM version " \
		"INDEXED BY version_key WHERE module = ?1 AND owner = ?2 AND id = ?3 " \
		"AND (?4 = 0 OR (at_ms <= ?4 AND until_ms > ?4)) ORDER BY change DESC LIMIT ?5"
/* clang-format on */
