/* test_keys: which key file a database takes. Fault S2. */
#include "../../../src/hub/keys.h"
#include "../suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings;
static struct hub hub;
static struct arena *arena;
static char path[64], marks[2][KEYS_MARK_BYTES];
static struct str sealed[2]; /* by the key of that number */

enum { RIGHT, OTHER };

static enum rh_err
open_with(const struct store_found *found, bool new_key, char *mark)
{
	struct fault fault = { 0 };

	return keys_open(&hub, found, new_key, mark, &fault);
}

/* The key file of the last one made is the right one. */
static void
setup(void)
{
	struct fault fault = { 0 };
	struct store_found nothing = { .empty = true };

	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	arena = arena_new(1024);
	(void)snprintf(path, sizeof path, "/tmp/test_keys_%d", (int)getpid());
	settings = (struct settings){ .key_file = path };
	atomic_init(&hub.settings, &settings);
	for (int i = OTHER; i >= RIGHT; i--) {
		(void)unlink(path);
		ck_assert_int_eq(open_with(&nothing, false, marks[i]), RH_OK);
		sealed[i] = rh_seal(hub.seal_key, STR("token"), arena);
	}
	ck_assert_str_ne(marks[RIGHT], marks[OTHER]);
}

static void
teardown(void)
{
	(void)unlink(path);
	arena_free(arena);
}

START_TEST(test_the_mark_tells_and_without_it_the_tokens_do)
{
	const struct str mixed[] = { sealed[OTHER], sealed[RIGHT] };
	const struct row {
		const char *what;
		struct store_found found;
		enum rh_err alone, meant;
	} rows[] = {
		{ "empty", { .empty = true }, RH_OK, RH_OK },
		{ "no token, another's mark", { .key_mark = str_of(marks[OTHER]) }, RH_OK, RH_OK },
		{ "its mark", { .tokens = true, .key_mark = str_of(marks[RIGHT]) }, RH_OK, RH_OK },
		{ "another's mark", { .tokens = true, .key_mark = str_of(marks[OTHER]) },
		        RH_BAD_CONFIG, RH_OK },
		{ "no mark, accepted tokens alone", { .tokens = true }, RH_OK, RH_OK },
		{ "no mark, its token", { .tokens = true, .sealed = sealed, .sealed_count = 1 },
		        RH_OK, RH_OK },
		{ "no mark, another's token",
		        { .tokens = true, .sealed = sealed + OTHER, .sealed_count = 1 },
		        RH_BAD_CONFIG, RH_OK },
		{ "no mark, both", { .tokens = true, .sealed = mixed, .sealed_count = 2 }, RH_OK,
		        RH_OK },
	};
	char mark[KEYS_MARK_BYTES];

	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum rh_err alone = open_with(&rows[i].found, false, mark),
		            meant = open_with(&rows[i].found, true, mark);

		ck_assert_msg(alone == rows[i].alone, "%s: %d", rows[i].what, (int)alone);
		ck_assert_msg(meant == rows[i].meant, "%s, meant: %d", rows[i].what, (int)meant);
		ck_assert_str_eq(mark, marks[RIGHT]);
	}
	rh_log_setup(LOG_ERROR, LOG_TEXT);
}
END_TEST

START_TEST(test_a_missing_file_is_made_for_a_database_without_tokens_alone)
{
	struct store_found full = { .tokens = true };
	char mark[KEYS_MARK_BYTES];

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(open_with(&full, false, mark), RH_BAD_CONFIG);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(open_with(&full, true, mark), RH_OK);
	ck_assert_str_ne(mark, marks[RIGHT]);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub keys");
	TCase *tests = tcase_create("the key file");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, test_the_mark_tells_and_without_it_the_tokens_do);
	tcase_add_test(tests, test_a_missing_file_is_made_for_a_database_without_tokens_alone);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
