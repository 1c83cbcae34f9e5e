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
	char sqlstate[SQLSTATE_BYTES];
	char why[400];
};

void pg_note_why(struct pg *pg, const char *message); /* a message of libpq has lines */
void pg_note_error(struct pg *pg, const struct pg_result *result);
/** @result, or NULL and pg_why() when it is an error. */
struct pg_result *pg_good(struct pg *pg, struct pg_result *result);
/** False: neither readable nor writable in time. */
bool pg_wait_for(int fd, short events, int64_t until_ms);
