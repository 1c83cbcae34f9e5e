#include "other.h"

#include <check.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_MS = 20000 };

struct pg *
connect_to(const struct rig *rig)
{
	struct fault fault = { 0 };
	struct pg *pg = pg_open(rig->path, PG_LOOK, &fault);

	ck_assert_msg(pg != NULL, "%s", fault.why);
	return pg;
}

void
say(struct pg *pg, const char *sql)
{
	ck_assert_msg(pg_do_long(pg, sql), "%s: %s", sql, pg_why(pg));
}

int64_t
ask(struct pg *pg, const char *sql)
{
	struct pg_result *result = pg_ask(pg, sql, NULL);
	int64_t out;

	ck_assert_msg(result != NULL && pg_rows(result) == 1, "%s: %s", sql, pg_why(pg));
	out = pg_int(result, 0, 0);
	pg_result_free(result);
	return out;
}

void
wait_until(struct pg *pg, const char *sql)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	while (ask(pg, sql) == 0) {
		ck_assert_msg(rh_mono_ms() < until_ms, "never: %s", sql);
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
}
static void *
commit_again(void *pg)
{
	while (pg_do(pg, "CREATE TABLE commits (); DROP TABLE commits"))
		continue;
	return NULL;
}

/* Commits wait for a standby from some moment behind the reload on, when one of the server's
 * processes has seen it, and nothing tells when but a commit that waits. */
void
await_standby(const struct rig *rig, struct pg *pg)
{
	struct pg *probe = connect_to(rig);
	pthread_t thread;

	say(pg, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	say(pg, "SELECT pg_reload_conf()");
	ck_assert_int_eq(pthread_create(&thread, NULL, commit_again, probe), 0);
	wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'SyncRep'");
	say(pg, "SELECT pg_terminate_backend(pid) " OTHERS "AND wait_event = 'SyncRep'");
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	wait_until(pg, "SELECT (count(*) = 0)::int::bigint " OTHERS "AND wait_event = 'SyncRep'");
	pg_close(probe);
}

void
batch_write(struct rig *rig, struct pg *pg, struct rig_op *ops, size_t count)
{
	say(pg, "SELECT pg_advisory_lock(" LOCK ")");
	for (size_t i = 0; i < count; i++) {
		rig_submit(rig, &ops[i]);
		if (i == 0)
			wait_until(pg, "SELECT count(*) " OTHERS "AND wait_event = 'advisory'");
	}
	say(pg, "SELECT pg_advisory_unlock(" LOCK ")");
	for (size_t i = 0; i < count; i++)
		rig_wait(rig, &ops[i]);
}

void
first_begin(struct rig *rig)
{
	rig_begin(rig, "postgresql:");
	rig_close(rig);
	rig->conf.together = true;
	rig->conf.about = "{\"name\":\"a\"}";
	rig_open(rig);
}

void
mate_begin(struct rig *mate, const struct rig *rig, const char *about)
{
	*mate = (struct rig){ .conf = rig->conf };
	(void)stpcpy(mate->path, rig->path);
	mate->conf.url = mate->path;
	mate->conf.about = about;
	mate->conf.together = true;
	mate->arena = arena_new(4096);
	mate->box = mailbox_new();
	rig_open(mate);
}

void
mate_end(struct rig *mate)
{
	rig_close(mate);
	mailbox_free(mate->box);
	arena_free(mate->arena);
}

void
pair_begin(struct rig *a, struct rig *b)
{
	first_begin(a);
	mate_begin(b, a, "{\"name\":\"b\"}");
}

void
pair_end(struct rig *a, struct rig *b)
{
	mate_end(b);
	rig_end(a);
}
