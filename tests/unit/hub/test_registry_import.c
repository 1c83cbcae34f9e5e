/* test_registry_import: documents of registrations: what is wrong in one is told by its place, and
 * what the store refuses leaves nothing behind. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "../../../src/hub/parties/import.h"
#include "registry_rig.h"

static json_t *report;

static void
on_import(void *ctx, enum rh_err err, const struct fault *fault, const json_t *told)
{
	tree_drop(&report);
	report = told != NULL ? json_deep_copy(told) : NULL;
	on_done(ctx, err, fault, 0, (struct str){ 0 });
}

static enum rh_err
import(const json_t *document, bool dry_run)
{
	const struct transfer_import wanted = { .document = document, .dry_run = dry_run };

	begin();
	transfer_import(hub, &wanted, on_import, NULL);
	return await();
}

static json_t *export(void)
{
	return transfer_export(hub, &(struct transfer_seal){ 0 }, tree_object());
}

/* As a hub would have sealed it. */
static void
seal_again(json_t *document)
{
	json_t *seal = json_object_get(document, "seal");
	struct str sealed, keys;
	char mac[EXPORT_MAC_BYTES];

	ck_assert(rh_unbase64(tree_get_str(seal, "keys"), arena, &sealed));
	ck_assert(rh_unseal(hub->seal_key, sealed, arena, &keys));
	export_mac(document, (const uint8_t *)keys.p, mac);
	tree_set_text(seal, "mac", mac);
}

/** Put @value at @path, "platforms/0/name". */
static void
put(json_t *tree, const char *path, const char *value)
{
	struct str left = str_of(path), part;
	uint64_t at;

	for (part = str_cut(&left, '/'); left.p != NULL; part = str_cut(&left, '/'))
		tree = str_to_u64(part, 1000, &at) ? json_array_get(tree, at)
		                                   : json_object_get(tree, arena_cstr(arena, part));
	tree_set(tree, arena_cstr(arena, part), tree_read(str_of(value), NULL));
}

static const struct {
	const char *path, *value, *field;
} faults[] = {
	{ "format", "\"other\"", "format" },
	{ "version", "2", "version" },
	{ "version", "\"1\"", "version" },
	{ "platforms", "{}", "platforms" },
	{ "platforms", "[null]", "platforms[0].id" },
	{ "platforms/0/id", "0", "platforms[0].id" },
	{ "platforms/0/id", "99999999999", "platforms[0].id" },
	{ "platforms/0/name", "7", "platforms[0].name" },
	{ "platforms/0/status", "\"OFFLINE\"", "platforms[0].status" },
	{ "platforms/0/status", "\"\"", "platforms[0].status" },
	{ "platforms/0/created", "\"today\"", "platforms[0].created" },
	{ "platforms/0/versions_url", "\"nowhere\"", "platforms[0].versions_url" },
	{ "platforms/0/settings", "[]", "platforms[0].settings" },
	{ "platforms/0/settings", "{\"validation\":\"sloppy\"}", "platforms[0].settings" },
	{ "platforms/0/settings", "{\"nothing\":\"x\"}", "platforms[0].settings" },
	{ "platforms/0/settings", "{\"validation\":1}", "platforms[0].settings" },
	{ "platforms/0/sends", "null", "platforms[0].sends" },
	{ "platforms/0/sends", "\"AAAA\"", "platforms[0].sends" },
	{ "platforms/0/sends", "\"%\"", "platforms[0].sends" },
	{ "platforms/0/parties", "null", "platforms[0].parties" },
	{ "platforms/0/parties/1/party_id", "\"LONG\"", "platforms[0].parties[1].party_id" },
	{ "platforms/0/parties/1/role", "\"BOSS\"", "platforms[0].parties[1].role" },
	{ "platforms/0/parties/1/business_details", "7",
	        "platforms[0].parties[1].business_details" },
	{ "platforms/0/endpoints", "[{}]", "platforms[0].endpoints[0].interface" },
	{ "platforms/0/endpoints", "[{\"interface\":\"SENDER\"}]",
	        "platforms[0].endpoints[0].module" },
	{ "platforms/0/endpoints", "[{\"interface\":\"SENDER\",\"module\":\"cdrs\"}]",
	        "platforms[0].endpoints[0].url" },
	{ "platforms/0/accepts/0/kind", "\"best\"", "platforms[0].accepts[0].kind" },
	{ "platforms/0/accepts/0/digest", "\"AAAA\"", "platforms[0].accepts[0].digest" },
	{ "agreements", "[{}]", "agreements[0].cpo" },
	{ "agreements", "[{\"cpo\":\"DE*ONE\",\"emsp\":\"x\"}]", "agreements[0].emsp" },
	{ "agreements", "[{\"cpo\":\"DE*ONE\",\"emsp\":\"NL*MSP\",\"modules\":\"all\"}]",
	        "agreements[0].modules" },
};

START_TEST(test_a_fault_is_told_by_its_place)
{
	struct str token;

	(void)connected("DE*ONE DE*TWO", &token);
	for (size_t i = 0; i < COUNT(faults); i++) {
		json_t *document = export();

		put(document, faults[i].path, faults[i].value);
		seal_again(document);
		ck_assert_msg(import(document, false) == RH_BAD_FIELD, "%s", faults[i].path);
		ck_assert_str_eq(result.fault.field, faults[i].field);
		ck_assert_ptr_null(report);
		tree_drop(&document);
	}
}
END_TEST

START_TEST(test_what_was_changed_without_the_key_is_refused)
{
	static const struct {
		const char *path, *value, *field;
	} rows[] = {
		{ "platforms/0/name", "\"Other\"", "seal.mac" },
		{ "settings", "{\"a\":\"b\"}", "seal.mac" },
		{ "more", "1", "seal.mac" },
		{ "seal/mac", "null", "seal.mac" },
		{ "seal/mac", "\"\"", "seal.mac" },
		{ "seal/keys", "\"AAAA\"", "seal" },
		{ "seal", "null", "seal" },
		{ "seal/by", "\"passphrase\"", "seal" },
	};
	struct str token;

	(void)connected("DE*ONE", &token);
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *document = export();

		put(document, rows[i].path, rows[i].value);
		ck_assert_int_eq(import(document, false), RH_BAD_FIELD);
		ck_assert_str_eq(result.fault.field, rows[i].field);
		tree_drop(&document);
	}
}
END_TEST

START_TEST(test_it_is_all_or_nothing)
{
	struct str token;
	int64_t platform = connected("DE*ONE DE*TWO", &token);
	json_t *document = export();

	ck_assert_int_eq(import(document, false), RH_OK);
	ck_assert_int_eq(json_integer_value(json_object_get(report, "changes")), 0);
	ck_assert_int_eq(change(registry_remove, platform), RH_OK);
	ck_assert(!token_known(token));

	ck_assert_int_eq(import(document, true), RH_OK);
	ck_assert_int_eq(json_integer_value(json_object_get(report, "changes")), 1);
	ck_assert(!token_known(token));
	refuse_saves = true;
	ck_assert_int_eq(import(document, false), RH_STORE_FAILED);
	refuse_saves = false;
	ck_assert(!token_known(token));
	ck_assert_ptr_null(party_of("DE*ONE", platform + 1));
	ck_assert_int_eq(import(document, false), RH_OK);
	ck_assert(token_known(token));
	ck_assert(speaks("DE*TWO", platform + 1));
	turn_until_idle();
	tree_drop(&document);
	tree_drop(&report);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_a_fault_is_told_by_its_place,
		test_what_was_changed_without_the_key_is_refused, test_it_is_all_or_nothing };

	return rig_run("registry import", tests, COUNT(tests));
}
