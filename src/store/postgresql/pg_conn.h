/* pg_conn: the inside of a connection, for pg.c and pg_run.c alone. */
#pragma once

#include "pg.h"

#include <libpq-fe.h>

enum { SQLSTATE_BYTES = 6 };
struct pg {
	PGconn *conn;
	enum pg_kind kind;
	int server_pid;
	bool warned; /* since pg_ask() or pg_run() began */
	bool broken; /* answers are outstanding that nobody waits for: of no use any more */
	const char *url;
	bool (*slow)(void *); /* pg_when_slow(), or NULL */
	void *ctx;
	char sqlstate[SQLSTATE_BYTES];
	char why[400];
};

void pg_note_why(struct pg *pg, const char *message); /* a message of libpq has lines */
void pg_note_error(struct pg *pg, const struct pg_result *result);

/** False with pg_why(); pg_close() is due all the same. */
bool pg_connect(struct pg *pg, const char *url);
/** How long an answer is waited for on a connection of this kind. */
int64_t pg_patience_ms(const struct pg *pg);
/** Sends what is queued and takes what came, of an answer that is waited for since @since_ms.
 * False: there is none in time, and the connection is of no use any more. */
bool pg_wait(struct pg *pg, int64_t since_ms, int64_t patience_ms);

/* Values as libpq takes them (pg_run.c). */
struct pg_wire {
	const char *values[PG_VALUES_MOST];
	int lengths[PG_VALUES_MOST], formats[PG_VALUES_MOST];
	uint64_t numbers[PG_VALUES_MOST];
	char bools[PG_VALUES_MOST];
};
void pg_put_values(struct pg_wire *wire, const struct pg_value *values, size_t count);
