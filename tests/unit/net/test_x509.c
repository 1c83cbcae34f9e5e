/* unit tests of x509: what certificates say of themselves. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "roamhub/x509.h"

static const char utc_time[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBbTCCAROgAwIBAgIUewnVSKhsd2zd9Xqyxh7jUcuV88gwCgYIKoZIzj0EAwIw\n"
                               "DDEKMAgGA1UEAwwBeDAeFw0yNjExMzAxMDI4MzlaFw0yNzAzMTAxMDI4MzlaMAwx\n"
                               "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASdAUdJdolkrhWa\n"
                               "ZGWguVC/sUEbgvUkX1+q0C9K5ZfLbTL0mL8II8bTK8CwSINtoAECdZB8Kx1/3B7y\n"
                               "dueCR0uuo1MwUTAdBgNVHQ4EFgQUChygSWCKNnu6CdWQVSaY0VKZNlkwHwYDVR0j\n"
                               "BBgwFoAUChygSWCKNnu6CdWQVSaY0VKZNlkwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
                               "hkjOPQQDAgNIADBFAiBaLkizAJ+MPEnnf1PMKesR+UdCA99j+oW/eqX7kN9Z5AIh\n"
                               "AME96RDe9o98F4vf4twngtuTfYlrvgPSrvPpFJg1qoYH\n"
                               "-----END CERTIFICATE-----\n";
static const char long_time[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBbzCCARWgAwIBAgIUDZWpRVTYGtvuPeUPRxzug18UXbAwCgYIKoZIzj0EAwIw\n"
                                "DDEKMAgGA1UEAwwBeDAgFw0yNjExMzAxMDI4MzlaGA8yMTI2MTEwNjEwMjgzOVow\n"
                                "DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABExYf2F0R1sh\n"
                                "c8tx3NH2q/XBEUs3Um2hMx8Pm1lCXDjMCz8UGFs4RKtCqEpMPbEyfF5czag6mMN4\n"
                                "bgGlzkwLly+jUzBRMB0GA1UdDgQWBBQabPMCDIw4IZahSzoEChprAkf1RDAfBgNV\n"
                                "HSMEGDAWgBQabPMCDIw4IZahSzoEChprAkf1RDAPBgNVHRMBAf8EBTADAQH/MAoG\n"
                                "CCqGSM49BAMCA0gAMEUCIQD6T9URvHM4+btFyO/idfnP7eI4QtYuADcOV5zYEaZ5\n"
                                "cwIgHGtQPwcnehO0O2LanajOXqSOhgV+Y0o9PzX1TOGjkC4=\n"
                                "-----END CERTIFICATE-----\n";

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

START_TEST(test_a_certificate_tells_when_it_ends)
{
	static const struct {
		const char *pem;
		int64_t until_ms;
	} rows[] = {
		{ utc_time, 1804674519000 },
		{ long_time, 4949634519000 },
		{ "", 0 },
		{ "-----BEGIN CERTIFICATE-----\n", 0 },
		{ "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 0 },
		{ "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", 0 },
		{ "-----BEGIN CERTIFICATE-----\nno Base64\n-----END CERTIFICATE-----\n", 0 },
		{ "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", 0 },
	};

	ck_assert_int_eq(x509_until_ms(str_of(rows[_i].pem)), rows[_i].until_ms);
}
END_TEST

/* Whatever it is cut to, it is read to its end and no further: in memory of its own size, which the
 * sanitizers guard. */
START_TEST(test_half_a_certificate_tells_nothing)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	size_t whole = sizeof utc_time - sizeof end;

	for (size_t len = 30; len < whole - 200; len++) {
		char *cut = malloc(len + sizeof end);

		memcpy(cut, utc_time, len);
		memcpy(cut + len, end, sizeof end);
		ck_assert_int_eq(x509_until_ms((struct str){ cut, len + sizeof end - 1 }), 0);
		free(cut);
	}
}
END_TEST

START_TEST(test_of_a_chain_the_first_end_counts)
{
	struct arena *arena = arena_new(4096);

	ck_assert_int_eq(
	        x509_until_ms(arena_printf(arena, "%s%s", long_time, utc_time)), 1804674519000);
	ck_assert_int_eq(
	        x509_until_ms(arena_printf(arena, "%s%s", utc_time, long_time)), 1804674519000);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("x509");
	TCase *tests = tcase_create("x509");

	tcase_add_test(tests, test_a_certificate_tells_whose_it_is_for_which_names_and_until_when);
	tcase_add_test(tests, test_of_a_file_of_many_so_many_are_read_as_there_is_room_for);
	tcase_add_test(tests, test_what_is_no_certificate_is_refused);
	tcase_add_loop_test(tests, test_a_certificate_tells_when_it_ends, 0, 8);
	tcase_add_test(tests, test_half_a_certificate_tells_nothing);
	tcase_add_test(tests, test_of_a_chain_the_first_end_counts);
	suite_add_tcase(suite, tests);
	return suite_run(suite, CK_FORK_GETENV);
}
