/* test_ctl_pure: what roamhubctl works out without a hub: until when a certificate is good, a tar
 * archive.
 */
#include "ctl.h"
#include "ctl_tar.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

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
	struct arena *arena = arena_new(1024);

	ck_assert_int_eq(ctl_pem_until_ms(str_of(rows[_i].pem), arena), rows[_i].until_ms);
	arena_free(arena);
}
END_TEST

/* Whatever it is cut to, it is read to its end and no further: in memory of its own size, which the
 * sanitizers guard. */
START_TEST(test_half_a_certificate_tells_nothing)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	struct arena *arena = arena_new(1024);
	size_t whole = sizeof utc_time - sizeof end;

	for (size_t len = 30; len < whole - 200; len++) {
		char *cut = malloc(len + sizeof end);

		memcpy(cut, utc_time, len);
		memcpy(cut + len, end, sizeof end);
		ck_assert_int_eq(
		        ctl_pem_until_ms((struct str){ cut, len + sizeof end - 1 }, arena), 0);
		free(cut);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_a_tar_archive_is_headers_and_blocks)
{
	struct arena *arena = arena_new(8192);
	struct buf tar = { .arena = arena };

	ctl_tar_add(&tar, "a/one", STR("hello"), 1);
	ctl_tar_add(&tar, "a/empty", STR(""), 1);
	ctl_tar_end(&tar);
	ck_assert_uint_eq(tar.len, 512 + 512 + 512 + 1024);
	ck_assert_str_eq(tar.p, "a/one");
	ck_assert_str_eq(tar.p + 124, "00000000005");
	ck_assert_str_eq(tar.p + 136, "00000000001");
	ck_assert_mem_eq(tar.p + 257, "ustar\00000", 8);
	ck_assert_mem_eq(tar.p + 512, "hello\0", 6);
	ck_assert_str_eq(tar.p + 1024, "a/empty");
	arena_free(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("roamhubctl without a hub");
	TCase *tests = tcase_create("pure");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_loop_test(tests, test_a_certificate_tells_when_it_ends, 0, 8);
	tcase_add_test(tests, test_half_a_certificate_tells_nothing);
	tcase_add_test(tests, test_a_tar_archive_is_headers_and_blocks);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
