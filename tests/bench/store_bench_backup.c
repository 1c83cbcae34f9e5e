/* store_bench_backup: how long a put waits while the store is copied. */
#include "store_bench.h"

#include "migrate.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKUP_ROW_BYTES = 4000 };

static void
fill_database(const char *path, int mib)
{
	static char text[BACKUP_ROW_BYTES];
	struct fault fault = { 0 };
	struct db *db = db_open(path, DB_WRITER, &fault);
	struct store_relink relink;
	char id[32];

	if (db == NULL || migrate(db, migrations, migration_count, &fault) != RH_OK)
		store_bench_die(&fault);
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < mib; i++) {
		db_do(db, SQL_BEGIN);
		for (int n = 0; n < (1 << 20) / BACKUP_ROW_BYTES; n++) {
			store_bench_fill(&relink, id);
			relink.target = (struct str){ text, sizeof(text) };
			if (store_bench_put(db, &relink) != OUTCOME_OK)
				exit(1);
		}
		if (db_do(db, SQL_COMMIT) != OUTCOME_OK || db_checkpoint(db, false) != OUTCOME_OK)
			exit(1);
	}
	db_close(db);
}

struct paced {
	struct store_op op;
	bool done;
};

static void
paced_done(struct store_op *op)
{
	container_of(op, struct paced, op)->done = true;
}

static int
compare_us(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One put after the other for as long as *@until is false; the times into @took_us. */
static size_t
time_puts(struct store_session *session, struct mailbox *box, const bool *until, size_t most,
        int64_t *took_us)
{
	struct paced put = { 0 };
	struct store_relink relink;
	size_t count = 0;
	char id[32];

	while (count < most && (until == NULL || !*until)) {
		int64_t began_us = rh_mono_us();

		store_bench_fill(&relink, id);
		put.op = (struct store_op){
			.verb = STORE_RELINK_PUT, .done = paced_done, .u.relink_put.relink = &relink
		};
		put.done = false;
		store_submit(session, &put.op);
		while (!put.done) {
			poll(&(struct pollfd){ .fd = mailbox_fd(box), .events = POLLIN }, 1, -1);
			mailbox_deliver(box);
		}
		took_us[count++] = rh_mono_us() - began_us;
	}
	qsort(took_us, count, sizeof(*took_us), compare_us);
	return count;
}

static void
print_times(const char *what, const int64_t *took_us, size_t count)
{
	printf("%s puts=%zu p50_us=%lld p99_us=%lld max_us=%lld\n", what, count,
	        (long long)took_us[count / 2], (long long)took_us[count * 99 / 100],
	        (long long)took_us[count - 1]);
}

void
store_bench_backup(const char *path, int mib)
{
	enum { MOST = 1 << 20 };
	int64_t *took_us = rh_alloc(MOST * sizeof(*took_us));
	struct mailbox *box = mailbox_new();
	struct fault fault = { 0 };
	struct store_session *session;
	struct paced backup = { 0 };
	struct store *store;
	char url[1100], copy[1100];
	int64_t began_us;
	size_t count;

	fill_database(path, mib);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	snprintf(copy, sizeof(copy), "%s-copy", path);
	store = store_open(&(struct store_conf){ .url = url, .max_waiting = 100 }, &fault);
	session = store == NULL ? NULL : store_session_open(store, box, &fault);
	if (session == NULL)
		store_bench_die(&fault);
	count = time_puts(session, box, NULL, 2000, took_us);
	print_times("without backup:", took_us, count);
	began_us = rh_mono_us();
	backup.op = (struct store_op){
		.verb = STORE_BACKUP, .done = paced_done, .u.backup.path = copy
	};
	store_submit(session, &backup.op);
	count = time_puts(session, box, &backup.done, MOST, took_us);
	print_times("during backup: ", took_us, count);
	printf("backup_mib=%lld seconds=%.2f %s\n", (long long)backup.op.u.backup.bytes >> 20,
	        (double)(rh_mono_us() - began_us) / 1e6,
	        backup.op.err == RH_OK ? "ok" : backup.op.why);
	store_session_close(session);
	store_close(store);
	mailbox_free(box);
	free(took_us);
	unlink(copy);
	store_bench_remove(path);
}
