/* other: another session on the PostgreSQL of a rig. */
#pragma once

#include "../../../src/store/postgresql/pg.h"
#include "rig.h"

#define LOCK "1380472130, 1"
/* Of connections that are not @pg's own. */
#define OTHERS \
	"FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
#define WRITER                                                                                  \
	"FROM pg_locks WHERE locktype = 'advisory' AND classid = 1380472130 AND objid = 2 AND " \
	"database = (SELECT oid FROM pg_database WHERE datname = current_database()) "

struct pg *connect_to(const struct rig *rig);
void say(struct pg *pg, const char *sql);
int64_t ask(struct pg *pg, const char *sql);
void wait_until(struct pg *pg, const char *sql); /* it says something else than 0 */
/** From now on commits wait for a standby that is not there. */
void await_standby(const struct rig *rig, struct pg *pg);

/** Submit @ops and wait for them: the first is alone, the others wait behind it and are one batch.
 */
void batch_write(struct rig *rig, struct pg *pg, struct rig_op *ops, size_t count);

/** A store that others may work together with, and that is called a. */
void first_begin(struct rig *rig);
/** One more on the database of @rig, that works together with it. */
void mate_begin(struct rig *mate, const struct rig *rig, const char *about);
void mate_end(struct rig *mate);
/** The two together; the second is called b. */
void pair_begin(struct rig *a, struct rig *b);
void pair_end(struct rig *a, struct rig *b);
