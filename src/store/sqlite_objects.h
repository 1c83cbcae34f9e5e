/* sqlite_objects: what the files about objects share. Private to sqlite_*.c. */
#pragma once

#include "sqlite_verbs.h"

/** The columns of a key are never NULL: an absent text is an empty one. */
#define KEY_TEXT(str) TEXT((str).p == NULL ? STR("") : (str))
/** As ?1 to ?5 of statements that name one object. */
#define KEY_VALUES(key)                                                          \
	KEY_TEXT((key)->scope), KEY_TEXT((key)->module), KEY_TEXT((key)->owner), \
	        KEY_TEXT((key)->id), KEY_TEXT((key)->type)
/** A choice as ?1 to ?9. A blob comes behind every text. */
#define CHOICE_VALUES(choice)                                                                   \
	TEXT((choice)->key.scope), TEXT((choice)->key.module), TEXT((choice)->key.owner),       \
	        TEXT((choice)->key.id), TEXT((choice)->key.type), KEY_TEXT((choice)->receiver), \
	        (choice)->receiver.p != NULL ? TEXT((choice)->receiver) : BLOB(STR("")),        \
	        INT((choice)->since_ms == 0 ? INT64_MIN : (choice)->since_ms),                  \
	        INT((choice)->until_ms == 0 ? INT64_MAX : (choice)->until_ms)
/** Of everybody's or of one receiver, whatever it is. */
static inline bool
choice_is_plain(const struct choice *choice)
{
	const struct store_key *key = &choice->key;

	return key->scope.p == NULL && key->module.p == NULL && key->owner.p == NULL &&
	       key->id.p == NULL && key->type.p == NULL && choice->since_ms == 0 &&
	       choice->until_ms == 0;
}
static inline bool
choice_is_all(const struct choice *choice)
{
	return choice_is_plain(choice) && choice->receiver.p == NULL;
}
/** It is found by the index over keys. */
static inline bool
choice_has_object(const struct choice *choice)
{
	return choice->key.module.p != NULL && choice->key.owner.p != NULL &&
	       choice->key.id.p != NULL;
}
/** The key whose parts stand in the columns from @column on. */
struct store_key key_row(struct db *db, enum sql_id sql, int column, struct arena *arena);

/* sqlite_digest.c */
enum { OBJECT_DIGEST_BYTES = 8 };
void object_digest(const struct store_object *object, bool live, uint8_t out[OBJECT_DIGEST_BYTES]);
/** Whether @stored is the digest of that row, as it is made now or was made once. */
bool object_is_written(const struct store_object *object, bool live, struct str stored);
void relink_digest(const struct store_relink *relink, uint8_t out[RH_DIGEST_BYTES]);
bool is_digest(struct str stored, const uint8_t own[RH_DIGEST_BYTES]);

/** Read the row of OBJECT_COLUMNS that stands in @sql. False, logged and counted in @op, when it is
 * not what was written: then nobody gets it. */
bool object_row(struct db *db, enum sql_id sql, struct store_op *op, struct store_object *out);

/** What the writer finds of an object before it writes. */
struct version {
	bool known, live, whole; /* known: there is a row, a tombstone perhaps */
	int64_t shadows;
	struct store_object row; /* body absent: there is no object */
};
/** The version of VERSION_COLUMNS that stands in @sql. */
struct version version_row(struct db *db, enum sql_id sql, struct arena *arena);
enum outcome version_find(
        struct db *db, const struct store_key *key, struct arena *arena, struct version *out);
/** It is the newest until @until_ms: what is to be told later stays as a version. */
enum outcome version_keep(struct db *db, const struct version *old, int64_t until_ms);
void note_damage(struct store_op *op, const struct store_key *key);

/** One object more in its scope's list, hiding the shared one @shadows (0: none). */
enum outcome object_appear(
        struct db *db, const struct store_key *key, int64_t seq, int64_t shadows);
/** One less; @seq and @shadows are those of its row. */
enum outcome object_vanish(
        struct db *db, const struct store_key *key, int64_t seq, int64_t shadows);

/** A row that goes for good, its tombstone too. */
struct record {
	int64_t seq, shadows;
	bool live;
	struct store_key key;
};
/** The one whose columns stand in @sql: seq, live, shadows, and those of its key. */
struct record record_row(struct db *db, enum sql_id sql, struct arena *arena);
enum outcome records_drop(struct db *db, const struct record *records, size_t count);

/* sqlite_block.c. @key is that of the object that is named by @seq, or whose row says @shadows. */
/** It was created just now: object_appear() is through. */
enum outcome block_created(struct db *db, const struct store_key *key, int64_t seq);
/** It is in the list of @key now: object_appear() is through. */
enum outcome block_move(struct db *db, const struct store_key *key, int64_t seq);
enum outcome block_add(struct db *db, const struct store_key *key, int64_t seq, int live);
enum outcome block_hide(struct db *db, const struct store_key *key, int64_t shadows, int hidden);
/** A shared one goes: those that hid it hide nothing. */
enum outcome block_show(struct db *db, const struct store_key *key, int64_t seq);
/** Count what is in the block of @seq anew. */
enum outcome block_recount(struct db *db, const struct store_key *key, int64_t seq);
/** The last object that is in a block, 0: there is none. */
enum outcome blocks_end(struct db *db, int64_t *out);
/** Which shared object an addressed one hides, 0: none. */
enum outcome object_shadow(struct db *db, const struct store_key *key, int64_t *out);

/** The number of the newest change. */
enum outcome object_head(struct db *db, int64_t *out);

enum outcome park_one(struct db *db, const struct store_parked *p);
/** The same bytes came again: refusals of @key are parked, and what is parked becomes due. */
enum outcome parked_wake(struct db *db, const struct store_key *key, int64_t now_ms, size_t *woken);

/** What a share and a deletion mean for the memory of pulls; @created: it was not there. */
enum outcome pulled_note(struct db *db, const struct store_share_args *args, bool deleted);
bool pulled_has(struct db *db, const struct store_key *key);
enum outcome pulled_drop(struct db *db, const struct store_key *key);

/** @rows with room for one more behind @count of them: they move whenever @count is a power of two.
 */
void *rows_grow(struct arena *arena, void *rows, size_t count, size_t row_bytes);
