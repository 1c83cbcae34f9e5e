/* test_postgresql_directory: what two stores that work together change of one directory, and what
 * they write down of platforms for one another. It is started with a server of its own:
 * tests/postgresql/with. */
#include "../suite.h"
#include "other.h"
#include "share.h"

#include <check.h>
#include <string.h>

static const struct store_party a_party[] = { { "DE", "ABC", 1, STATE_CONNECTED, 1000, { 0 } } };
static const struct store_endpoint an_endpoint[] = {
	{ { "locations", 9 }, 1, { "https://abc.example/2.2.1/locations", 35 } },
};

static struct store_platform
a_platform(const struct store_token *token)
{
	return (struct store_platform){ .name = STR("ABC"),
		.state = STATE_CONNECTED,
		.parties = a_party,
		.party_count = 1,
		.endpoints = an_endpoint,
		.endpoint_count = 1,
		.tokens = token,
		.token_count = 1 };
}

static struct store_op
save_op(struct store_platform *platform, int64_t directory)
{
	return (struct store_op){
		.verb = STORE_PLATFORM_SAVE, .u.save.platform = platform, .directory = directory
	};
}

static struct store_directory_args
read_directory(struct rig *rig, int64_t since)
{
	struct store_op op = { .verb = STORE_DIRECTORY, .u.directory.since = since };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.directory;
}

START_TEST(test_of_two_saves_on_one_version_one_is_overtaken)
{
	struct store_token token = { TOKEN_CURRENT, { 1 }, 0, 0 };
	struct store_platform one = a_platform(&token), other;
	struct store_op op = save_op(&one, 0);
	struct rig a, b;

	pair_begin(&a, &b);
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	ck_assert_int_gt(one.changed, 1);
	other = one;
	one.name = STR("one");
	other.name = STR("other");
	op = save_op(&one, 0);
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	ck_assert(!op.overtaken && one.changed > other.changed);
	op = save_op(&other, 0);
	ck_assert_int_eq(rig_do(&b, &op), RH_BUSY);
	ck_assert(op.overtaken);
	ck_assert(str_is(read_directory(&b, 0).platforms[0].name, "one"));
	other.changed = one.changed; /* it looked again */
	ck_assert_int_eq(rig_do(&b, &op), RH_OK);
	ck_assert(!op.overtaken);
	other.changed = 0; /* no matter which */
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	ck_assert(str_is(read_directory(&b, 0).platforms[0].name, "other"));
	pair_end(&a, &b);
}
END_TEST

START_TEST(test_what_others_depend_on_is_made_on_a_version)
{
	struct store_token tokens[] = { { TOKEN_CURRENT, { 1 }, 0, 0 },
		{ TOKEN_CURRENT, { 2 }, 0, 0 } };
	struct store_platform one = a_platform(&tokens[0]), other = a_platform(&tokens[1]);
	struct store_agreement agreement = { .cpo_country = "DE", .cpo_party = "ABC" };
	struct store_op save, agree = { .verb = STORE_AGREEMENT_SAVE };
	struct rig a, b;
	int64_t version;

	pair_begin(&a, &b);
	version = read_directory(&b, 0).version;
	ck_assert_int_gt(version, 0);
	save = save_op(&one, version);
	ck_assert_int_eq(rig_do(&a, &save), RH_OK);
	ck_assert_int_eq(save.directory, version + 1);
	save = save_op(&other, version);
	ck_assert_int_eq(rig_do(&b, &save), RH_BUSY);
	ck_assert(save.overtaken && other.id == 0);
	agree.u.agreements.agreements = &agreement;
	agree.directory = version;
	ck_assert_int_eq(rig_do(&b, &agree), RH_BUSY);
	ck_assert(agree.overtaken && agreement.id == 0);
	agree.directory = version + 1;
	ck_assert_int_eq(rig_do(&b, &agree), RH_OK);
	ck_assert(agree.directory == version + 2 && agreement.id > 0);
	agree = (struct store_op){ .verb = STORE_AGREEMENT_DROP,
		.directory = version + 1,
		.u.agreements.id = agreement.id };
	ck_assert_int_eq(rig_do(&a, &agree), RH_BUSY);
	agree.directory = 0; /* it depends on nothing */
	ck_assert_int_eq(rig_do(&a, &agree), RH_OK);
	ck_assert_int_eq(read_directory(&b, 0).version, version + 2);
	pair_end(&a, &b);
}
END_TEST

/* The first is written while somebody has the lock, and the rest is one batch behind it. */
START_TEST(test_what_is_overtaken_undoes_nobody_elses_work)
{
	struct store_token token = { TOKEN_CURRENT, { 1 }, 0, 0 };
	struct store_platform platform = a_platform(&token);
	struct share share = { .body = "b" };
	struct store_import_args import = { .platforms = &platform, .platform_count = 1 };
	struct rig_op ops[9] = { 0 };
	struct pg *pg;
	struct rig a, b;

	pair_begin(&a, &b);
	platform.id = 7;
	pg = connect_to(&a);
	say(pg, "BEGIN");
	say(pg, "SELECT pg_advisory_xact_lock(" LOCK ")");
	for (size_t i = 0; i < COUNT(ops); i++) {
		ops[i].op = share_op("* m A X", &share);
		if (i == 3)
			ops[i].op = save_op(&platform, 99);
		else if (i == 6)
			ops[i].op = (struct store_op){
				.verb = STORE_IMPORT, .u.import = import, .directory = 99
			};
		rig_submit(&a, &ops[i]);
	}
	for (size_t i = 0; i < COUNT(ops); i++) {
		rig_wait(&a, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i == 3 ? RH_NOT_FOUND : i == 6 ? RH_BUSY : RH_OK);
		ck_assert_int_eq(ops[i].op.overtaken, i == 6);
	}
	ck_assert_uint_eq(read_directory(&a, 0).platform_count, 0);
	pg_close(pg);
	pair_end(&a, &b);
}
END_TEST

START_TEST(test_what_changed_is_read_by_those_who_did_not_change_it)
{
	struct store_token tokens[] = { { TOKEN_CURRENT, { 1 }, 0, 0 },
		{ TOKEN_CURRENT, { 2 }, 0, 0 } };
	struct store_platform one = a_platform(&tokens[0]), other = a_platform(&tokens[1]);
	struct store_cursor cursor = { .receiver = STR("platform/1"), .change = 3 };
	struct store_op cursors = { .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 } }, op;
	struct store_agreement agreement = { .cpo_country = "DE", .cpo_party = "ABC" };
	struct store_directory_args first, next;
	struct rig a, b;

	pair_begin(&a, &b);
	op = save_op(&one, 0);
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	ck_assert_int_eq(rig_do(&a, &cursors), RH_OK);
	op = save_op(&other, 0);
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	first = read_directory(&b, 0);
	ck_assert_uint_eq(first.platform_count, 2);
	ck_assert(first.agreements_changed && first.agreement_count == 0);
	ck_assert_int_eq(first.platforms[0].id, one.id);
	ck_assert(first.joined[0] == 3 && first.joined[1] == -1);
	ck_assert_int_eq(first.platforms[0].changed, one.changed);
	ck_assert(str_is(first.platforms[1].endpoints[0].module, "locations"));
	ck_assert(first.platforms[1].tokens[0].digest[0] == 2 &&
	          strcmp(first.platforms[1].parties[0].party, "ABC") == 0);
	next = read_directory(&b, first.changed);
	ck_assert(next.platform_count == 0 && !next.agreements_changed);
	ck_assert_int_eq(next.changed, first.changed);
	op = (struct store_op){ .verb = STORE_AGREEMENT_SAVE,
		.u.agreements.agreements = &agreement };
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	op = save_op(&one, 0);
	ck_assert_int_eq(rig_do(&a, &op), RH_OK);
	next = read_directory(&b, first.changed);
	ck_assert_uint_eq(next.platform_count, 1);
	ck_assert_int_eq(next.platforms[0].id, one.id);
	ck_assert(next.platforms[0].party_count == 1 && next.platforms[0].token_count == 1);
	ck_assert(next.agreements_changed && next.agreement_count == 1);
	ck_assert_int_eq(next.changed, first.changed + 2);
	op = (struct store_op){ .verb = STORE_FEED, .u.feed = { .limit = 1 } };
	ck_assert_int_eq(rig_do(&b, &op), RH_OK);
	ck_assert_int_eq(op.u.feed.directory, next.changed); /* what its objects rest on */
	pair_end(&a, &b);
}
END_TEST

START_TEST(test_what_is_known_of_platforms_is_told)
{
	struct store_status rows[] = { { 7, STATE_OFFLINE, 5, { "{}", 2 } },
		{ 8, STATE_CONNECTED, 6, { "{\"a\":1}", 7 } } };
	struct store_op save = { .verb = STORE_STATUS_SAVE,
		.u.statuses = { .rows = rows, .count = 2 } };
	struct store_op read = { .verb = STORE_STATUSES };
	struct rig a, b;

	pair_begin(&a, &b);
	ck_assert_int_eq(rig_do(&a, &save), RH_OK);
	ck_assert_int_eq(rig_do(&b, &read), RH_OK);
	ck_assert_uint_eq(read.u.statuses.count, 2);
	ck_assert(read.u.statuses.rows[0].platform == 7 &&
	          read.u.statuses.rows[0].state == STATE_OFFLINE &&
	          read.u.statuses.rows[0].at_ms == 5);
	ck_assert(str_is(read.u.statuses.rows[1].doc, "{\"a\":1}"));
	read.u.statuses.since = read.u.statuses.newest;
	ck_assert_int_eq(rig_do(&b, &read), RH_OK);
	ck_assert_uint_eq(read.u.statuses.count, 0);
	ck_assert_int_eq(read.u.statuses.newest, read.u.statuses.since);
	rows[0].state = STATE_CONNECTED;
	save.u.statuses.count = 1;
	ck_assert_int_eq(rig_do(&b, &save), RH_OK);
	ck_assert_int_eq(rig_do(&a, &read), RH_OK);
	ck_assert_uint_eq(read.u.statuses.count, 1);
	ck_assert(read.u.statuses.rows[0].platform == 7 &&
	          read.u.statuses.rows[0].state == STATE_CONNECTED);
	read.u.statuses.since = 0;
	ck_assert_int_eq(rig_do(&a, &read), RH_OK);
	ck_assert_uint_eq(read.u.statuses.count, 2);
	pair_end(&a, &b);
}
END_TEST

static int64_t
wish(struct rig *rig, int64_t platform, enum store_wish_kind kind)
{
	struct store_op op = { .verb = STORE_WISH_PUT,
		.u.wishes.wish = { .platform = platform, .kind = kind } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	return op.u.wishes.wish.nth;
}

static void
drop_wish(struct rig *rig, int64_t nth)
{
	struct store_op op = { .verb = STORE_WISH_DROP, .u.wishes.wish.nth = nth };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

START_TEST(test_a_wish_stays_until_it_is_done_and_a_later_one_beyond)
{
	struct store_op read = { .verb = STORE_WISHES };
	int64_t pull, again, resume;
	struct rig a, b;

	pair_begin(&a, &b);
	pull = wish(&a, 7, WISH_PULL);
	resume = wish(&b, 0, WISH_EXPIRY);
	again = wish(&b, 7, WISH_PULL);
	ck_assert(pull > 0 && pull < resume && resume < again);
	drop_wish(&a, pull);
	ck_assert_int_eq(rig_do(&a, &read), RH_OK);
	ck_assert_uint_eq(read.u.wishes.count, 2);
	ck_assert(read.u.wishes.rows[0].platform == 0 &&
	          read.u.wishes.rows[0].kind == WISH_EXPIRY && read.u.wishes.rows[0].nth == resume);
	ck_assert(read.u.wishes.rows[1].platform == 7 && read.u.wishes.rows[1].kind == WISH_PULL &&
	          read.u.wishes.rows[1].nth == again);
	drop_wish(&a, again);
	ck_assert_int_eq(rig_do(&b, &read), RH_OK);
	ck_assert_uint_eq(read.u.wishes.count, 1);
	pair_end(&a, &b);
}
END_TEST

static void
tell_tally(struct rig *rig, int64_t who, int64_t nth, const char *doc)
{
	struct store_op op = { .verb = STORE_TALLY_PUT,
		.u.tallies = { .nth = nth, .who = who, .doc = str_of(doc) } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

/* What the others said of it, one behind the other. */
static const char *
tallies(struct rig *rig, int64_t who, int64_t nth, char text[64])
{
	struct store_op op = { .verb = STORE_TALLIES, .u.tallies = { .nth = nth, .who = who } };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	text[0] = '\0';
	for (size_t i = 0; i < op.u.tallies.count; i++)
		(void)strncat(text, op.u.tallies.docs[i].p, op.u.tallies.docs[i].len);
	return text;
}

START_TEST(test_what_each_counts_is_there_while_it_is_asked_for)
{
	struct store_op read = { .verb = STORE_WISHES };
	int64_t first, second;
	char text[64];
	struct rig a, b;

	pair_begin(&a, &b);
	first = wish(&a, 7, WISH_TALLY);
	second = wish(&b, 7, WISH_TALLY);
	ck_assert_int_eq(rig_do(&a, &read), RH_OK);
	ck_assert_uint_eq(read.u.wishes.count, 2);
	ck_assert(read.u.wishes.rows[0].platform == 7 && read.u.wishes.rows[0].kind == WISH_TALLY &&
	          read.u.wishes.rows[0].nth == first && read.u.wishes.rows[1].nth == second);
	ck_assert_str_eq(tallies(&a, 1, first, text), "");
	tell_tally(&a, 1, first, "{1}");
	tell_tally(&b, 2, first, "{2}");
	tell_tally(&b, 3, first, "{3}");
	tell_tally(&b, 3, first, "{again}");
	tell_tally(&b, 3, second, "{4}");
	ck_assert_str_eq(tallies(&a, 1, first, text), "{2}{3}");
	ck_assert_str_eq(tallies(&b, 2, second, text), "{4}");
	drop_wish(&a, first);
	tell_tally(&b, 2, first, "{late}");
	ck_assert_str_eq(tallies(&a, 1, first, text), "");
	ck_assert_str_eq(tallies(&b, 2, second, text), "{4}");
	drop_wish(&b, second);
	ck_assert_str_eq(tallies(&b, 2, second, text), "");
	ck_assert_int_eq(rig_do(&a, &read), RH_OK);
	ck_assert_uint_eq(read.u.wishes.count, 0);
	pair_end(&a, &b);
}
END_TEST

/* Who asked died. */
START_TEST(test_what_was_counted_goes_with_what_is_to_be_forgotten)
{
	int64_t nth;
	char text[64];
	struct rig a, b;

	pair_begin(&a, &b);
	nth = wish(&a, 7, WISH_TALLY);
	tell_tally(&b, 2, nth, "{2}");
	(void)wish(&b, 0, WISH_FORGET);
	ck_assert_str_eq(tallies(&a, 1, nth, text), "");
	pair_end(&a, &b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("one directory on PostgreSQL");
	TCase *tests = tcase_create("directory");

	tcase_add_test(tests, test_of_two_saves_on_one_version_one_is_overtaken);
	tcase_add_test(tests, test_what_others_depend_on_is_made_on_a_version);
	tcase_add_test(tests, test_what_is_overtaken_undoes_nobody_elses_work);
	tcase_add_test(tests, test_what_changed_is_read_by_those_who_did_not_change_it);
	tcase_add_test(tests, test_what_is_known_of_platforms_is_told);
	tcase_add_test(tests, test_a_wish_stays_until_it_is_done_and_a_later_one_beyond);
	tcase_add_test(tests, test_what_each_counts_is_there_while_it_is_asked_for);
	tcase_add_test(tests, test_what_was_counted_goes_with_what_is_to_be_forgotten);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
