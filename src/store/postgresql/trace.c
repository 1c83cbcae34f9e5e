/* trace: the recent history, copied in batches into partitions of its table, on a connection of its
 * own.
 *
 * A partition is named by the day it was begun on and by which of that day it is. One that has
 * grown to an eighth of what all may have is followed by another, so that the bound is kept by
 * dropping the oldest ones whole. Of several processes each writes to the newest that it knows, and
 * trims for all; what one made or dropped the others find out. Rows go one by one only where a
 * history of less than a day is wanted. Whatever goes wrong drops rows, and they are counted: it is
 * never worth stopping for. */
#include "parts.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARTS_A_DAY = 1000,
	PARTS_MOST = 4096,
	SHARE_OF_ALL = 8,
	ROWS_LEAST = 128,   /* of one that is made smaller: its indexes alone are some pages */
	ROWS_MOST = 100000, /* moved at once */
	SLICE = 256,
	ERASE_ROWS = 1000,
	RETRY_MS = 1000,
	COMMIT_MS = 10000, /* with the standby's, which may be away */
	COLUMNS = 13,
};
static const int64_t DAY_MS = 24LL * 3600 * 1000;

struct pg_trace {
	const char *url;
	struct pg *pg; /* NULL: not open */
	int64_t retry_at_ms;
	int64_t part; /* 0: none */
	bool losing;  /* it was said once */
};

struct pg_trace *
pg_trace_open(const char *url)
{
	struct pg_trace *trace = rh_alloc(sizeof(*trace));

	trace->url = url;
	return trace;
}

void
pg_trace_close(struct pg_trace *trace)
{
	if (trace == NULL)
		return;
	pg_close(trace->pg);
	free(trace);
}

static void
give_up(struct pg_trace *trace, const char *why)
{
	if (!trace->losing)
		LOG(LOG_WARNING, "trace_lost", KV("why", why));
	trace->losing = true;
	pg_close(trace->pg);
	trace->pg = NULL;
	trace->retry_at_ms = rh_mono_ms() + RETRY_MS;
}

/* ---- statements with numbers in them ---- */

static bool
do_with(struct pg *pg, const char *format, ...)
{
	char sql[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	return pg_do(pg, sql);
}

static bool
ask_int(struct pg *pg, const char *sql, int64_t *out)
{
	struct pg_result *result = pg_ask(pg, sql, NULL);

	if (result == NULL)
		return false;
	*out = pg_rows(result) > 0 ? pg_int(result, 0, 0) : 0;
	pg_result_free(result);
	return true;
}

/* ---- partitions ---- */

struct part {
	int64_t number, bytes;
};

/* Oldest first. Returns how many, -1 when it failed. */
static int
list_parts(struct pg *pg, struct part *out)
{
	static const char asked[] = "SELECT substr(c.relname, 7)::bigint, "
	                            "pg_total_relation_size(c.oid) FROM pg_inherits i "
	                            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = "
	                            "'trace'::regclass ORDER BY 1";
	struct pg_result *rows = pg_ask(pg, asked, NULL);
	int count;

	if (rows == NULL)
		return -1;
	count = pg_rows(rows) < PARTS_MOST ? pg_rows(rows) : PARTS_MOST;
	for (int i = 0; i < count; i++)
		out[i] = (struct part){ pg_int(rows, i, 0), pg_int(rows, i, 1) };
	pg_result_free(rows);
	return count;
}

/* Or a newer one, that somebody else made. */
static bool
make_part(struct pg_trace *trace, int64_t part)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "SELECT trace_part(%lld)", (long long)part);
	return ask_int(trace->pg, sql, &trace->part);
}

static bool
drop_part(struct pg_trace *trace, int64_t part)
{
	if (part == trace->part)
		trace->part = 0;
	return do_with(trace->pg, "DROP TABLE IF EXISTS trace_%lld", (long long)part);
}

/* The next one of today. */
static int64_t
part_behind(const struct pg_trace *trace)
{
	int64_t first = rh_wall_ms() / DAY_MS * PARTS_A_DAY;

	if (trace->part < first)
		return first;
	return trace->part + 1 < first + PARTS_A_DAY ? trace->part + 1 : trace->part;
}

static bool
is_of_today(const struct pg_trace *trace)
{
	return trace->part / PARTS_A_DAY >= rh_wall_ms() / DAY_MS;
}

static bool
connected(struct pg_trace *trace)
{
	struct fault fault = { 0 };

	if (trace->pg != NULL)
		return true;
	if (rh_mono_ms() < trace->retry_at_ms)
		return false;
	trace->pg = pg_open(trace->url, PG_TRACE, &fault);
	if (trace->pg == NULL) {
		give_up(trace, fault.why);
		return false;
	}
	if (pg_do(trace->pg, "SET lock_timeout = 1000; SET synchronous_commit = off") &&
	        make_part(trace, 0))
		return true;
	give_up(trace, pg_why(trace->pg));
	return false;
}

/* ---- writing ---- */

static void
add_int2(struct buf *buf, int16_t n)
{
	uint16_t wire = htons((uint16_t)n);

	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

static void
add_int4(struct buf *buf, int32_t n)
{
	uint32_t wire = htonl((uint32_t)n);

	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

static void
add_int8(struct buf *buf, int64_t n)
{
	uint64_t wire = htobe64((uint64_t)n);

	add_int4(buf, sizeof(wire));
	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

static void
add_text(struct buf *buf, struct str s)
{
	add_int4(buf, s.p == NULL ? -1 : (int32_t)s.len);
	if (s.p != NULL && s.len > 0)
		buf_add(buf, s);
}

static void
add_row(struct buf *buf, const struct store_trace *row, int64_t part, int64_t id)
{
	const int64_t numbers[] = { part, id, row->at_ms, row->platform, row->outcome };
	const struct str texts[] = { row->module, row->correlation_id, row->request_id, row->from,
		row->to, row->object, row->doc };

	add_int2(buf, COLUMNS);
	for (size_t i = 0; i < COUNT(numbers); i++)
		add_int8(buf, numbers[i]);
	for (size_t i = 0; i < COUNT(texts); i++)
		add_text(buf, texts[i]);
	add_int8(buf, row->at_ms);
}

static bool
copy_rows(struct pg_trace *trace, struct store_trace **rows, size_t count, int64_t first_id)
{
	static const struct str head = { "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19 };
	CLEANUP(buf_free) struct buf buf = { 0 };
	char sql[80];

	buf_add(&buf, head);
	for (size_t i = 0; i < count; i++)
		add_row(&buf, rows[i], trace->part, first_id + (int64_t)i);
	add_int2(&buf, -1);
	snprintf(sql, sizeof(sql), "COPY trace_%lld FROM STDIN (FORMAT binary)",
	        (long long)trace->part);
	return pg_copy(trace->pg, sql, buf_str(&buf));
}

static bool
write_rows(struct pg_trace *trace, struct store_trace **rows, size_t count)
{
	int64_t first_id;
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "SELECT trace_ids(%zu)", count);
	return (is_of_today(trace) || make_part(trace, part_behind(trace))) &&
	       ask_int(trace->pg, sql, &first_id) && copy_rows(trace, rows, count, first_id);
}

/* Somebody else dropped what it writes to, or does something to it. */
static bool
try_newest(struct pg_trace *trace)
{
	return (pg_error_is(trace->pg, "42P01") || pg_error_is(trace->pg, "55P03")) &&
	       make_part(trace, 0);
}

size_t
pg_trace_write(struct pg_trace *trace, struct store_trace **rows, size_t count)
{
	if (!connected(trace))
		return 0;
	if (!write_rows(trace, rows, count) &&
	        (!try_newest(trace) || !write_rows(trace, rows, count))) {
		give_up(trace, pg_why(trace->pg));
		return 0;
	}
	trace->losing = false;
	return count;
}

/* ---- erasing ---- */

static struct store_trace
read_leg(const struct pg_result *rows, int row)
{
	return (struct store_trace){
		.from = pg_peek(rows, row, 1),
		.to = pg_peek(rows, row, 2),
		.object = pg_peek(rows, row, 3),
		.doc = pg_peek(rows, row, 4),
	};
}

static bool
erase_rows(
        struct pg_trace *trace, struct store_trace_erase_args *args, const struct pg_result *rows)
{
	for (int i = 0; i < pg_rows(rows); i++) {
		struct store_trace leg = read_leg(rows, i);

		int64_t id = pg_int(rows, i, 0);
		bool goes = store_trace_names(args, &leg);

		if (goes && !args->dry_run &&
		        !do_with(trace->pg, "DELETE FROM trace WHERE id = %lld", (long long)id))
			return false;
		args->after = id;
		args->count += goes;
	}
	return true;
}

/* What is said to be erased is not there again after a crash of the server, as new rows may not be.
 */
static bool
erase_for_good(
        struct pg_trace *trace, struct store_trace_erase_args *args, const struct pg_result *rows)
{
	if (args->dry_run)
		return erase_rows(trace, args, rows);
	return pg_do(trace->pg, "BEGIN; SET LOCAL synchronous_commit = on") &&
	       erase_rows(trace, args, rows) && pg_do_in_time(trace->pg, "COMMIT", COMMIT_MS);
}

bool
pg_trace_erase(struct pg_trace *trace, struct store_trace_erase_args *args)
{
	static const char asked[] = "SELECT id, from_party, to_party, object, doc FROM trace "
	                            "WHERE id > $1 ORDER BY id LIMIT 1000";
	struct pg_value after = P_INT(args->after);
	struct pg_result *rows = connected(trace) ? pg_ask(trace->pg, asked, &after) : NULL;
	bool more = false;

	args->failed = rows == NULL || !erase_for_good(trace, args, rows);
	if (args->failed && trace->pg != NULL)
		give_up(trace, pg_why(trace->pg));
	else if (!args->failed)
		more = pg_rows(rows) == ERASE_ROWS;
	pg_result_free(rows);
	return more;
}

/* ---- bounds ---- */

struct trimming {
	struct pg_trace *trace;
	const struct trace_bounds *bounds;
	int64_t now_ms;
	struct part parts[PARTS_MOST];
	int count, first; /* those before the first one are dropped */
	int64_t bytes;    /* of all that are left */
	bool more;
};

static bool
drop_first(struct trimming *t)
{
	const struct part *part = &t->parts[t->first++];

	t->bytes -= part->bytes;
	return drop_part(t->trace, part->number);
}

/* By the day they were begun on: what is in them may be a day younger. */
static bool
drop_old(struct trimming *t)
{
	int64_t day = (t->now_ms - t->bounds->max_age_ms) / DAY_MS;
	bool good = true;

	while (good && t->bounds->max_age_ms > 0 && t->count - t->first > 1 &&
	        t->parts[t->first].number / PARTS_A_DAY < day)
		good = drop_first(t);
	return good;
}

/* Nobody writes to it meanwhile. */
static bool
move_newest(struct pg_trace *trace, int64_t from, int64_t keep)
{
	return do_with(trace->pg, "BEGIN; LOCK TABLE trace_%lld IN EXCLUSIVE MODE",
	               (long long)from) &&
	       do_with(trace->pg,
	               "INSERT INTO trace_%lld SELECT %lld, id, at_ms, platform, outcome, module, "
	               "correlation_id, request_id, from_party, to_party, object, doc, moment FROM "
	               "trace_%lld ORDER BY id DESC LIMIT %lld",
	               (long long)trace->part, (long long)trace->part, (long long)from,
	               (long long)keep) &&
	       drop_part(trace, from) && pg_do(trace->pg, "COMMIT");
}

/* The newest rows of the only one move to another. */
static bool
shrink(struct trimming *t)
{
	const struct part *part = &t->parts[t->first];
	int64_t rows = 0, keep;
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT max(id) - min(id) + 1 FROM trace_%lld",
	        (long long)part->number);
	if (!ask_int(t->trace->pg, sql, &rows))
		return false;
	keep = (int64_t)((double)rows * (double)t->bounds->max_bytes / (double)part->bytes / 2);
	keep = keep < ROWS_LEAST ? ROWS_LEAST : keep > ROWS_MOST ? ROWS_MOST : keep;
	if (rows <= keep)
		return true;
	return make_part(t->trace, part_behind(t->trace)) &&
	       move_newest(t->trace, part->number, keep);
}

static bool
drop_large(struct trimming *t)
{
	int64_t max_bytes = t->bounds->max_bytes;
	bool good = true;

	if (max_bytes <= 0)
		return true;
	while (good && t->bytes > max_bytes && t->count - t->first > 1)
		good = drop_first(t);
	if (good && t->bytes > max_bytes && t->count > t->first)
		return shrink(t);
	if (good && t->count > t->first && t->parts[t->count - 1].number == t->trace->part &&
	        t->parts[t->count - 1].bytes > max_bytes / SHARE_OF_ALL)
		return make_part(t->trace, part_behind(t->trace));
	return good;
}

static bool
delete_slice(struct trimming *t)
{
	long long part = t->count > t->first ? (long long)t->parts[t->first].number : 0;
	int64_t deleted = 0;
	char sql[400];

	if (t->bounds->max_age_ms <= 0 || t->bounds->max_age_ms >= DAY_MS || part == 0)
		return true;
	snprintf(sql, sizeof(sql),
	        "WITH d AS (DELETE FROM trace_%lld WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM "
	        "(SELECT "
	        "ctid, at_ms FROM trace_%lld ORDER BY id LIMIT %d) o WHERE o.at_ms < %lld)) "
	        "RETURNING "
	        "1) SELECT count(*) FROM d",
	        part, part, SLICE, (long long)(t->now_ms - t->bounds->max_age_ms));
	if (!ask_int(t->trace->pg, sql, &deleted))
		return false;
	t->more = deleted == SLICE;
	return true;
}

static bool
trim_all(struct trimming *t)
{
	t->count = list_parts(t->trace->pg, t->parts);
	for (int i = 0; i < t->count; i++)
		t->bytes += t->parts[i].bytes;
	if (t->count > 0 && t->parts[t->count - 1].number > t->trace->part)
		t->trace->part = t->parts[t->count - 1].number;
	return t->count >= 0 && drop_old(t) && drop_large(t) && delete_slice(t);
}

bool
pg_trace_trim(struct pg_trace *trace, const struct trace_bounds *bounds, int64_t now_ms)
{
	struct trimming *t;
	bool more;

	if (!connected(trace))
		return false;
	t = rh_alloc(sizeof(*t));
	t->trace = trace;
	t->bounds = bounds;
	t->now_ms = now_ms;
	if (!trim_all(t))
		give_up(trace, pg_why(trace->pg));
	more = t->more && trace->pg != NULL;
	free(t);
	return more;
}
