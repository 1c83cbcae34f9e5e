/* test_log: what stands in a log line, in both formats.
 * stderr is a pipe during the tests; in packet mode it shows how many writes a line took. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIME_LEN = 24, THREADS = 4, LINES = 500, STOPPED_LINES = 2000 };

static int saved_stderr, reader;
static atomic_int finished;

static void
setup(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_DIRECT | O_NONBLOCK | O_CLOEXEC), 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
	rh_log_setup(LOG_DEBUG, LOG_TEXT);
}

static void
teardown(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(reader);
}

/* One packet is what one write() wrote; "" when nothing waits. */
static const char *
read_line(void)
{
	static char line[PIPE_BUF + 1];
	ssize_t n = read(reader, line, PIPE_BUF);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static bool
is_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";

	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return true;
}

START_TEST(test_text_line_is_time_level_event_pairs)
{
	const char *line;

	LOG(LOG_INFO, "flight", KV("from", "DE*ABC"), KVN("http", 200), KV("gone", NULL));
	line = read_line();
	ck_assert(is_time(line));
	ck_assert_str_eq(line + TIME_LEN, " info flight from=DE*ABC http=200\n");
	ck_assert_str_eq(read_line(), "");
}
END_TEST

START_TEST(test_json_line_has_stable_keys)
{
	const char *line;

	rh_log_setup(LOG_DEBUG, LOG_JSON);
	LOG(LOG_WARNING, "store", KV("why", "disk \"full\""), KVN("n", INT64_MIN),
	        KV("gone", NULL));
	line = read_line();
	ck_assert(strncmp(line, "{\"time\":\"", 9) == 0 && is_time(line + 9));
	ck_assert_str_eq(line + 9 + TIME_LEN,
	        "\",\"level\":\"warning\",\"event\":\"store\","
	        "\"why\":\"disk \\\"full\\\"\",\"n\":-9223372036854775808}\n");
}
END_TEST

START_TEST(test_values_are_escaped_so_that_they_stay_one_value_in_one_line)
{
	static const struct {
		struct str value;
		const char *text, *json;
	} rows[] = {
		{ { "plain", 5 }, "plain", "\"plain\"" },
		{ { "", 0 }, "\"\"", "\"\"" },
		{ { "a b", 3 }, "\"a b\"", "\"a b\"" },
		{ { "a=b", 3 }, "\"a=b\"", "\"a=b\"" },
		{ { "a\nb\r\t", 5 }, "\"a\\nb\\r\\t\"", "\"a\\nb\\r\\t\"" },
		{ { "q\"\\", 3 }, "\"q\\\"\\\\\"", "\"q\\\"\\\\\"" },
		{ { "\x1b[2J", 4 }, "\"\\x1b[2J\"", "\"\\u001b[2J\"" },
		{ { "a\0b", 3 }, "\"a\\x00b\"", "\"a\\u0000b\"" },
		{ { "\x7f", 1 }, "\"\\x7f\"", "\"\\u007f\"" },
		{ { "\xc3\xa4", 2 }, "\"\xc3\xa4\"", "\"\xc3\xa4\"" },
		{ { "\xe2\x82\xac", 3 }, "\"\xe2\x82\xac\"", "\"\xe2\x82\xac\"" },
		{ { "\xf0\x9f\x98\x80", 4 }, "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\x80\"" },
		{ { "\xc2\x9b", 2 }, "\"\\xc2\\x9b\"", "\"\\ufffd\\ufffd\"" },
		{ { "\xc0\xaf", 2 }, "\"\\xc0\\xaf\"", "\"\\ufffd\\ufffd\"" },
		{ { "\xed\xa0\x80", 3 }, "\"\\xed\\xa0\\x80\"", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ { "\xf5\x80\x80\x80", 1 }, "\"\\xf5\"", "\"\\ufffd\"" },
		{ { "x\xe2\x82", 3 }, "\"x\\xe2\\x82\"", "\"x\\ufffd\\ufffd\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char expected[80];

		rh_log_setup(LOG_DEBUG, LOG_TEXT);
		LOG(LOG_ERROR, "e", KVS("v", rows[i].value));
		snprintf(expected, sizeof(expected), " error e v=%s\n", rows[i].text);
		ck_assert_str_eq(read_line() + TIME_LEN, expected);
		rh_log_setup(LOG_DEBUG, LOG_JSON);
		LOG(LOG_ERROR, "e", KVS("v", rows[i].value));
		snprintf(expected, sizeof(expected), "\"v\":%s}\n", rows[i].json);
		ck_assert_str_eq(strstr(read_line(), "\"v\""), expected);
	}
}
END_TEST

START_TEST(test_level_is_a_threshold)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (int threshold = LOG_ERROR; threshold <= LOG_DEBUG; threshold++) {
		rh_log_setup((enum rh_level)threshold, LOG_TEXT);
		for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
			const char *line;

			ck_assert(rh_log_on((enum rh_level)level) == (level <= threshold));
			LOG((enum rh_level)level, "e", KVN("n", 1));
			line = read_line();
			ck_assert_int_eq(line[0] != '\0', level <= threshold);
			if (level <= threshold)
				ck_assert_ptr_eq(strstr(line, names[level]), line + TIME_LEN + 1);
		}
	}
}
END_TEST

START_TEST(test_long_values_are_cut_between_characters)
{
	static char value[4001];
	struct str line;

	for (int offset = 0; offset < 2; offset++) {
		memset(value, 'x', sizeof(value) - 1);
		for (size_t i = (size_t)offset; i + 2 < sizeof(value); i += 2)
			memcpy(value + i, "\xc3\xa4", 2);
		LOG(LOG_INFO, "e", KV("v", value), KVN("n", 7));
		line = str_of(read_line());
		ck_assert_str_eq(line.p + line.len - 11, "\xc3\xa4...\" n=7\n");
		ck_assert_ptr_null(strstr(line.p, "\\x"));
	}
}
END_TEST

START_TEST(test_a_line_never_exceeds_what_a_pipe_takes_whole)
{
	static const enum rh_log_format formats[] = { LOG_TEXT, LOG_JSON };
	static const char *const tails[] = { " n=7 cut=1\n", ",\"n\":7,\"cut\":1}\n" };
	static char value[1001];

	memset(value, 'x', sizeof(value) - 1);
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct str line;

		rh_log_setup(LOG_DEBUG, formats[i]);
		LOG(LOG_INFO, "e", KV("a", value), KV("b", value), KV("c", value), KV("d", value),
		        KV("e", value), KVN("n", 7));
		line = str_of(read_line());
		ck_assert_uint_le(line.len, PIPE_BUF);
		ck_assert_uint_gt(line.len, 3000);
		ck_assert_str_eq(line.p + line.len - strlen(tails[i]), tails[i]);
		ck_assert_str_eq(read_line(), "");
	}
}
END_TEST

static void *
log_lines(void *arg)
{
	for (int i = 0; i < LINES; i++) {
		rh_log_setup(LOG_INFO, i % 2 == 0 ? LOG_TEXT : LOG_JSON);
		LOG(LOG_INFO, "thread", KVN("id", (intptr_t)arg), KVN("n", i));
	}
	atomic_fetch_add(&finished, 1);
	return NULL;
}

/* The sum of what all lines of @text say was dropped. */
static int64_t
dropped_of(const char *text)
{
	int64_t dropped = 0;

	for (const char *at = text; (at = strstr(at, "log-lines-dropped")) != NULL; at++)
		dropped += strtoll(at + strcspn(at, "0123456789"), NULL, 10);
	return dropped;
}

/* Lines, and what they say of lines that were dropped. */
static int64_t
count_packets(void)
{
	int64_t lines = 0;

	for (const char *line = read_line(); line[0] != '\0'; line = read_line()) {
		int64_t dropped = dropped_of(line);

		ck_assert_uint_gt(strlen(line), TIME_LEN);
		ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
		ck_assert(is_time(line) || is_time(line + 9));
		lines += dropped > 0 ? dropped : 1;
	}
	return lines;
}

/* Every packet must be a whole line; how they interleave does not matter. */
START_TEST(test_threads_may_log_and_set_up_at_once)
{
	pthread_t threads[THREADS];
	int64_t lines = 0;

	fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) & ~O_NONBLOCK);
	atomic_store(&finished, 0);
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, log_lines, (void *)i);
	while (atomic_load(&finished) < THREADS)
		lines += count_packets();
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	lines += count_packets();
	LOG(LOG_INFO, "last", KVN("n", 1));
	lines += count_packets();
	ck_assert_int_eq(lines, THREADS * LINES + 1);
}
END_TEST

/* ---- a reader that stops reading (fault S8) ---- */

/* What standard error may be. False when this machine has none of the kind. */
static bool
open_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) == 0;
}

static bool
open_socket(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
}

static bool
open_terminal(int ends[2])
{
	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0)
		return false;
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return ends[1] >= 0;
}

/* All that waits, added to @text. */
static void
drain(int fd, struct buf *text)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(text, (struct str){ bytes, (size_t)n });
}

static int64_t
count_of(const struct buf *text, const char *word)
{
	int64_t count = 0;

	for (const char *at = buf_str(text).p; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

/* A write() that blocks runs into the alarm. @whole: the kind takes a line or nothing of it. */
static void
check_stopped_reader(int ends[2], bool whole)
{
	CLEANUP(buf_free) struct buf before = { 0 }, after = { 0 };
	static char value[1001];
	uint64_t dropped_before = rh_log_dropped();
	int64_t dropped, missing;
	int flags;

	memset(value, 'x', sizeof(value) - 1);
	fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
	dup2(ends[1], STDERR_FILENO);
	alarm(60);
	for (int i = 0; i < STOPPED_LINES; i++)
		LOG(LOG_INFO, "flight", KV("v", value), KV("end", "line"));
	alarm(0);
	flags = fcntl(STDERR_FILENO, F_GETFL);
	drain(ends[0], &before);
	LOG(LOG_INFO, "again", KV("end", "line"));
	LOG(LOG_INFO, "again", KV("end", "line"));
	drain(ends[0], &after);
	ck_assert_int_eq(flags & O_NONBLOCK, 0); /* it is not ours to set */
	ck_assert_int_gt(count_of(&before, " end=line"), 3);
	ck_assert_int_eq(count_of(&after, "log-lines-dropped"), 1);
	ck_assert_int_eq(count_of(&after, " again end=line"), 2);
	dropped = dropped_of(before.p) + dropped_of(after.p);
	ck_assert_uint_eq(rh_log_dropped() - dropped_before, (uint64_t)dropped);
	missing = STOPPED_LINES - count_of(&before, " end=line");
	ck_assert_int_ge(dropped, missing);
	if (whole)
		ck_assert_int_eq(dropped, missing);
	if (before.p[before.len - 1] != '\n') /* a torn line ends before the next one begins */
		ck_assert(after.p[0] == '\n' || after.p[0] == '\r');
}

START_TEST(test_a_reader_that_stops_stops_nobody)
{
	static const struct {
		bool (*open)(int ends[2]);
		bool whole;
	} kinds[] = { { open_pipe, true }, { open_socket, true }, { open_terminal, false } };
	int packets = dup(STDERR_FILENO), ends[2];

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!kinds[i].open(ends))
			continue;
		check_stopped_reader(ends, kinds[i].whole);
		dup2(packets, STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
	}
	close(packets);
}
END_TEST

START_TEST(test_nobody_reads_at_all)
{
	int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(closed, STDERR_FILENO);
	LOG(LOG_INFO, "flight", KVN("n", 1));
	close(closed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_text_line_is_time_level_event_pairs);
	tcase_add_test(tcase, test_json_line_has_stable_keys);
	tcase_add_test(tcase, test_values_are_escaped_so_that_they_stay_one_value_in_one_line);
	tcase_add_test(tcase, test_level_is_a_threshold);
	tcase_add_test(tcase, test_long_values_are_cut_between_characters);
	tcase_add_test(tcase, test_a_line_never_exceeds_what_a_pipe_takes_whole);
	tcase_add_test(tcase, test_threads_may_log_and_set_up_at_once);
	tcase_add_test(tcase, test_a_reader_that_stops_stops_nobody);
	tcase_add_test(tcase, test_nobody_reads_at_all);
	return suite_run(suite, CK_NOFORK);
}
