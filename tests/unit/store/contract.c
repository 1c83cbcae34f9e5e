/* contract: what passes here on memory holds on SQLite and on PostgreSQL, and the other way round.
 * With a scheme it is that backend alone; postgresql: needs tests/postgresql/with. */
#include "contract.h"
#include "../suite.h"

#include <string.h>

const char *const contract_schemes[CONTRACT_SCHEMES] = { "memory:", "sqlite:", "postgresql:" };
int contract_first, contract_end = CONTRACT_SCHEMES;

static void
choose(const char *scheme)
{
	for (int i = 0; i < CONTRACT_SCHEMES; i++)
		if (strcmp(contract_schemes[i], scheme) == 0)
			contract_first = i, contract_end = i + 1;
}

START_TEST(test_an_unknown_url_is_refused)
{
	static const char *const urls[] = { NULL, "", "postgresql:x",
		"postgresql://nobody@/none?host=/nonexistent", "sqlite", "sqlite:", "memory",
		"memory:x", "sqlite::memory:", "sqlite:/nonexistent-directory/x.db",
		"sqlite:/tmp" };

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct store_conf conf = { .url = urls[i], .max_waiting = 10 };
		struct fault fault = { 0 };

		ck_assert_msg(store_open(&conf, &fault) == NULL, "%s", urls[i]);
		ck_assert_str_ne(fault.why, "");
	}
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("store contract");
	TCase *tests = tcase_create("every backend");

	if (argc > 1)
		choose(argv[1]);
	contract_platforms(tests);
	contract_relinks(tests);
	contract_batches(tests);
	contract_trace(tests);
	contract_objects(tests);
	contract_lists(tests);
	contract_owed(tests);
	contract_parked(tests);
	contract_redrive(tests);
	contract_unchanged(tests);
	contract_scopes(tests);
	contract_pulled(tests);
	contract_event(tests);
	contract_quota(tests);
	contract_erase(tests);
	contract_version(tests);
	tcase_add_test(tests, test_an_unknown_url_is_refused);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
