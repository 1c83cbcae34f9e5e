/* content: all that a database says, as one number; read by SQLite itself. */
#include "content.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* Rows in the order of their keys, without what chance or the clock put there. */
static const char *const numbered[] = {
	"SELECT * FROM platform ORDER BY id",
	"SELECT * FROM party ORDER BY platform, position",
	"SELECT * FROM token ORDER BY platform, position",
	"SELECT * FROM endpoint ORDER BY platform, position",
	"SELECT * FROM meta ORDER BY key",
	"SELECT * FROM relink ORDER BY id",
	"SELECT * FROM object ORDER BY seq",
	"SELECT * FROM object_count ORDER BY module, scope, owner",
	"SELECT * FROM sequence",
	"SELECT * FROM cursor ORDER BY receiver",
	"SELECT * FROM push_failure ORDER BY receiver, module, owner, id, type, scope, party",
	"SELECT * FROM parked ORDER BY seq",
	"SELECT * FROM parked_count ORDER BY receiver",
	"SELECT * FROM agreement ORDER BY id",
	"SELECT * FROM hint ORDER BY kind, key",
	"SELECT * FROM pulled ORDER BY module, owner, id, type",
	"SELECT number, name, digest FROM migration ORDER BY number",
};

static const char *const unnumbered[] = {
	"SELECT * FROM platform ORDER BY id",
	"SELECT * FROM party ORDER BY platform, position",
	"SELECT * FROM token ORDER BY platform, position",
	"SELECT * FROM endpoint ORDER BY platform, position",
	"SELECT * FROM meta ORDER BY key",
	"SELECT * FROM relink ORDER BY id",
	"SELECT scope, module, owner, id, type, live, last_updated_ns, method, suffix, "
	"sender_platform, "
	"correlation_id, at_ms, patch, body, accepted FROM object ORDER BY module, id, owner, "
	"type, scope",
	"SELECT * FROM object_count ORDER BY module, scope, owner",
	"SELECT * FROM cursor ORDER BY receiver",
	"SELECT * FROM push_failure ORDER BY receiver, module, owner, id, type, scope, party",
	"SELECT module, owner, id, type, scope, receiver, party, kind, since_ms, due_ms, attempts, "
	"http, "
	"ocpi, why FROM parked ORDER BY module, owner, id, type, scope, receiver, party",
	"SELECT * FROM parked_count ORDER BY receiver",
	"SELECT * FROM agreement ORDER BY id",
	"SELECT * FROM hint ORDER BY kind, key",
	"SELECT * FROM pulled ORDER BY module, owner, id, type",
	"SELECT number, name, digest FROM migration ORDER BY number",
};

static uint64_t
mixed(uint64_t sum, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3U;
	return sum;
}

static uint64_t
row_sum(sqlite3_stmt *stmt, uint64_t sum)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		int type = sqlite3_column_type(stmt, i), len;
		const void *bytes = sqlite3_column_blob(stmt, i);

		len = sqlite3_column_bytes(stmt, i);
		sum = mixed(sum, &type, sizeof(type));
		sum = mixed(sum, &len, sizeof(len));
		sum = bytes == NULL ? sum : mixed(sum, bytes, (size_t)len);
	}
	return sum;
}

/* 0: it cannot be read. */
static uint64_t
sum_of(sqlite3 *db, const char *const *tables, size_t count)
{
	uint64_t sum = 0xcbf29ce484222325U;

	for (size_t i = 0; i < count; i++) {
		sqlite3_stmt *stmt = NULL;
		int rc;

		if (sqlite3_prepare_v2(db, tables[i], -1, &stmt, NULL) != SQLITE_OK)
			return 0;
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			sum = row_sum(stmt, sum);
		sqlite3_finalize(stmt);
		if (rc != SQLITE_DONE)
			return 0;
	}
	return sum;
}

static bool
is_whole(sqlite3 *db, char why[CONTENT_WHY])
{
	sqlite3_stmt *stmt = NULL;
	bool whole = false;

	snprintf(why, CONTENT_WHY, "%s", "it cannot be read");
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
	        sqlite3_step(stmt) == SQLITE_ROW) {
		snprintf(why, CONTENT_WHY, "%s", (const char *)sqlite3_column_text(stmt, 0));
		whole = strcmp(why, "ok") == 0;
	}
	sqlite3_finalize(stmt);
	return whole;
}

static uint64_t
look_at(const char *path, const char *const *tables, size_t count, char why[CONTENT_WHY])
{
	uint64_t sum = 0;
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		snprintf(why, CONTENT_WHY, "%s", sqlite3_errmsg(db));
	else if (tables == unnumbered || is_whole(db, why))
		sum = sum_of(db, tables, count);
	sqlite3_close(db);
	return sum;
}

uint64_t
content_sum(const char *path, char why[CONTENT_WHY])
{
	return look_at(path, numbered, COUNT(numbered), why);
}

uint64_t
content_sum_unnumbered(const char *path, char why[CONTENT_WHY])
{
	return look_at(path, unnumbered, COUNT(unnumbered), why);
}
