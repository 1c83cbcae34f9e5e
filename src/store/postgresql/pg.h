/* pg: the one door to libpq. Connections, statements by number in a pipeline, values in and out.
 *
 * A connection is used by one thread at a time. Statements are prepared anew on each connection
 * and named by their number in enum pg_sql; values go and come in binary form. Calls that stand
 * before one Sync are one transaction. */
#pragma once

#include "../backend.h"
#include "sql.h"

struct pg;
struct pg_result; /* libpq's PGresult */

struct pg_value {
	enum { PG_INT, PG_BOOL, PG_BYTES } type;
	int64_t n;
	struct str s; /* absent: NULL. Text, bytea, or a whole array of pg_array.c */
};
#define P_INT(num)   ((struct pg_value){ .type = PG_INT, .n = (int64_t)(num) })
#define P_BOOL(is)   ((struct pg_value){ .type = PG_BOOL, .n = (is) ? 1 : 0 })
#define P_BYTES(str) ((struct pg_value){ .type = PG_BYTES, .s = (str) })
#define P_KEY(str)   P_BYTES((str).p == NULL ? STR("") : (str))

enum { PG_VALUES_MOST = 32 };
struct pg_call {
	enum pg_sql sql;
	const struct pg_value *values; /* until it is sent */
	size_t count;
	struct pg_result *result; /* out: NULL when it failed or was not reached */
};

enum pg_kind { PG_WRITER, PG_READER, PG_TRACE, PG_LOOK, PG_PULSE };
enum pg_end {
	PG_DONE,
	PG_REFUSED, /* for what it says: another transaction may go well */
	PG_ABORTED, /* undone, for a reason of the server's */
	PG_UNKNOWN, /* the connection was lost: it may be committed, or may still be */
};

/** Waits a few seconds at most for each host. NULL with @fault. @url stays as long as it. */
struct pg *pg_open(const char *url, enum pg_kind kind, struct fault *fault);
/** Does a server say anything to who connects, and be it a refusal? Twice as long as pg_open(). */
bool pg_answers(const char *url);
/** Called when an answer has not come for two seconds, and again; false: give up. Without it a
 * server is given up that does not answer to a new connection either. */
void pg_when_slow(struct pg *pg, bool (*slow)(void *), void *ctx);
void pg_close(struct pg *pg); /* NULL is fine */
/** Statements from @first to @last; then the connection is in pipeline mode. */
bool pg_prepare(struct pg *pg, enum pg_sql first, enum pg_sql last);
int pg_fd(const struct pg *pg);
int pg_server_pid(const struct pg *pg);
bool pg_lost(const struct pg *pg);
const char *pg_why(const struct pg *pg);
bool pg_warned(const struct pg *pg);                         /* since pg_ask() or pg_run() began */
bool pg_error_is(const struct pg *pg, const char *sqlstate); /* that of the last refusal */

/* ---- one at a time (pg_ask.c): each waits as long as its kind of connection has patience ---- */

/** Before pg_prepare(): one statement, or several, and wait. NULL: pg_why(). */
struct pg_result *pg_exec(struct pg *pg, const char *sql);
bool pg_do(struct pg *pg, const char *sql);      /* the same without its result */
bool pg_do_long(struct pg *pg, const char *sql); /* the same with an hour for it */
/** The first two with another bound. False with a warning, too. */
struct pg_result *pg_exec_in_time(struct pg *pg, const char *sql, int64_t ms);
bool pg_do_in_time(struct pg *pg, const char *sql, int64_t ms);
/** The same with one value as $1, in binary form. */
struct pg_result *pg_ask(struct pg *pg, const char *sql, const struct pg_value *value);
/** pg_exec() in two halves: sent, and its last result waited for. */
bool pg_begin(struct pg *pg, const char *sql);
struct pg_result *pg_finish(struct pg *pg);
/** COPY … FROM STDIN of @bytes. */
bool pg_copy(struct pg *pg, const char *sql, struct str bytes);

/** Of a session that listens: the next notification of another one. False: none came yet. */
bool pg_heard(struct pg *pg, char *out, size_t size);

/* ---- in pipeline mode ---- */

/** Queue calls and a Sync. False: the connection is lost. */
bool pg_send(struct pg *pg, const struct pg_call *calls, size_t count);
/** Send what is queued as far as it goes. True: there is more, wait until it can be written. */
bool pg_flush(struct pg *pg);
enum pg_step { PG_STEP_NONE, PG_STEP_RESULT, PG_STEP_ERROR, PG_STEP_SYNC, PG_STEP_LOST };
/** What came next, without waiting: the result of the next call, its error (the calls behind it are
 * errors too), or the Sync. */
enum pg_step pg_step(struct pg *pg, struct pg_result **result);
bool pg_read(struct pg *pg); /* the descriptor is readable; false: lost */
/** One transaction, and wait. */
enum pg_end pg_run(struct pg *pg, struct pg_call *calls, size_t count);
void pg_calls_free(struct pg_call *calls, size_t count); /* their results */

/* ---- results (pg_rows.c) ---- */

void pg_result_free(struct pg_result *result);
int pg_rows(const struct pg_result *result);
bool pg_null(const struct pg_result *result, int row, int column);
int64_t pg_int(const struct pg_result *result, int row, int column); /* NULL: 0 */
bool pg_bool(const struct pg_result *result, int row, int column);
struct str pg_peek(const struct pg_result *result, int row, int column);
struct str pg_text(const struct pg_result *result, int row, int column, struct arena *arena);
void pg_chars(const struct pg_result *result, int row, int column, char *out, size_t size);
/** An array of bigint. */
int64_t *pg_ints(
        const struct pg_result *result, int row, int column, struct arena *arena, size_t *count);

/* ---- arrays (pg_array.c) ---- */

struct pg_array {
	struct buf buf;
};
enum pg_element { PG_OF_BOOL = 16, PG_OF_BYTES = 17, PG_OF_INT = 20, PG_OF_TEXT = 25 };
struct pg_array pg_array(struct arena *arena, enum pg_element of, size_t count);
void pg_array_int(struct pg_array *array, int64_t n);
void pg_array_bool(struct pg_array *array, bool is);
void pg_array_add(struct pg_array *array, struct str s); /* absent: NULL */
void pg_array_key(struct pg_array *array, struct str s); /* absent: empty */
#define P_ARRAY(array) P_BYTES(buf_str(&(array).buf))
