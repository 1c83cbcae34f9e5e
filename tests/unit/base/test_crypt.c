/* test_crypt: ids, digests, sealed secrets, Base64 and key files.
 * The digest is pinned by a known answer: what is stored today must be found after the next update.
 */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static char dir[] = "/tmp/test_crypt_XXXXXX";

static void
setup(void)
{
	struct fault fault;

	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	arena = arena_new(1024);
}

static void
teardown(void)
{
	arena_free(arena);
}

START_TEST(test_a_passphrase_makes_the_same_key_again_and_no_other)
{
	struct rh_stretch how = { .passes = 1, .memory_bytes = 8 << 20 }, other = how;
	uint8_t one[RH_KEY_BYTES], two[RH_KEY_BYTES];
	struct fault fault = { 0 };

	other.salt[0] = 1;
	ck_assert_int_eq(rh_stretch_key(STR("horse"), &how, one, &fault), RH_OK);
	ck_assert_int_eq(rh_stretch_key(STR("horse"), &how, two, &fault), RH_OK);
	ck_assert_mem_eq(one, two, sizeof one);
	ck_assert_int_eq(rh_stretch_key(STR("horse"), &other, two, &fault), RH_OK);
	ck_assert_mem_ne(one, two, sizeof one);
	ck_assert_int_eq(rh_stretch_key(STR("Horse"), &how, two, &fault), RH_OK);
	ck_assert_mem_ne(one, two, sizeof one);
}
END_TEST

START_TEST(test_work_beyond_reason_is_refused)
{
	static const struct rh_stretch rows[] = {
		{ .passes = 0, .memory_bytes = 8 << 20 },
		{ .passes = 11, .memory_bytes = 8 << 20 },
		{ .passes = 1, .memory_bytes = 1 << 20 },
		{ .passes = 1, .memory_bytes = 2ULL << 30 },
		{ .passes = UINT64_MAX, .memory_bytes = UINT64_MAX },
	};
	uint8_t key[RH_KEY_BYTES];
	struct fault fault = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(rh_stretch_key(STR("horse"), &rows[i], key, &fault), RH_BAD_FIELD);
}
END_TEST

START_TEST(test_uuid_is_version_4_lower_case_and_new_each_time)
{
	char one[RH_UUID_LEN + 1], two[RH_UUID_LEN + 1];

	for (int round = 0; round < 200; round++) {
		rh_uuid(one);
		rh_uuid(two);
		ck_assert_str_ne(one, two);
		ck_assert_uint_eq(strlen(one), RH_UUID_LEN);
		for (int i = 0; i < RH_UUID_LEN; i++) {
			if (i == 8 || i == 13 || i == 18 || i == 23)
				ck_assert_int_eq(one[i], '-');
			else
				ck_assert_ptr_nonnull(strchr("0123456789abcdef", one[i]));
		}
		ck_assert_int_eq(one[14], '4');
		ck_assert_ptr_nonnull(strchr("89ab", one[19]));
	}
}
END_TEST

START_TEST(test_random_text_uses_its_whole_alphabet_and_no_more)
{
	char text[20001];
	bool seen[256] = { false };
	int different = 0;

	rh_random_text(text, 20000);
	ck_assert_uint_eq(strlen(text), 20000);
	for (const char *at = text; *at != '\0'; at++) {
		different += !seen[(unsigned char)*at];
		seen[(unsigned char)*at] = true;
	}
	ck_assert_uint_eq(
	        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	        20000);
	ck_assert_int_eq(different, 64);
	rh_random_text(text, 0);
	ck_assert_str_eq(text, "");
}
END_TEST

/* BLAKE2b-256 with the key 00 01 .. 1f, from an independent implementation (Python's hashlib). */
START_TEST(test_digest_is_keyed_blake2b)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t key[RH_KEY_BYTES], digest[RH_DIGEST_BYTES];
	char text[2 * RH_DIGEST_BYTES + 1] = "";

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	rh_digest(key, STR("token"), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	ck_assert_str_eq(text, "54692e79bd2672cbe87fed392465fd452368d27be0ab63f2898b57f67582c2a1");
}
END_TEST

START_TEST(test_digest_depends_on_key_and_every_byte)
{
	uint8_t key[RH_KEY_BYTES] = { 1 }, other[RH_KEY_BYTES] = { 2 };
	uint8_t a[RH_DIGEST_BYTES], b[RH_DIGEST_BYTES];

	rh_digest(key, STR("to\0ken"), a);
	rh_digest(key, STR("to\0ken"), b);
	ck_assert(rh_same_bytes(a, b, sizeof(a)));
	rh_digest(key, STR("to\0kem"), b);
	ck_assert(!rh_same_bytes(a, b, sizeof(a)));
	rh_digest(other, STR("to\0ken"), b);
	ck_assert(!rh_same_bytes(a, b, sizeof(a)));
}
END_TEST

START_TEST(test_sealed_text_opens_with_its_key_alone)
{
	uint8_t key[RH_KEY_BYTES] = { 1 }, other[RH_KEY_BYTES] = { 2 };
	struct str sealed = rh_seal(key, STR("sec\0ret"), arena), plain = { 0 };

	ck_assert(rh_unseal(key, sealed, arena, &plain));
	ck_assert(str_eq(plain, STR("sec\0ret")));
	ck_assert_ptr_null(memmem(sealed.p, sealed.len, "sec", 3));
	ck_assert(!rh_unseal(other, sealed, arena, &plain));
	ck_assert(!str_eq(sealed, rh_seal(key, STR("sec\0ret"), arena)));
	ck_assert(rh_unseal(key, rh_seal(key, STR(""), arena), arena, &plain));
	ck_assert(str_is(plain, ""));
}
END_TEST

START_TEST(test_changed_or_cut_seals_do_not_open)
{
	uint8_t key[RH_KEY_BYTES] = { 1 };
	struct str sealed = rh_seal(key, STR("secret"), arena), plain;

	for (size_t i = 0; i < sealed.len; i++) {
		char *changed = arena_cstr(arena, sealed);

		changed[i] ^= 1;
		ck_assert(!rh_unseal(key, (struct str){ changed, sealed.len }, arena, &plain));
		ck_assert(!rh_unseal(key, (struct str){ sealed.p, i }, arena, &plain));
	}
	ck_assert(!rh_unseal(key, (struct str){ 0 }, arena, &plain));
}
END_TEST

START_TEST(test_base64_both_ways)
{
	static const struct {
		struct str bytes;
		const char *text;
	} rows[] = {
		{ { "", 0 }, "" },
		{ { "f", 1 }, "Zg==" },
		{ { "fo", 2 }, "Zm8=" },
		{ { "foo", 3 }, "Zm9v" },
		{ { "foob", 4 }, "Zm9vYg==" },
		{ { "\xfb\xff\xfe", 3 }, "+//+" },
		{ { "a\0b", 3 }, "YQBi" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str bare = str_of(rows[i].text), bytes = { 0 };

		ck_assert(str_is(rh_base64(rows[i].bytes, arena), rows[i].text));
		ck_assert(rh_unbase64(bare, arena, &bytes));
		ck_assert(str_eq(bytes, rows[i].bytes));
		bare = str_cut(&bare, '=');
		ck_assert_msg(rh_unbase64(bare, arena, &bytes), "%s unpadded", rows[i].text);
		ck_assert(str_eq(bytes, rows[i].bytes));
	}
}
END_TEST

START_TEST(test_base64_refuses_everything_else)
{
	static const struct str rows[] = {
		{ "Z", 1 },          /* six bits are no byte */
		{ "Zg=", 3 },        /* half of the padding */
		{ "Zg===", 5 },      /* too much of it */
		{ "Zm9v=", 5 },      /* needs none */
		{ "=", 1 },          /* nothing else */
		{ "Zh==", 4 },       /* bits left over: a second spelling of "f" */
		{ "Zm9", 3 },        /* the same, unpadded */
		{ "Zm 9v", 5 },      /* blank */
		{ "Zm9v\n", 5 },     /* line end */
		{ "-__-", 4 },       /* the URL alphabet */
		{ "Zg==Zg==", 8 },   /* padding inside */
		{ "Zm9v\0Zm9v", 9 }, /* NUL */
		{ "Zm9\xc3", 4 },
		{ NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str bytes = STR("untouched");

		ck_assert_msg(!rh_unbase64(rows[i], arena, &bytes), "row %zu", i);
		ck_assert(str_is(bytes, "untouched"));
	}
}
END_TEST

/* Every byte, in every place of a quantum: the library below once took bytes above 127. */
START_TEST(test_base64_digits_are_sixty_four)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int byte = 0; byte < 256; byte++) {
		for (int place = 0; place < 3; place++) {
			char text[] = "AAAAAAAA";
			struct str bytes;

			text[place] = (char)byte;
			ck_assert_msg(rh_unbase64((struct str){ text, 8 }, arena, &bytes) ==
			                      (byte != 0 && strchr(digits, byte) != NULL),
			        "byte %d", byte);
		}
	}
}
END_TEST

START_TEST(test_base64_of_every_length_comes_back)
{
	char bytes[200];

	for (size_t len = 0; len < sizeof(bytes); len++) {
		struct str back, text;

		rh_random(bytes, len);
		text = rh_base64((struct str){ bytes, len }, arena);
		ck_assert_uint_eq(strlen(text.p), text.len);
		ck_assert(rh_unbase64(text, arena, &back));
		ck_assert(str_eq(back, (struct str){ bytes, len }));
	}
}
END_TEST

START_TEST(test_hash_is_stable_within_the_process)
{
	char text[] = "DE*ABC";

	ck_assert_uint_eq(rh_hash64(STR("DE*ABC")), rh_hash64(str_of(text)));
	ck_assert_uint_ne(rh_hash64(STR("DE*ABC")), rh_hash64(STR("DE*ABD")));
	ck_assert_uint_eq(rh_hash64((struct str){ 0 }), rh_hash64(STR("")));
}
END_TEST

static const char *
in_dir(const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name).p;
}

/* Those of the reference implementation, as databases move and outlive processors. */
START_TEST(test_sum_is_xxh64_of_any_length)
{
	static const struct {
		size_t len;
		uint64_t sum;
	} rows[] = {
		{ 0, UINT64_C(0xef46db3751d8e999) },
		{ 1, UINT64_C(0x1f25c8d0bc1f4bb6) },
		{ 3, UINT64_C(0x31d2363f52e564c9) },
		{ 4, UINT64_C(0x9bb64b7d66ee9fda) },
		{ 7, UINT64_C(0x9a7b149959ce60d8) },
		{ 8, UINT64_C(0xdab99d95c6f90092) },
		{ 11, UINT64_C(0x7a52cc9457cf1a1f) },
		{ 31, UINT64_C(0xa2aa5f33cc4a6119) },
		{ 32, UINT64_C(0x23c3c17ef790fd97) },
		{ 33, UINT64_C(0x50a7cfc7ba588784) },
		{ 63, UINT64_C(0xf1438f15b9ed16e9) },
		{ 64, UINT64_C(0x2cd990a1beed6894) },
		{ 100, UINT64_C(0x778e26df8290f456) },
		{ 3456, UINT64_C(0x1a5dd88deafcf93d) },
	};
	char text[3456];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)((i * 7 + 3) % 251);
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_uint_eq(rh_sum64((struct str){ text, rows[i].len }), rows[i].sum);
	ck_assert_uint_eq(rh_sum64((struct str){ 0 }), rows[0].sum);
}
END_TEST

/* fault of a disk: one bit, wherever it is. */
START_TEST(test_sum_feels_every_bit)
{
	char text[100] = { 0 };
	uint64_t sum = rh_sum64((struct str){ text, sizeof text });

	for (size_t bit = 0; bit < 8 * sizeof text; bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		ck_assert_uint_ne(rh_sum64((struct str){ text, sizeof text }), sum);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}
END_TEST

START_TEST(test_key_file_is_made_once_with_mode_0600_and_read_again)
{
	const char *path = in_dir("key");
	uint8_t made[32] = { 0 }, again[32] = { 0 }, zero[32] = { 0 };
	struct fault fault;
	struct stat info;

	ck_assert_int_eq(rh_key_file(path, made, sizeof(made), &fault), RH_OK);
	ck_assert_mem_ne(made, zero, sizeof(made));
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_int_eq(info.st_mode & 07777, 0600);
	ck_assert_int_eq((int)info.st_size, 32);
	ck_assert_int_eq(rh_key_file(path, again, sizeof(again), &fault), RH_OK);
	ck_assert_mem_eq(made, again, sizeof(made));
	unlink(path);
}
END_TEST

START_TEST(test_key_file_of_another_size_is_refused_and_left_alone)
{
	static const int sizes[] = { 0, 31, 33 };
	const char *path = in_dir("key");
	uint8_t key[32];
	struct fault fault;
	struct stat info;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		FILE *file = fopen(path, "w");

		fprintf(file, "%*s", sizes[i], "");
		fclose(file);
		ck_assert_int_eq(rh_key_file(path, key, sizeof(key), &fault), RH_SYSTEM);
		ck_assert_str_eq(fault.field, path);
		ck_assert_ptr_nonnull(strstr(fault.why, "expected a file of 32"));
		ck_assert_int_eq(stat(path, &info), 0);
		ck_assert_int_eq((int)info.st_size, sizes[i]);
	}
	unlink(path);
}
END_TEST

START_TEST(test_key_file_that_others_may_use_is_refused) /* fault S2 */
{
	static const mode_t modes[] = { 0644, 0640, 0620, 0604, 0601 };
	const char *path = in_dir("key");
	uint8_t key[32];
	struct fault fault;

	ck_assert_int_eq(rh_key_file(path, key, sizeof(key), &fault), RH_OK);
	for (size_t i = 0; i < COUNT(modes); i++) {
		ck_assert_int_eq(chmod(path, modes[i]), 0);
		ck_assert_int_eq(rh_key_file(path, key, sizeof(key), &fault), RH_SYSTEM);
		ck_assert_ptr_nonnull(strstr(fault.why, "chmod 600"));
	}
	ck_assert_int_eq(chmod(path, 0400), 0);
	ck_assert_int_eq(rh_key_file(path, key, sizeof(key), &fault), RH_OK);
	unlink(path);
}
END_TEST

START_TEST(test_key_file_in_no_directory_or_being_one_is_a_fault)
{
	uint8_t key[32];
	struct fault fault;

	ck_assert_int_eq(rh_key_file(in_dir("missing/key"), key, sizeof(key), &fault), RH_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fault.why, "No such file or directory"));
	ck_assert_int_eq(rh_key_file(dir, key, sizeof(key), &fault), RH_SYSTEM);
	ck_assert_str_eq(fault.field, dir);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("crypt");
	TCase *tcase = tcase_create("crypt");
	int status;

	if (mkdtemp(dir) == NULL)
		return EXIT_FAILURE;
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_a_passphrase_makes_the_same_key_again_and_no_other);
	tcase_add_test(tcase, test_work_beyond_reason_is_refused);
	tcase_add_test(tcase, test_uuid_is_version_4_lower_case_and_new_each_time);
	tcase_add_test(tcase, test_random_text_uses_its_whole_alphabet_and_no_more);
	tcase_add_test(tcase, test_digest_is_keyed_blake2b);
	tcase_add_test(tcase, test_digest_depends_on_key_and_every_byte);
	tcase_add_test(tcase, test_sealed_text_opens_with_its_key_alone);
	tcase_add_test(tcase, test_changed_or_cut_seals_do_not_open);
	tcase_add_test(tcase, test_base64_both_ways);
	tcase_add_test(tcase, test_base64_refuses_everything_else);
	tcase_add_test(tcase, test_base64_digits_are_sixty_four);
	tcase_add_test(tcase, test_base64_of_every_length_comes_back);
	tcase_add_test(tcase, test_hash_is_stable_within_the_process);
	tcase_add_test(tcase, test_sum_is_xxh64_of_any_length);
	tcase_add_test(tcase, test_sum_feels_every_bit);
	tcase_add_test(tcase, test_key_file_is_made_once_with_mode_0600_and_read_again);
	tcase_add_test(tcase, test_key_file_of_another_size_is_refused_and_left_alone);
	tcase_add_test(tcase, test_key_file_that_others_may_use_is_refused);
	tcase_add_test(tcase, test_key_file_in_no_directory_or_being_one_is_a_fault);
	status = suite_run(suite, CK_NOFORK);
	rmdir(dir);
	return status;
}
