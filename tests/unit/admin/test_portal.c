/* unit tests of the portal: what a link is, for how long it is good, and what stands in the table
 * of its verbs. Who sees what is tests/e2e/test_portal.py. */
#include <string.h>

#include "../../../src/admin/portal.h"
#include "../suite.h"
#include "one_rig.h"

static void
setup(void)
{
	one_rig();
	invite(1);
}

#define FORTY     "0123456789012345678901234567890123456789"
#define SIXTYFOUR FORTY "012345678901234567890abc"

START_TEST(test_a_link_names_its_platform)
{
	static const struct {
		const char *text;
		int64_t platform; /* 0: it is none */
	} rows[] = {
		{ "7-" FORTY, 7 },
		{ "2147483647-" FORTY, INT32_MAX },
		{ "2147483648-" FORTY, 0 },
		{ "0-" FORTY, 0 },
		{ "-" FORTY, 0 },
		{ "-7-" FORTY, 0 },
		{ "+7-" FORTY, 0 },
		{ "7-" FORTY "0", 0 },
		{ "7-", 0 },
		{ "7", 0 },
		{ "", 0 },
		{ FORTY, 0 },
	};
	int64_t platform;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(portal_link_parse(str_of(rows[i].text), &platform) ==
		                      (rows[i].platform != 0),
		        "%s", rows[i].text);
		ck_assert_int_eq(platform, rows[i].platform);
	}
}
END_TEST

START_TEST(test_what_is_kept_of_a_link_is_read_or_is_none)
{
	static const struct {
		const char *text;
		int64_t expires_ms; /* 0: there is none */
	} rows[] = {
		{ "{\"digest\":\"" SIXTYFOUR "\",\"expires_ms\":5}", 5 },
		{ "{\"digest\":\"" SIXTYFOUR "\",\"expires_ms\":0}", 0 },
		{ "{\"digest\":\"" SIXTYFOUR "\",\"expires_ms\":-5}", 0 },
		{ "{\"digest\":\"" SIXTYFOUR "\",\"expires_ms\":\"5\"}", 0 },
		{ "{\"digest\":\"" SIXTYFOUR "\"}", 0 },
		{ "{\"digest\":\"" FORTY "\",\"expires_ms\":5}", 0 },
		{ "{\"digest\":7,\"expires_ms\":5}", 0 },
		{ "{\"expires_ms\":0}", 0 },
		{ "[]", 0 },
		{ "no JSON", 0 },
		{ "", 0 },
	};
	struct portal_link link;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good = portal_link_read(str_of(rows[i].text), &link);

		ck_assert_msg(good == (rows[i].expires_ms != 0), "%s", rows[i].text);
		if (good)
			ck_assert_int_eq(link.expires_ms, rows[i].expires_ms);
	}
}
END_TEST

START_TEST(test_a_link_is_good_until_it_ends_for_its_own_platform_while_that_is_there)
{
	const struct portal_link link = { .digest = { 1, 2, 3 },
		.expires_ms = rh_schedule_ms() + 60000 };
	struct portal_link over = link, taken_back = link;
	const uint8_t other[RH_DIGEST_BYTES] = { 1, 2, 4 };

	over.expires_ms = rh_schedule_ms();
	taken_back.expires_ms = 0;
	ck_assert(guest_holds(rig->admin, 1, &link, link.digest));
	ck_assert(!guest_holds(rig->admin, 1, &link, other));
	ck_assert(!guest_holds(rig->admin, 2, &link, link.digest));
	ck_assert(!guest_holds(rig->admin, 1, &over, link.digest));
	ck_assert(!guest_holds(rig->admin, 1, &taken_back, link.digest));
	ck_assert_int_eq(rig_ask(rig, "DELETE", "/admin/v1/platforms/1", NULL).status, 200);
	ck_assert(!guest_holds(rig->admin, 1, &link, link.digest));
}
END_TEST

START_TEST(test_without_a_portal_there_are_no_links)
{
	static const struct expectation rows[] = {
		{ "POST", "/admin/v1/platforms/1/portal", "{}", 409, "portal.listen" },
		{ "DELETE", "/admin/v1/platforms/1/portal", NULL, 200, "\"url\":null" },
		{ "POST", "/admin/v1/platforms/9/portal", "{}", 404, "platform" },
		{ "POST", "/admin/v1/platforms/1/portal", "{\"days\":0}", 400, "1 to 365" },
		{ "GET", "/p/1-" FORTY, NULL, 404, "no such resource" },
		{ "GET", "/portal/v1/login", NULL, 404, "no such resource" },
	};

	check_all(rig, rows, COUNT(rows));
}
END_TEST

/* A path has no place for somebody else's number, and what is changed is audited as the operator's
 * verb of this name. */
START_TEST(test_verbs_name_no_platform_and_what_changes_is_a_verb_of_the_operators)
{
	for (const struct verb *verb = portal_verbs; verb->method != NULL; verb++) {
		bool found = false;

		ck_assert_ptr_null(strstr(verb->path, "{id}"));
		ck_assert_int_eq(verb->flags & (VERB_ANY_HOST | VERB_NEAR | VERB_ANYWAY), 0);
		if (strcmp(verb->method, "GET") == 0 || (verb->flags & VERB_LOOKS) != 0)
			continue;
		ck_assert_msg(verb->name != NULL, "%s %s", verb->method, verb->path);
		for (const struct verb *known = admin_verbs; known->method != NULL; known++)
			found |= known->name != NULL && strcmp(known->name, verb->name) == 0;
		ck_assert_msg(found, "%s", verb->name);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_a_link_names_its_platform,
		test_what_is_kept_of_a_link_is_read_or_is_none,
		test_a_link_is_good_until_it_ends_for_its_own_platform_while_that_is_there,
		test_without_a_portal_there_are_no_links,
		test_verbs_name_no_platform_and_what_changes_is_a_verb_of_the_operators,
	};

	return suite_run_tests("admin-portal", tests, COUNT(tests), setup, one_rig_end);
}
