/* unit tests of x509: what certificates say of themselves. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "roamhub/x509.h"

static char pem[65536]; /* of the certificate that tests use */

static void
read_pem(void)
{
	FILE *file = fopen(TLS_DATA "/certificate.pem", "re");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(pem, 1, sizeof pem / 3, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_a_certificate_tells_whose_it_is_for_which_names_and_until_when)
{
	struct arena *arena = arena_new(1024);
	const struct x509 *got;
	struct fault fault = { 0 };
	size_t count;

	read_pem();
	ck_assert_int_eq(x509_read(str_of(pem), 9, arena, &got, &count, &fault), RH_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(got->subject.p, "CN=roamhub test");
	ck_assert_str_eq(got->names.p, "127.0.0.1");
	ck_assert_int_gt(got->until_ms - got->from_ms, 36000LL * 24 * 3600 * 1000);
	arena_free(arena);
}
END_TEST

START_TEST(test_of_a_file_of_many_so_many_are_read_as_there_is_room_for)
{
	struct arena *arena = arena_new(1024);
	struct fault fault = { 0 };
	const struct x509 *got;
	char *twice = pem;
	size_t count;

	read_pem();
	(void)stpcpy(twice + strlen(twice), arena_cstr(arena, str_of(pem)));
	ck_assert_int_eq(x509_read(str_of(twice), 9, arena, &got, &count, &fault), RH_OK);
	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(x509_read(str_of(twice), 1, arena, &got, &count, &fault), RH_OK);
	ck_assert_uint_eq(count, 1);
	arena_free(arena);
}
END_TEST

START_TEST(test_what_is_no_certificate_is_refused)
{
	static const char *const texts[] = { "", "nothing",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n" };
	struct arena *arena = arena_new(1024);
	const struct x509 *got;
	size_t count;

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fault fault = { 0 };

		ck_assert_int_eq(
		        x509_read(str_of(texts[i]), 9, arena, &got, &count, &fault), RH_BAD_CONFIG);
		ck_assert_uint_eq(count, 0);
		ck_assert_str_ne(fault.why, "");
	}
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("x509");
	TCase *tests = tcase_create("x509");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, test_a_certificate_tells_whose_it_is_for_which_names_and_until_when);
	tcase_add_test(tests, test_of_a_file_of_many_so_many_are_read_as_there_is_room_for);
	tcase_add_test(tests, test_what_is_no_certificate_is_refused);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
