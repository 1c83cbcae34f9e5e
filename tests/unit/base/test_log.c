/* test_log: what stands in a log line, in both formats.
 * stderr is a pipe during the tests; in packet mode it shows how many writes a line took. */
#include "roamhub/base.h"

#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIME_LEN = 24, THREADS = 4, LINES = 500 };

static int saved_stderr, reader;

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
	return NULL;
}

/* Every packet must be a whole line; how they interleave does not matter. */
START_TEST(test_threads_may_log_and_set_up_at_once)
{
	pthread_t threads[THREADS];
	int lines = 0;

	fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) & ~O_NONBLOCK);
	fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) & ~O_NONBLOCK);
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, log_lines, (void *)i);
	for (; lines < THREADS * LINES; lines++) {
		struct str line = str_of(read_line());

		ck_assert_uint_gt(line.len, TIME_LEN);
		ck_assert_ptr_eq(strchr(line.p, '\n'), line.p + line.len - 1);
		ck_assert(is_time(line.p) || is_time(line.p + 9));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_text_line_is_time_level_event_pairs);
	tcase_add_test(tcase, test_json_line_has_stable_keys);
	tcase_add_test(tcase, test_values_are_escaped_so_that_they_stay_one_value_in_one_line);
	tcase_add_test(tcase, test_level_is_a_threshold);
	tcase_add_test(tcase, test_long_values_are_cut_between_characters);
	tcase_add_test(tcase, test_a_line_never_exceeds_what_a_pipe_takes_whole);
	tcase_add_test(tcase, test_threads_may_log_and_set_up_at_once);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
