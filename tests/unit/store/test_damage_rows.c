/* test_damage_rows: bytes that the disk changed in rows that are no objects: platforms with their
 * tokens, cursors, agreements, what is owed, facts. And a log that is damaged in its midst. */
#include "share.h"

#include "../suite.h"
#include "sqlite.h"
#include "sqlite_file.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
save_platform(struct rig *rig, const char *name, char sign)
{
	struct store_token token = { .kind = TOKEN_CURRENT };
	struct store_party party = { .country = "DE", .party = "ABC", .role = 1, .state = 1 };
	struct store_endpoint endpoint = { STR("locations"), 1, STR("https://party.example/") };
	struct store_platform platform = { .name = str_of(name),
		.state = STATE_CONNECTED,
		.token_sealed = STR("sealed"),
		.parties = &party,
		.party_count = 1,
		.endpoints = &endpoint,
		.endpoint_count = 1,
		.tokens = &token,
		.token_count = 1 };
	struct store_op op = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform };

	memset(token.digest, sign, sizeof(token.digest));
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
}

static void
fill(struct rig *rig)
{
	struct store_cursor cursor = { STR("platform/1"), 7, STR("9") };
	struct store_agreement agreement = { .cpo_country = "DE",
		.cpo_party = "ABC",
		.emsp_country = "NL",
		.emsp_party = "XYZ",
		.modules = STR("locations") };
	struct store_hint hint = { STR("profile"), STR("k"), "DE", "ABC", INT64_MAX };
	struct store_parked parked = { .receiver = STR("platform/1"),
		.to = STR("NL*XYZ"),
		.key = share_key("* locations DE*ABC L1"),
		.due_ms = 5,
		.change = 3 };
	struct store_failure failure = { STR("platform/1"), STR("NL*XYZ"),
		share_key("* locations DE*ABC L2"), 3, 1000, 400, 2001, STR("no") };
	struct store_op ops[] = {
		{ .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 } },
		{ .verb = STORE_AGREEMENT_SAVE, .u.agreements = { &agreement, 1, 0 } },
		{ .verb = STORE_HINT_PUT, .u.hint.hint = hint },
		{ .verb = STORE_PARK, .u.parked = { .rows = &parked, .count = 1 } },
		{ .verb = STORE_FAILURE_PUT, .u.failures = { .failures = &failure, .count = 1 } },
		{ .verb = STORE_META_PUT, .u.meta = { STR("key"), STR("value") } },
	};

	rig_begin(rig, "sqlite:");
	save_platform(rig, "A", 'a');
	save_platform(rig, "B", 'b');
	share_put(rig, "* tariffs DE*ABC T1", "one", 1);
	share_put(rig, "* tariffs DE*ABC T1", "two", 2);
	for (size_t i = 0; i < COUNT(ops); i++)
		ck_assert_msg(rig_do(rig, &ops[i]) == RH_OK, "%zu: %s", i, ops[i].why);
}

/* ---- platforms ---- */

static const char *const platform_changes[] = {
	"UPDATE platform SET state = 3 WHERE id = 1",
	"UPDATE platform SET removed = 1 WHERE id = 1",
	"UPDATE platform SET name = 'X' WHERE id = 1",
	"UPDATE platform SET token_sealed = x'00' WHERE id = 1",
	"UPDATE platform SET versions_url = 'https://other.example/' WHERE id = 1",
	"UPDATE platform SET settings = '{}' WHERE id = 1",
	"UPDATE platform SET claims_bound = 1 WHERE id = 1",
	"UPDATE platform SET digest = NULL WHERE id = 1",
	"UPDATE party SET party = 'ABD' WHERE platform = 1",
	"UPDATE party SET role = 2 WHERE platform = 1",
	"UPDATE endpoint SET url = 'https://other.example/' WHERE platform = 1",
	"UPDATE token SET kind = 0 WHERE platform = 1",
	"UPDATE token SET expires_ms = 1 WHERE platform = 1",
	"UPDATE token SET digest = zeroblob(32) WHERE platform = 1",
	"UPDATE token SET platform = 300 WHERE platform = 1",
	"DELETE FROM token WHERE platform = 1",
	"DELETE FROM party WHERE platform = 1",
};

START_TEST(test_a_damaged_platform_may_do_nothing_and_the_others_go_on)
{
	struct store_op op = { .verb = STORE_PLATFORMS_LOAD };
	const struct store_platform *p;
	struct rig rig;

	fill(&rig);
	rig_tamper(&rig, platform_changes[_i]);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(op.u.load.count, 2);
	p = op.u.load.platforms;
	ck_assert(p[0].damaged && p[0].state == STATE_SUSPENDED && p[0].id == 1);
	ck_assert_uint_eq(p[0].token_count + p[0].party_count + p[0].endpoint_count, 0);
	ck_assert(p[0].token_sealed.p == NULL);
	ck_assert(!p[1].damaged && p[1].state == STATE_CONNECTED && p[1].token_count == 1);
	ck_assert_int_eq(p[1].tokens[0].digest[31], 'b');
	ck_assert_uint_eq(rig_damaged(&rig), 1);
	rig_end(&rig);
}
END_TEST

START_TEST(test_when_a_platform_was_last_heard_of_is_no_damage)
{
	struct store_op op = { .verb = STORE_PLATFORM_TOUCH, .u.touch = { 1, 99 } };
	struct store_op load = { .verb = STORE_PLATFORMS_LOAD };
	struct rig rig;

	fill(&rig);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert(!load.u.load.platforms[0].damaged);
	ck_assert_int_eq(load.u.load.platforms[0].last_contact_ms, 99);
	rig_end(&rig);
}
END_TEST

/* ---- rows ---- */

enum told { NOTHING, REFUSAL, ABSENCE };
static const struct {
	const char *sql;
	enum store_verb verb;
	enum told told;
} rows[] = {
	{ "UPDATE cursor SET change = 8", STORE_CURSORS_LOAD, NOTHING },
	{ "UPDATE cursor SET ahead = '10'", STORE_CURSORS_LOAD, NOTHING },
	{ "UPDATE cursor SET receiver = 'platform/2'", STORE_CURSORS_LOAD, NOTHING },
	{ "UPDATE agreement SET modules = NULL", STORE_AGREEMENTS_LOAD, REFUSAL },
	{ "UPDATE agreement SET emsp_party = 'XYA'", STORE_AGREEMENTS_LOAD, REFUSAL },
	{ "UPDATE agreement SET until_ms = 1", STORE_AGREEMENTS_LOAD, REFUSAL },
	{ "UPDATE agreement SET id = 9", STORE_AGREEMENTS_LOAD, REFUSAL },
	{ "UPDATE hint SET party = 'ABD'", STORE_HINT_GET, ABSENCE },
	{ "UPDATE meta SET value = 'valuE' WHERE key = 'key'", STORE_META_GET, REFUSAL },
	{ "UPDATE parked SET receiver = 'platform/2'", STORE_PARKED, NOTHING },
	{ "UPDATE parked SET due_ms = 6", STORE_PARKED, NOTHING },
	{ "UPDATE parked SET since_ms = 6", STORE_PARKED, NOTHING },
	{ "UPDATE parked SET party = 'NL*XYA'", STORE_PARKED, NOTHING },
	{ "UPDATE push_failure SET why = 'yes'", STORE_FAILURES, NOTHING },
	{ "UPDATE push_failure SET id = 'L3'", STORE_FAILURES, NOTHING },
	{ "UPDATE version SET body = 'onE'", STORE_VERSIONS, NOTHING },
	{ "UPDATE version SET until_ms = 9", STORE_VERSIONS, NOTHING },
	{ "UPDATE version SET sender_platform = 2", STORE_VERSIONS, NOTHING },
};

static size_t
count_of(const struct store_op *op)
{
	return op->verb == STORE_CURSORS_LOAD ? op->u.cursors.count
	       : op->verb == STORE_PARKED     ? op->u.parked.count
	       : op->verb == STORE_VERSIONS   ? op->u.versions.count
	                                      : op->u.failures.count;
}

START_TEST(test_a_row_that_was_changed_is_not_told)
{
	struct store_op op = { .verb = rows[_i].verb };
	struct rig rig;

	fill(&rig);
	if (op.verb == STORE_HINT_GET)
		op.u.hint.hint = (struct store_hint){ .kind = STR("profile"), .key = STR("k") };
	if (op.verb == STORE_META_GET)
		op.u.meta.key = STR("key");
	if (op.verb == STORE_PARKED)
		op.u.parked = (struct store_parked_args){ .now_ms = INT64_MAX, .limit = 9 };
	if (op.verb == STORE_FAILURES)
		op.u.failures.limit = 9;
	if (op.verb == STORE_VERSIONS)
		op.u.versions =
		        (struct store_versions_args){ .key = share_key("* tariffs DE*ABC T1"),
			        .limit = 9 };
	rig_tamper(&rig, rows[_i].sql);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_do(&rig, &op), rows[_i].told == NOTHING   ? RH_OK
	                                    : rows[_i].told == REFUSAL ? RH_STORE_FAILED
	                                                               : RH_NOT_FOUND);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rows[_i].told == NOTHING)
		ck_assert_uint_eq(count_of(&op), 0);
	ck_assert_uint_eq(rig_damaged(&rig), 1);
	rig_end(&rig);
}
END_TEST

/* What is woken or redriven does not become true by it. */
START_TEST(test_a_redrive_makes_no_damaged_row_right)
{
	struct store_op redrive = { .verb = STORE_REDRIVE, .u.redrive.now_ms = 2 };
	struct store_op op = { .verb = STORE_PARKED,
		.u.parked = { .now_ms = INT64_MAX, .limit = 9 } };
	struct rig rig;

	fill(&rig);
	rig_tamper(&rig, "UPDATE parked SET receiver = 'platform/2'; "
	                 "UPDATE push_failure SET party = 'NL*OTH'");
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_do(&rig, &redrive), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(op.u.parked.count, 0);
	rig_end(&rig);
}
END_TEST

/* Whoever sends what is due would ask again and again. */
START_TEST(test_a_damaged_row_that_is_due_is_not_asked_for_at_once)
{
	struct store_op op = { .verb = STORE_PARKED, .u.parked = { .now_ms = 100, .limit = 9 } };
	struct rig rig;

	fill(&rig);
	rig_tamper(&rig, "UPDATE parked SET change = 4");
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(op.u.parked.count, 0);
	ck_assert_int_gt(op.u.parked.next_due_ms, 1000000);
	rig_end(&rig);
}
END_TEST

static const char *const sequence_changes[] = { "UPDATE sequence SET change = 1",
	"UPDATE sequence SET change = 1000000", "UPDATE sequence SET twin = 0",
	"DELETE FROM sequence" };

START_TEST(test_a_damaged_number_of_changes_is_found_again)
{
	struct rig rig;
	int64_t head, second;

	rig_begin(&rig, "sqlite:");
	share_put(&rig, "* locations DE*ABC L1", "one", 1);
	second = share_put(&rig, "* locations DE*ABC L2", "two", 1);
	rig_tamper(&rig, sequence_changes[_i]);
	share_feed(&rig, 0, 9, &head);
	ck_assert_int_eq(head, second);
	ck_assert_int_eq(share_put(&rig, "* locations DE*ABC L3", "three", 1), second + 1);
	share_feed(&rig, 0, 9, &head);
	ck_assert_int_eq(head, second + 1);
	rig_end(&rig);
}
END_TEST

static const char *const count_changes[] = { "UPDATE object_count SET live = 9",
	"UPDATE object_count SET owner = 'DE*ABD'", "UPDATE object_count SET module = 'locationz'",
	"UPDATE object_count SET shadowing = 1", "DELETE FROM object_count",
	"UPDATE object_count SET scope = 'x' WHERE scope = '*'" };

START_TEST(test_what_lists_count_is_counted_anew_at_a_start)
{
	struct store_page_args page = {
		.module = STR("locations"), .viewer = STR("V"), .limit = 9
	};
	struct rig rig;

	rig_begin(&rig, "sqlite:");
	share_put(&rig, "* locations DE*ABC L1", "one", 1);
	share_put(&rig, "* locations DE*ABC L2", "two", 1);
	share_put(&rig, "V locations DE*ABC L2", "mine", 1);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	rig_tamper(&rig, count_changes[_i]);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_str_eq(share_page(&rig, &page), "L1 L2");
	ck_assert_uint_eq(page.total, 2);
	rig_end(&rig);
}
END_TEST

static const char *const along_changes[] = { "UPDATE platform_count SET objects = objects + 64",
	"UPDATE platform_count SET relinks = 7", "DELETE FROM platform_count",
	"UPDATE block_count SET live = live + 1 WHERE level = 1 AND first = 0",
	"UPDATE block_count SET live = live - 1 WHERE level = 2",
	"UPDATE block_count SET shadowing = 1 WHERE level = 2",
	"UPDATE block_count SET first = 7 WHERE level = 1 AND first = 0",
	"UPDATE block_count SET owner = 'DE*ABD' WHERE level = 2",
	"UPDATE block_count SET scope = 'x' WHERE level = 1",
	"DELETE FROM block_count WHERE level = 2", "UPDATE block SET first = 1 WHERE nth = 2",
	"UPDATE block SET nth = 3 WHERE nth = 2", "DELETE FROM block WHERE nth = 1" };

static struct str
counted_along(struct rig *rig, struct arena *arena)
{
	struct fault fault = { 0 };
	struct db *db;
	struct str text;

	rig_close(rig);
	db = db_open(rig_file(rig), DB_WRITER, &fault);
	ck_assert_msg(db != NULL, "%s", fault.why);
	ck_assert(
	        db_prepare_as(db, SQL_MOVE_READ,
	                "SELECT (SELECT group_concat(platform || ' ' || objects || ' ' || "
	                "relinks) FROM platform_count) || "
	                "(SELECT group_concat(last || ' ' || first || ' ' || large || ' ' || nth) "
	                "FROM block) || (SELECT group_concat(level || module || scope || first || "
	                "owner || live || ' ' || shadowing) FROM block_count)") == OUTCOME_OK);
	db_bind(db, SQL_MOVE_READ, NULL, 0);
	ck_assert(db_next(db, SQL_MOVE_READ));
	text = db_text(db, SQL_MOVE_READ, 0, arena);
	ck_assert_int_eq(db_end(db, SQL_MOVE_READ), OUTCOME_OK);
	db_close(db);
	rig_open(rig);
	return text;
}

START_TEST(test_what_is_counted_along_is_counted_anew_at_a_start)
{
	enum { BLOCKS = 2100 }; /* two of 1024, and a beginning */
	struct arena *arena = arena_new(4096);
	struct str right;
	struct rig rig;
	char key[40];

	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < BLOCKS; i++) {
		snprintf(key, sizeof(key), "* locations DE*ABC L%d", i);
		share_put(&rig, key, "b", 1);
	}
	right = counted_along(&rig, arena);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	for (size_t i = 0; i < COUNT(along_changes); i++) {
		rig_tamper(&rig, along_changes[i]);
		ck_assert_msg(str_eq(counted_along(&rig, arena), right), "%s", along_changes[i]);
	}
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	rig_end(&rig);
	arena_free(arena);
}
END_TEST

/* ---- the log ---- */

enum { FRAME = 4096 + 24, HEAD = 32 };

static size_t
copy_with_log(struct rig *rig, const char *to)
{
	static uint8_t bytes[1 << 20];
	size_t len = 0;
	char path[160];

	for (size_t i = 0; i < 2; i++) {
		const char *suffix = i == 0 ? "" : "-wal";
		int from = open(rig_beside(rig, suffix), O_RDONLY), out;

		snprintf(path, sizeof(path), "%s%s", to, suffix);
		out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		len = (size_t)read(from, bytes, sizeof(bytes));
		ck_assert_int_eq(write(out, bytes, len), (ssize_t)len);
		close(from);
		close(out);
	}
	return len;
}

static void
change_byte(const char *to, size_t at)
{
	char path[160], byte;
	int fd;

	snprintf(path, sizeof(path), "%s-wal", to);
	fd = open(path, O_RDWR);
	ck_assert_int_eq(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= 4;
	ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

/* It would be the end of the log for SQLite, and the commits behind it were acknowledged. */
START_TEST(test_a_log_that_is_damaged_in_its_midst_refuses_the_start)
{
	static const size_t places[] = { 0, 9, 17, 25, HEAD, HEAD + 5, HEAD + 9, HEAD + 20,
		HEAD + 100, HEAD + FRAME + 2000 };
	struct fault fault = { 0 };
	struct store_conf conf;
	struct rig rig;
	char copy[128], url[160];

	rig_begin(&rig, "sqlite:");
	for (int i = 0; i < 5; i++)
		share_put(&rig, "* locations DE*ABC L1", i % 2 == 0 ? "one" : "two", 1);
	snprintf(copy, sizeof(copy), "%s/copy.db", rig.dir);
	copy_with_log(&rig, copy);
	change_byte(copy, places[_i]);
	snprintf(url, sizeof(url), "sqlite:%s", copy);
	conf = rig.conf;
	conf.url = url;
	ck_assert_ptr_null(store_open(&conf, &fault));
	ck_assert_msg(strstr(fault.why, "is damaged at frame") != NULL, "%s", fault.why);
	rig_end(&rig);
}
END_TEST

/* As a crash may leave it: the last transaction was written in part, and never acknowledged. */
START_TEST(test_a_log_whose_last_transaction_is_not_whole_is_opened)
{
	struct fault fault = { 0 };
	struct store_conf conf;
	struct store *store;
	struct rig rig;
	char copy[128], url[160];
	size_t bytes;

	rig_begin(&rig, "sqlite:");
	share_put(&rig, "* locations DE*ABC L1", "one", 1);
	share_put(&rig, "* locations DE*ABC L1", "two", 1);
	snprintf(copy, sizeof(copy), "%s/copy.db", rig.dir);
	bytes = copy_with_log(&rig, copy);
	change_byte(copy, bytes - 100);
	snprintf(url, sizeof(url), "sqlite:%s", copy);
	conf = rig.conf;
	conf.url = url;
	store = store_open(&conf, &fault);
	ck_assert_msg(store != NULL, "%s", fault.why);
	store_close(store);
	rig_end(&rig);
}
END_TEST

START_TEST(test_without_a_log_or_with_an_empty_one_there_is_nothing_to_judge)
{
	struct fault fault = { 0 };
	struct rig rig;
	int fd;

	rig_begin(&rig, "sqlite:");
	rig_close(&rig);
	ck_assert_int_eq(db_log_judge(rig_beside(&rig, "-none"), &fault), RH_OK);
	fd = open(rig_beside(&rig, "-empty"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(db_log_judge(rig_beside(&rig, "-empty"), &fault), RH_OK);
	ck_assert_int_eq(ftruncate(fd, 9000), 0);
	close(fd);
	ck_assert_int_eq(db_log_judge(rig_beside(&rig, "-empty"), &fault), RH_OK);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store damage, rows");
	TCase *tests = tcase_create("rows and log");

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, test_a_damaged_platform_may_do_nothing_and_the_others_go_on, 0,
	        COUNT(platform_changes));
	tcase_add_test(tests, test_when_a_platform_was_last_heard_of_is_no_damage);
	tcase_add_loop_test(tests, test_a_row_that_was_changed_is_not_told, 0, COUNT(rows));
	tcase_add_test(tests, test_a_redrive_makes_no_damaged_row_right);
	tcase_add_test(tests, test_a_damaged_row_that_is_due_is_not_asked_for_at_once);
	tcase_add_loop_test(
	        tests, test_a_damaged_number_of_changes_is_found_again, 0, COUNT(sequence_changes));
	tcase_add_test(tests, test_what_is_counted_along_is_counted_anew_at_a_start);
	tcase_add_loop_test(
	        tests, test_what_lists_count_is_counted_anew_at_a_start, 0, COUNT(count_changes));
	tcase_add_loop_test(
	        tests, test_a_log_that_is_damaged_in_its_midst_refuses_the_start, 0, 10);
	tcase_add_test(tests, test_a_log_whose_last_transaction_is_not_whole_is_opened);
	tcase_add_test(tests, test_without_a_log_or_with_an_empty_one_there_is_nothing_to_judge);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
