/* sqlite_objects: what the files about objects share. Private to sqlite_*.c. */
#pragma once

#include "sqlite_verbs.h"

/** The columns of a key are never NULL: an absent text is an empty one. */
#define KEY_TEXT(str) TEXT((str).p == NULL ? STR("") : (str))
/** As ?1 to ?5 of statements that name one object. */
#define KEY_VALUES(key)                                                          \
	KEY_TEXT((key)->scope), KEY_TEXT((key)->module), KEY_TEXT((key)->owner), \
	        KEY_TEXT((key)->id), KEY_TEXT((key)->type)

void object_digest(struct str body, uint8_t out[RH_DIGEST_BYTES]);

/** Read the row of OBJECT_COLUMNS that stands in @sql. False, logged and counted in @op, when its
 * bytes are not those that were written: then nobody gets it. */
bool object_row(struct db *db, enum sql_id sql, struct store_op *op, struct store_object *out);

/** One object less in its scope's list; @shadows is that of its row. */
enum outcome object_vanish(struct db *db, const struct store_key *key, int64_t shadows);

/** The number of the newest change. */
enum outcome object_head(struct db *db, int64_t *out);

/** @rows with room for one more behind @count of them: they move whenever @count is a power of two.
 */
void *rows_grow(struct arena *arena, void *rows, size_t count, size_t row_bytes);
