/* test_migrate_owed: what migration 0004 makes of a database of before. Faults M4, C5. */
#include "../suite.h"
#include "owed.h"

#include <check.h>
#include <stdio.h>

enum { MIGRATION = 4 };

#define PLATFORM(id, removed)                                                                \
	"INSERT INTO platform VALUES (" id ", 'P', 1, " removed ", NULL, NULL, NULL, NULL, " \
	"NULL, 0, 0, 0, 0);"
#define PARTY(platform, position, country, id)                                      \
	"INSERT INTO party VALUES (" platform ", " position ", '" country "', '" id \
	"', 1, 1, 0, NULL);"
/* Of "body", by digest_text(). */
#define DIGEST "x'%s'"
#define OBJECT(seq, scope, id, live, digest, body)                                          \
	"INSERT INTO object VALUES (" seq ", '" scope "', 'sessions', 'DE*ABC', '" id       \
	"', '', " live ", NULL, 5, " seq ", 0, 'PUT', 's', 7, 'corr', 1000, " digest        \
	", NULL, " body ");"                                                                \
	"INSERT INTO object_count VALUES ('" scope "', 'sessions', 'DE*ABC', " live ", 0) " \
	"ON CONFLICT DO UPDATE SET live = live + " live ";"

static const char *
digest_text(void)
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };
	static char text[2 * RH_DIGEST_BYTES + 1];
	uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(no_key, STR("body"), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

/* V is held by 2 (3 was removed), W was held by 1 and then 3, both removed, X by nobody. */
static const char before[] = PLATFORM("1", "1") PLATFORM("2", "0") PLATFORM("3", "1") PARTY(
        "1", "0", "nl", "w") PARTY("2", "0", "nl", "v") PARTY("2", "1", "NL", "U") PARTY("3", "0",
        "NL", "V") PARTY("3", "1", "NL", "W") OBJECT("1", "*", "S1", "1", DIGEST, "'body'")
        OBJECT("2", "NL*V", "S1", "1", DIGEST, "'body'") OBJECT("3", "NL*W", "S2", "1", DIGEST,
                "'body'") OBJECT("4", "NL*X", "S3", "1", DIGEST, "'body'") OBJECT("5", "NL*V", "S4",
                "0", "NULL", "NULL") OBJECT("6", "*", "S5", "0", "NULL", "NULL")
                OBJECT("7", "NL*V", "S6", "1", "zeroblob(32)",
                        "'body'") "UPDATE object SET shadows = 1 WHERE seq = 2;"
                                  "UPDATE object_count SET shadowing = 1 WHERE scope = 'NL*V';"
                                  "UPDATE sequence SET change = 7;"
                                  "INSERT INTO relink VALUES ('rel', 1, 'https://x.example/', 1, "
                                  "2, 'DE', 'ABC', 'NL', 'V', "
                                  "'locations', 1, 'corr', 1, 5000);"
                                  "INSERT INTO cursor VALUES ('platform/2', 5);"
                                  "INSERT INTO push_failure VALUES ('platform/2', '*', 'sessions', "
                                  "'DE*ABC', 'S1', '', 1, 100, "
                                  "400, 2001, 'no');"
                                  "INSERT INTO push_failure VALUES ('platform/2', '*', "
                                  "'hubclientinfo', 'DE*ABC', 'CPO', '', 2, "
                                  "99, 404, 2001, 'no');"
                                  "INSERT INTO push_failure VALUES ('platform/9', '*', 'sessions', "
                                  "'DE*ABC', 'S1', '', 1, 98, "
                                  "400, 2001, 'no');";

static void
old_database(struct rig *rig)
{
	char sql[8192];
	const char *digest = digest_text();

	snprintf(sql, sizeof(sql), before, digest, digest, digest, digest);
	rig_begin_before(rig, MIGRATION, sql);
}

START_TEST(test_addressed_objects_go_to_the_platform_that_holds_their_party)
{
	static const struct {
		const char *viewer, *ids;
		uint64_t total;
	} rows[] = {
		{ "NL*V@2", "S1", 2 }, /* its own S1; S6 is damaged */
		{ "NL*V@3", "S1", 1 },
		{ "NL*W@3", "S1 S2", 2 },
		{ "NL*X@0", "S1 S3", 2 },
		{ "NL*V", "S1", 1 },
	};
	struct rig rig;

	old_database(&rig);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct store_page_args args = {
			.module = STR("sessions"), .viewer = str_of(rows[i].viewer), .limit = 9
		};

		ck_assert_str_eq(share_page(&rig, &args), rows[i].ids);
		ck_assert_uint_eq(args.total, rows[i].total);
	}
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	rig_end(&rig);
}
END_TEST

START_TEST(test_what_was_whole_stays_so_and_what_was_damaged_too)
{
	struct store_object object;
	struct store_stats stats;
	struct rig rig;

	old_database(&rig);
	ck_assert_int_eq(share_get(&rig, "NL*V@2 sessions DE*ABC S1", &object), RH_OK);
	ck_assert(object.accepted);
	ck_assert_int_eq(share_get(&rig, "NL*V@2 sessions DE*ABC S4", NULL), RH_NOT_FOUND);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "S1:body S5:-");
	ck_assert_int_eq(rig_get(&rig, "rel", 100, NULL), RH_OK);
	store_stats(rig.store, &stats);
	ck_assert_uint_eq(stats.damaged, 0);
	share_damaged(&rig, "NL*V@2 sessions DE*ABC S6");
	rig_end(&rig);
}
END_TEST

START_TEST(test_refusals_get_the_first_party_of_their_platform)
{
	struct store_op load = { .verb = STORE_CURSORS_LOAD };
	struct rig rig;

	old_database(&rig);
	ck_assert_str_eq(owed_refusals(&rig, NULL),
	        "platform/2/NL*V/S1@1 platform/2//CPO@2 platform/9//S1@1");
	ck_assert_int_eq(rig_do(&rig, &load), RH_OK);
	ck_assert_uint_eq(load.u.cursors.count, 1);
	ck_assert_int_eq(load.u.cursors.cursors[0].change, 5);
	ck_assert_ptr_null(load.u.cursors.cursors[0].ahead.p);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store migrate, owed");
	TCase *tests = tcase_create("a database of before");

	tcase_add_test(tests, test_addressed_objects_go_to_the_platform_that_holds_their_party);
	tcase_add_test(tests, test_what_was_whole_stays_so_and_what_was_damaged_too);
	tcase_add_test(tests, test_refusals_get_the_first_party_of_their_platform);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
