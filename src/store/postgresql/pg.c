/* pg: the one door to libpq: a connection, and waiting for it. How it is opened: pg_open.c;
 * statements one at a time: pg_ask.c, in a pipeline: pg_run.c.
 *
 * Whatever is waited for has a bound, since a server may fall silent at any moment: connecting has
 * libpq's own, for each host; from then on the descriptor is polled here, and no call of libpq
 * waits: the connection is non-blocking from its beginning to its end, PQfinish() included. Left
 * is the look-up of a host's name, which the resolver bounds. */
#include "pg_conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW_MS = 2000 };

/* ---- what went wrong ---- */

/* A message of libpq has lines. */
void
pg_note_why(struct pg *pg, const char *message)
{
	size_t len;

	snprintf(pg->why, sizeof(pg->why), "%s", message);
	len = strlen(pg->why);
	while (len > 0 && (pg->why[len - 1] == '\n' || pg->why[len - 1] == ' '))
		pg->why[--len] = '\0';
	for (char *c = pg->why; *c != '\0'; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

void
pg_note_error(struct pg *pg, const PGresult *result)
{
	const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary =
	        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	snprintf(pg->sqlstate, sizeof(pg->sqlstate), "%s", state == NULL ? "" : state);
	if (primary != NULL)
		snprintf(pg->why, sizeof(pg->why), "%s (%s)", primary, pg->sqlstate);
	else
		pg_note_why(pg, PQerrorMessage(pg->conn));
}

const char *
pg_why(const struct pg *pg)
{
	return pg->why;
}

bool
pg_error_is(const struct pg *pg, const char *sqlstate)
{
	return strcmp(pg->sqlstate, sqlstate) == 0;
}

bool
pg_warned(const struct pg *pg)
{
	return pg->warned;
}

bool
pg_lost(const struct pg *pg)
{
	return pg->broken || PQstatus(pg->conn) != CONNECTION_OK;
}

/* ---- connecting ---- */

/* What stands in the URL comes behind, and counts. Each host has its own time: one that does not
 * answer keeps nobody from the next. */
static const char *const names[] = { "application_name", "tcp_user_timeout", "keepalives_idle",
	"keepalives_interval", "keepalives_count", "client_encoding", "connect_timeout", "dbname",
	NULL };
#define VALUES(url) ((const char *[]){ "roamhub", "10000", "5", "2", "3", "UTF8", "3", url, NULL })

bool
pg_connect(struct pg *pg, const char *url)
{
	pg->conn = PQconnectdbParams(names, VALUES(url), 1);
	if (PQstatus(pg->conn) == CONNECTION_OK && PQsetnonblocking(pg->conn, 1) == 0)
		return true;
	pg_note_why(pg, PQerrorMessage(pg->conn));
	return false;
}

/* Twice: it may just be busy. */
bool
pg_answers(const char *url)
{
	bool answers = false;

	for (int i = 0; i < 2 && !answers; i++) {
		PGPing ping = PQpingParams(names, VALUES(url), 1);

		answers = ping == PQPING_OK || ping == PQPING_REJECT;
	}
	return answers;
}

void
pg_close(struct pg *pg)
{
	if (pg == NULL)
		return;
	PQfinish(pg->conn);
	free(pg);
}

int
pg_fd(const struct pg *pg)
{
	return PQsocket(pg->conn);
}

int
pg_server_pid(const struct pg *pg)
{
	return pg->server_pid;
}

void
pg_when_slow(struct pg *pg, bool (*slow)(void *), void *ctx)
{
	pg->slow = slow;
	pg->ctx = ctx;
}

/* ---- waiting ---- */

bool
pg_flush(struct pg *pg)
{
	return PQflush(pg->conn) == 1;
}

bool
pg_read(struct pg *pg)
{
	if (PQconsumeInput(pg->conn) == 1)
		return true;
	pg_note_why(pg, PQerrorMessage(pg->conn));
	return false;
}

int64_t
pg_patience_ms(const struct pg *pg)
{
	static const int64_t patience_ms[] = {
		[PG_WRITER] = 30000,
		[PG_READER] = 30000,
		[PG_TRACE] = 60000,
		[PG_LOOK] = 30000,
		[PG_PULSE] = 2000,
	};

	return patience_ms[pg->kind];
}

/* False: neither readable nor writable in time. */
static bool
wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left_ms = until_ms - rh_mono_ms();
	int rc;

	do {
		rc = poll(&pollfd, 1, left_ms > 0 ? (int)left_ms : 0);
		left_ms = until_ms - rh_mono_ms();
	} while (rc < 0 && errno == EINTR && left_ms > 0);
	return rc > 0;
}

static bool
is_worth_waiting(const struct pg *pg)
{
	return pg->slow != NULL ? pg->slow(pg->ctx) : pg_answers(pg->url);
}

bool
pg_wait(struct pg *pg, int64_t since_ms, int64_t patience_ms)
{
	short events = pg_flush(pg) ? POLLIN | POLLOUT : POLLIN;
	int64_t until_ms = since_ms + patience_ms, now_ms = rh_mono_ms();

	for (; now_ms < until_ms; now_ms = rh_mono_ms()) {
		int64_t slow_ms = now_ms + SLOW_MS;

		if (wait_for(pg_fd(pg), events, slow_ms < until_ms ? slow_ms : until_ms)) {
			/* what it says of a loss is told with the next result */
			pg->broken = !pg_read(pg) && PQstatus(pg->conn) == CONNECTION_OK;
			return !pg->broken;
		}
		if (rh_mono_ms() < until_ms && !is_worth_waiting(pg))
			break;
	}
	pg_note_why(pg, "the server does not answer");
	pg->broken = true;
	return false;
}
