/* test_postgresql_silent: a PostgreSQL that says nothing any more, and is there again.
 *
 * Nothing is closed and nothing is refused: its processes are stopped, or a host takes connections
 * and never speaks. Whoever waits gives up by himself; how soon is bounded here so loosely that
 * only a wait for ever fails. It is started with a server of its own: tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "proxy.h"
#include "share.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, PROCESSES_MOST = 64, LARGE = 4 << 20 };

/* ---- silence ---- */

static pid_t stopped[PROCESSES_MOST];
static size_t stopped_count;

static void
stop_process(pid_t pid)
{
	ck_assert_uint_lt(stopped_count, PROCESSES_MOST);
	stopped[stopped_count++] = pid;
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
}

/* The one that takes connections first, so that no others come behind the list. */
static void
silence(struct pg *pg)
{
	const char *server = getenv("POSTGRESQL_PID");
	struct pg_result *rows;

	ck_assert_ptr_nonnull(server);
	stop_process((pid_t)strtol(server, NULL, 10));
	rows = pg_ask(pg, "SELECT pid::bigint " OTHERS, NULL);
	ck_assert_ptr_nonnull(rows);
	for (int i = 0; i < pg_rows(rows); i++)
		stop_process((pid_t)pg_int(rows, i, 0));
	pg_result_free(rows);
}

/* After each test, however it ends. */
static void
speak(void)
{
	while (stopped_count > 0)
		(void)kill(stopped[--stopped_count], SIGCONT);
}

static void
wait_long(struct rig *rig, const struct rig_op *op)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	while (!op->done) {
		ck_assert_msg(rh_mono_ms() < until_ms, "it waits for ever");
		poll(&(struct pollfd){ .fd = mailbox_fd(rig->box), .events = POLLIN }, 1, 100);
		mailbox_deliver(rig->box);
	}
}

static void
put_until_it_works(struct rig *rig, const char *key, struct share *share)
{
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;
	struct rig_op op;

	do {
		ck_assert_msg(rh_mono_ms() < until_ms, "it does not come back");
		op = (struct rig_op){ .op = share_op(key, share) };
		rig_submit(rig, &op);
		wait_long(rig, &op);
	} while (op.op.err != RH_OK);
}

/* The large one does not fit into what the kernel keeps for a server that does not read. */
START_TEST(test_a_write_is_not_acknowledged_and_those_after_the_silence_are_in_order)
{
	char *large = memset(rh_alloc(LARGE + 1), 'x', LARGE);
	struct share before = { .body = _i == 0 ? "small" : large }, after = { .body = "b" };
	struct rig_op op = { .op = share_op("* m A Y", &before) };
	int64_t first, cursor;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	first = share_put(&rig, "* m A X", "b", 1);
	silence(pg);
	rig_submit(&rig, &op);
	wait_long(&rig, &op);
	ck_assert_int_eq(op.op.err, RH_STORE_FAILED);
	ck_assert_msg(strstr(op.op.why, "is away") != NULL, "%s", op.op.why);
	ck_assert_int_gt(store_unheard_ms(rig.store), 1000);
	speak();
	put_until_it_works(&rig, "* m A Y", &after);
	put_until_it_works(&rig, "* m A Z", &after);
	while (store_unheard_ms(rig.store) > 1000)
		poll(NULL, 0, 10);
	ck_assert_str_eq(share_feed(&rig, first, 9, &cursor), "Y:b Z:b");
	ck_assert_int_eq(ask(pg, "SELECT live FROM object_count"), 3);
	pg_close(pg);
	rig_end(&rig);
	free(large);
}
END_TEST

START_TEST(test_reads_of_every_kind_fail_and_work_again)
{
	enum { OPS = 12 };
	struct rig_op ops[OPS] = { 0 };
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	share_put(&rig, "* m A X", "b", 1);
	ck_assert_int_eq(share_get(&rig, "* m A X", NULL), RH_OK);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "X:b");
	silence(pg);
	for (int i = 0; i < OPS; i++) {
		ops[i].op.verb = i % 3 == 0   ? STORE_OBJECT_GET
		                 : i % 3 == 1 ? STORE_FEED
		                              : STORE_OBJECT_PAGE;
		if (i % 3 == 0)
			ops[i].op.u.get.key = share_key("* m A X");
		else if (i % 3 == 1)
			ops[i].op.u.feed = (struct store_feed_args){ .limit = 9 };
		else
			ops[i].op.u.page =
			        (struct store_page_args){ .module = STR("m"), .limit = 9 };
		rig_submit(&rig, &ops[i]);
	}
	for (int i = 0; i < OPS; i++) {
		wait_long(&rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, RH_STORE_FAILED);
		ck_assert_str_ne(ops[i].op.why, "");
	}
	speak();
	while (share_get(&rig, "* m A X", NULL) != RH_OK)
		ck_assert(rh_mono_ms() < until_ms);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "X:b");
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* A silent server is no reason not to end: with a share, a list and rows of the trace under way. */
START_TEST(test_a_store_ends_while_it_is_silent)
{
	struct share share = { .body = "b" };
	struct rig_op op = { .op = share_op("* m A X", &share) };
	struct rig rig;
	struct pg *pg;

	rig_begin(&rig, "postgresql:");
	pg = connect_to(&rig);
	rig_trace(&rig, 1, "c", "DE*A", "NL*B", NULL);
	share_put(&rig, "* m A W", "b", 1);
	silence(pg);
	rig_trace(&rig, 2, "d", "DE*A", "NL*B", NULL);
	rig_submit(&rig, &op);
	wait_long(&rig, &op);
	rig_close(&rig);
	speak();
	pg_close(pg);
	rig_end(&rig);
}
END_TEST

/* ---- at the start ---- */

/* Connections are made by the kernel, and nobody ever takes them. */
static int
listen_silently(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* growth.md: a host that is a black hole keeps nobody from the next one, and a start that finds no
 * other says so. */
START_TEST(test_a_silent_host_is_passed_over_and_alone_refused)
{
	struct fault fault = { 0 };
	struct rig rig;
	char url[160];
	int fd, port;

	rig_begin(&rig, "postgresql:");
	rig_close(&rig);
	fd = listen_silently(&port);
	snprintf(url, sizeof(url), "postgresql://postgres@/%s?host=127.0.0.1&port=%d", rig.database,
	        port);
	rig.conf.url = url;
	ck_assert_ptr_null(store_open(&rig.conf, &fault));
	ck_assert_msg(strstr(fault.why, "timeout") != NULL, "%s", fault.why);
	snprintf(url, sizeof(url), "postgresql://postgres@/%s?host=127.0.0.1,%s&port=%d,5432",
	        rig.database, getenv("POSTGRESQL_DIR"), port);
	rig_open(&rig);
	share_put(&rig, "* m A X", "b", 1);
	ck_assert_int_eq(share_get(&rig, "* m A X", NULL), RH_OK);
	close(fd);
	rig_end(&rig);
}
END_TEST

/* Wherever in its start the server stops to speak, in the midst of a message too: the start ends.
 */
START_TEST(test_a_start_ends_wherever_the_server_falls_silent)
{
	static const int64_t after_bytes[] = { 5, 400, 1200, 3000, 6000 };
	struct fault fault = { 0 };
	struct proxy *proxy;
	struct store *store;
	struct rig rig;
	char url[160];

	rig_begin(&rig, "postgresql:");
	rig_close(&rig);
	proxy = proxy_start(after_bytes[_i]);
	snprintf(url, sizeof(url), "postgresql://postgres@/%s?host=127.0.0.1&port=%d", rig.database,
	        proxy_port(proxy));
	rig.conf.url = url;
	store = store_open(&rig.conf, &fault);
	if (store != NULL) /* then it was the last that was said */
		store_close(store);
	else
		ck_assert_str_ne(fault.why, "");
	proxy_speak(proxy);
	rig_open(&rig);
	share_put(&rig, "* m A X", "b", 1);
	rig_close(&rig);
	proxy_stop(proxy);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a silent PostgreSQL");
	TCase *tests = tcase_create("silent");

	tcase_add_checked_fixture(tests, NULL, speak);
	tcase_add_loop_test(tests,
	        test_a_write_is_not_acknowledged_and_those_after_the_silence_are_in_order, 0, 2);
	tcase_add_test(tests, test_reads_of_every_kind_fail_and_work_again);
	tcase_add_test(tests, test_a_store_ends_while_it_is_silent);
	tcase_add_test(tests, test_a_silent_host_is_passed_over_and_alone_refused);
	tcase_add_loop_test(tests, test_a_start_ends_wherever_the_server_falls_silent, 0, 5);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
