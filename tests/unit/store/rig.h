/* rig: a store with one session, driven from a test's own thread. */
#pragma once

#include "roamhub/store.h"

struct rig {
	char dir[64];      /* made by rig_begin(), removed by rig_end() */
	char path[128];    /* the URL */
	char database[16]; /* of a PostgreSQL */
	char beside[128];  /* of rig_beside() */
	struct store_conf conf;
	struct store *store;
	struct mailbox *box;
	struct store_session *session;
	struct arena *arena;
};
struct rig_op {
	struct store_op op;
	bool done;
};
/** @scheme "sqlite:", "memory:" or "postgresql:". */
void rig_begin(struct rig *rig, const char *scheme);
/** A SQLite store that was left by a build that knew the migrations before number @first, with what
 * @sql put into it. */
void rig_begin_before(struct rig *rig, size_t first, const char *sql);
void rig_end(struct rig *rig);
/** Change the file of a SQLite store behind its back, as a disk does that knows no foreign keys. */
void rig_tamper(struct rig *rig, const char *sql);
void rig_open(struct rig *rig);  /* the store of rig->conf */
void rig_close(struct rig *rig); /* what was stored in a file stays */

const char *rig_file(const struct rig *rig); /* the database */
/** The file whose name is the database's with @suffix; good until the next call. */
const char *rig_beside(struct rig *rig, const char *suffix);

void rig_server(const char *sql); /* to the PostgreSQL, in none of the rigs' databases */

uint64_t rig_damaged(struct rig *rig); /* rows and objects that were met */

void rig_submit(struct rig *rig, struct rig_op *op);
void rig_wait(struct rig *rig, const struct rig_op *op); /* ten seconds at most */
/** Submit @op and wait for it. Its arena is the rig's. */
enum rh_err rig_do(struct rig *rig, struct store_op *op);

enum rh_err rig_put(struct rig *rig, const char *id, int64_t expires_ms); /* a relink */
enum rh_err rig_get(struct rig *rig, const char *id, int64_t now_ms, struct store_relink *out);
void rig_trace(struct rig *rig, int64_t at_ms, const char *correlation_id, const char *from,
        const char *to, const char *object);
/** The rows that match, waiting until there are at least @least of them. */
struct store_op rig_find(struct rig *rig, const struct store_op *like, size_t least);
