/* test_pem_expiry: until when certificates hold; broken ones end the reading and nothing else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/hub/pem_expiry.h"

static char pem[8192];

static void
setup(void)
{
	FILE *file = fopen(getenv("TLS_CERTIFICATE"), "re");

	ck_assert_ptr_nonnull(file);
	pem[fread(pem, 1, sizeof pem - 1, file)] = '\0';
	(void)fclose(file);
	ck_assert_int_eq(rh_crypt_init(NULL), RH_OK);
}

static void
teardown(void)
{
}

/** Made by hand: what is before the dates is as short as it may be. */
static const char *
certificate(struct arena *arena, const char *dates, size_t len)
{
	struct buf der = { .arena = arena };
	struct str text;

	buf_add(&der, STR("\x30"));
	buf_addc(&der, (char)(len + 11));
	buf_add(&der, STR("\x30"));
	buf_addc(&der, (char)(len + 9));
	buf_add(&der, STR("\x02\x01\x01\x30\x00\x30\x00\x30"));
	buf_addc(&der, (char)len);
	buf_add(&der, (struct str){ dates, len });
	text = rh_base64(buf_str(&der), arena);
	return arena_printf(arena, "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n",
	        STR_ARG(text))
	        .p;
}

START_TEST(test_dates_are_read_in_both_forms)
{
	static const struct {
		const char *dates;
		int64_t ends_s;
	} rows[] = {
		{ "\x17\x0d"
		  "260101000000Z"
		  "\x17\x0d"
		  "270203040506Z",
		        1801627506 },
		{ "\x17\x0d"
		  "500101000000Z"
		  "\x17\x0d"
		  "991231235959Z",
		        946684799 },
		{ "\x17\x0d"
		  "260101000000Z"
		  "\x18\x0f"
		  "21261030094457Z",
		        4949027097 },
		{ "\x17\x0d"
		  "260101000000Z"
		  "\x17\x0d"
		  "27020304050xZ",
		        0 },
		{ "\x17\x0d"
		  "260101000000Z"
		  "\x17\x0b"
		  "2702030405Z",
		        0 },
		{ "\x17\x0d"
		  "260101000000Z"
		  "\x13\x0d"
		  "270203040506Z",
		        0 },
		{ "\x17\x0d"
		  "260101000000Z",
		        0 },
		{ "", 0 },
	};
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(
		        pem_expires_ms(certificate(arena, rows[i].dates, strlen(rows[i].dates))),
		        rows[i].ends_s * 1000);
	arena_free(arena);
}
END_TEST

START_TEST(test_of_a_chain_the_first_end_counts)
{
	static const char dates[] = "\x17\x0d"
	                            "260101000000Z"
	                            "\x17\x0d"
	                            "270203040506Z";
	struct arena *arena = arena_new(4096);
	const char *made = certificate(arena, dates, sizeof dates - 1);

	ck_assert_int_eq(pem_expires_ms(pem), 4949027097000);
	ck_assert_int_eq(pem_expires_ms(arena_printf(arena, "%s%s", pem, made).p), 1801627506000);
	ck_assert_int_eq(pem_expires_ms(arena_printf(arena, "%s%s", made, pem).p), 1801627506000);
	ck_assert_int_eq(pem_expires_ms(""), 0);
	ck_assert_int_eq(pem_expires_ms("-----BEGIN CERTIFICATE-----\nMII"), 0);
	arena_free(arena);
}
END_TEST

START_TEST(test_a_certificate_that_is_broken_anywhere_is_read_to_there)
{
	size_t len = strlen(pem);

	for (size_t i = 27; i < len; i++) {
		char was = pem[i];

		for (const char *c = "A/9=-"; *c != '\0'; c++) {
			pem[i] = *c;
			(void)pem_expires_ms(pem);
		}
		pem[i] = was;
	}
	for (; len > 0; len--) {
		pem[len] = '\0';
		(void)pem_expires_ms(pem);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hub pem expiry");
	TCase *tcase = tcase_create("pem expiry");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_dates_are_read_in_both_forms);
	tcase_add_test(tcase, test_of_a_chain_the_first_end_counts);
	tcase_add_test(tcase, test_a_certificate_that_is_broken_anywhere_is_read_to_there);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
