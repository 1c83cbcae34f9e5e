/* test_damage: bytes that the disk changed, in any column that decides what is served. Fault C5. */
#include "share.h"

#include "../suite.h"
#include "sqlite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
begin(struct rig *rig)
{
	struct share share = { .body = "{\"id\":\"L2\",\"name\":\"two\"}", .last_updated_ns = 1 };
	struct store_op op = share_op("* locations DE*ABC L2", &share);

	rig_begin(rig, "sqlite:");
	share_put(rig, "* locations DE*ABC L1", "one", 1);
	share_put(rig, "* locations DE*ABC L2", "two", 1);
	op.u.share.method = STR("PATCH");
	op.u.share.suffix = STR("DE/ABC/L2/evse-of-the-suffix");
	op.u.share.patch = STR("{\"name\":\"patched\"}");
	op.u.share.at_ms = 2000;
	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	ck_assert_int_eq(rig_put(rig, "relinked", 5000), RH_OK);
}

/* ---- column by column ---- */

static const char *const object_columns[] = {
	"live = 0",
	"body = NULL",
	"body = '{\"id\":\"L2\",\"name\":\"twO\"}'",
	"last_updated_ns = 2",
	"change = change + 1",
	"previous = 0",
	"previous = previous + 1",
	"method = 'PUT'",
	"method = NULL",
	"suffix = 'DE/ABC/L2/evse-of-the-suffiX'",
	"suffix = NULL",
	"patch = '{\"name\":\"patcheD\"}'",
	"patch = NULL",
	"sender_platform = 8",
	"correlation_id = 'corR'",
	"at_ms = 2001",
	"accepted = 1",
	"digest = NULL",
	"digest = zeroblob(32)",
};

/* fault C5 */
START_TEST(test_an_object_is_not_served_when_any_column_was_changed)
{
	struct store_page_args page = { .module = STR("locations"), .limit = 9 };
	char sql[160];
	struct rig rig;

	snprintf(sql, sizeof(sql), "UPDATE object SET %s WHERE id = 'L2'", object_columns[_i]);
	begin(&rig);
	rig_tamper(&rig, sql);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L2", NULL), RH_STORE_FAILED);
	ck_assert_uint_eq(rig_damaged(&rig), 1);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "L1:one");
	ck_assert_uint_eq(rig_damaged(&rig), 2);
	ck_assert_str_eq(share_page(&rig, &page), "L1");
	share_put(&rig, "* locations DE*ABC L2", "mended", 1);
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L2", NULL), RH_OK);
	ck_assert_str_eq(share_page(&rig, &page), "L1 L2");
	ck_assert_uint_eq(page.total, 2);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	rig_end(&rig);
}
END_TEST

/* What was written before migration 0013 has a digest of 32 bytes. */
START_TEST(test_a_digest_of_before_is_believed_until_a_column_changes)
{
	char sql[160];
	struct rig rig;

	begin(&rig);
	rig_tamper(&rig, "UPDATE object SET digest = "
	                 "x'383348b996a8cde7818061a9a944ccd18e5cfacfa3d20ca799106e59c85a9b7a' "
	                 "WHERE id = 'L2'");
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L2", NULL), RH_OK);
	snprintf(sql, sizeof(sql), "UPDATE object SET %s WHERE id = 'L2'", object_columns[_i]);
	rig_tamper(&rig, sql);
	share_damaged(&rig, "* locations DE*ABC L2");
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_long_body_of_before_is_believed_until_it_changes)
{
	char body[71] = { 0 };
	struct rig rig;

	begin(&rig);
	memset(body, 'x', sizeof(body) - 1);
	share_put(&rig, "* locations DE*ABC L3", body, 1);
	rig_tamper(&rig, "UPDATE object SET digest = "
	                 "x'fc53ef621d84793078d4d938bdaed8ef12e8440f0524124a6e9553d6bd723e25' "
	                 "WHERE id = 'L3'");
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L3", NULL), RH_OK);
	rig_tamper(&rig, "UPDATE object SET body = replace(body, 'xx', 'xX') WHERE id = 'L3'");
	share_damaged(&rig, "* locations DE*ABC L3");
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_key_that_was_changed_is_served_under_no_name)
{
	static const char *const columns[] = { "id = 'L3'", "owner = 'DE*ABD'", "type = 'RFID'",
		"scope = 'NL*MSP@7'", "module = 'tariffs'" };
	static const char *const keys[] = { "* locations DE*ABC L3", "* locations DE*ABD L2",
		"* locations DE*ABC L2 RFID", "NL*MSP@7 locations DE*ABC L2",
		"* tariffs DE*ABC L2" };
	char sql[160];
	struct rig rig;

	for (size_t i = 0; i < COUNT(columns); i++) {
		snprintf(sql, sizeof(sql), "UPDATE object SET %s WHERE id = 'L2'", columns[i]);
		begin(&rig);
		rig_tamper(&rig, sql);
		rh_log_setup((enum rh_level) - 1, LOG_TEXT);
		ck_assert_int_eq(share_get(&rig, keys[i], NULL), RH_STORE_FAILED);
		ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "L1:one");
		rh_log_setup(LOG_ERROR, LOG_TEXT);
		rig_end(&rig);
	}
}
END_TEST

static const char *const relink_columns[] = {
	"kind = 0",
	"target = 'https://party.example/ocpi/2.2.1/locations?offset=51'",
	"caller_platform = 3",
	"target_platform = 3",
	"caller_country = 'DF'",
	"caller_party = 'ABD'",
	"target_country = 'NM'",
	"target_party = 'XYY'",
	"module = 'tariffs'",
	"module = NULL",
	"interface = 0",
	"correlation_id = 'x'",
	"created_ms = 2",
	"expires_ms = 5001",
	"expires_ms = 0",
	"digest = NULL",
};

START_TEST(test_a_relink_leads_nowhere_when_any_column_was_changed)
{
	char sql[160];
	struct rig rig;

	snprintf(sql, sizeof(sql), "UPDATE relink SET %s", relink_columns[_i]);
	begin(&rig);
	rig_tamper(&rig, sql);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_get(&rig, "relinked", 100, NULL), RH_NOT_FOUND);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(rig_damaged(&rig), 1);
	rig_end(&rig);
}
END_TEST

/* ---- bit by bit, in the file ---- */

static size_t
read_file(const char *path, uint8_t **out)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &st), 0);
	*out = malloc((size_t)st.st_size);
	ck_assert_uint_eq(fread(*out, 1, (size_t)st.st_size, file), (size_t)st.st_size);
	fclose(file);
	return (size_t)st.st_size;
}

static void
flip(const char *path, size_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= 1;
	ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

/* Flips the lowest bit of the last byte of @text wherever it stands in the file. */
static void
flip_text(struct rig *rig, const char *text)
{
	size_t len = strlen(text), size, flips = 0;
	uint8_t *bytes;

	rig_close(rig);
	size = read_file(rig_file(rig), &bytes);
	for (size_t i = 0; i + len <= size; i++)
		if (memcmp(bytes + i, text, len) == 0) {
			flip(rig_file(rig), i + len - 1);
			flips++;
		}
	free(bytes);
	ck_assert_uint_gt(flips, 0);
	rig_open(rig);
}

START_TEST(test_a_flipped_bit_in_patch_or_suffix_keeps_the_object_back)
{
	static const char *const texts[] = { "patched", "evse-of-the-suffix" };
	struct rig rig;

	begin(&rig);
	flip_text(&rig, texts[_i]);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L2", NULL), RH_STORE_FAILED);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "L1:one");
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(rig_damaged(&rig), 2);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_flipped_bit_in_a_target_sends_nobody_elsewhere)
{
	struct rig rig;

	begin(&rig);
	flip_text(&rig, "https://party.example/ocpi/2.2.1/locations?offset=50");
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(rig_get(&rig, "relinked", 100, NULL), RH_NOT_FOUND);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(rig_damaged(&rig), 1);
	rig_end(&rig);
}
END_TEST

/* The record of L2: its header has a byte a column while the texts are short; 9 is the number one,
 * 8 is zero, and both take no room behind the header. Column 0 is the rowid. */
static size_t
find_live(const uint8_t *bytes, size_t size)
{
	static const char key[] = "*locationsDE*ABCL2";
	size_t found = 0;

	for (size_t i = 40; i + sizeof(key) <= size; i++) {
		if (memcmp(bytes + i, key, sizeof(key) - 1) != 0)
			continue;
		for (size_t header = 12; header < 40; header++)
			if (bytes[i - header] == header && bytes[i - header + 1] == 0 &&
			        bytes[i - header + 7] == 9)
				found = i - header + 7;
	}
	return found;
}

/* An index that contradicts its row cannot be mended by a PUT; what is written beside it must not
 * suffer. */
static void
put_together(struct rig *rig)
{
	struct share shares[3] = { { .body = "a" }, { .body = "b" }, { .body = "c" } };
	struct rig_op ops[3] = { { .op = share_op("* locations DE*ABC L1", &shares[0]) },
		{ .op = share_op("* locations DE*ABC L2", &shares[1]) },
		{ .op = share_op("* locations DE*ABC L3", &shares[2]) } };

	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	for (size_t i = 0; i < COUNT(ops); i++)
		rig_submit(rig, &ops[i]);
	for (size_t i = 0; i < COUNT(ops); i++) {
		rig_wait(rig, &ops[i]);
		ck_assert_int_eq(ops[i].op.err, i == 1 ? RH_STORE_FAILED : RH_OK);
	}
	ck_assert_str_eq(share_feed(rig, 0, 9, NULL), "L1:a L3:c");
	rh_log_setup(LOG_ERROR, LOG_TEXT);
}

START_TEST(test_a_flipped_live_flag_does_not_hide_an_object_unseen)
{
	struct store_page_args page = { .module = STR("locations"), .limit = 9 };
	uint8_t *bytes;
	size_t size, at;
	struct rig rig;

	begin(&rig);
	rig_close(&rig);
	size = read_file(rig_file(&rig), &bytes);
	at = find_live(bytes, size);
	free(bytes);
	ck_assert_uint_gt(at, 0);
	flip(rig_file(&rig), at);
	rig_open(&rig);
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(share_get(&rig, "* locations DE*ABC L2", NULL), RH_STORE_FAILED);
	ck_assert_str_eq(share_feed(&rig, 0, 9, NULL), "L1:one");
	ck_assert_str_eq(share_page(&rig, &page), "L1");
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	ck_assert_uint_eq(rig_damaged(&rig), 3);
	put_together(&rig);
	rig_end(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store damage");
	TCase *tests = tcase_create("in a file");

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, test_an_object_is_not_served_when_any_column_was_changed, 0,
	        COUNT(object_columns));
	tcase_add_loop_test(tests, test_a_digest_of_before_is_believed_until_a_column_changes, 0,
	        COUNT(object_columns));
	tcase_add_test(tests, test_a_long_body_of_before_is_believed_until_it_changes);
	tcase_add_test(tests, test_a_key_that_was_changed_is_served_under_no_name);
	tcase_add_loop_test(tests, test_a_relink_leads_nowhere_when_any_column_was_changed, 0,
	        COUNT(relink_columns));
	tcase_add_loop_test(
	        tests, test_a_flipped_bit_in_patch_or_suffix_keeps_the_object_back, 0, 2);
	tcase_add_test(tests, test_a_flipped_bit_in_a_target_sends_nobody_elsewhere);
	tcase_add_test(tests, test_a_flipped_live_flag_does_not_hide_an_object_unseen);
	suite_add_tcase(suite, tests);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	return suite_run(suite, CK_NOFORK);
}
