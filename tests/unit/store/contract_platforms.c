/* contract_platforms: platforms and all that hangs on them. */
#include "contract.h"

static const struct store_party two_parties[] = {
	{ "DE", "ABC", 1, STATE_CONNECTED, 1000, { "{\"name\":\"ABC GmbH\"}", 19 } },
	{ "de", "abc", 2, STATE_PLANNED, 1001, { NULL, 0 } },
};
static const struct store_endpoint two_endpoints[] = {
	{ { "locations", 9 }, 1, { "https://abc.example/2.2.1/locations", 35 } },
	{ { "tokens", 6 }, 2, { "https://abc.example/2.2.1/tokens", 32 } },
};
static const struct store_token two_tokens[] = {
	{ TOKEN_CURRENT, { 1, 2, 0, 3 }, 0, 77 },
	{ TOKEN_PREVIOUS, { 9, 9, 9, 9 }, 5000, 66 },
};

static struct store_platform
a_platform(void)
{
	return (struct store_platform){
		.name = STR("ABC \xc3\xa4"),
		.state = STATE_CONNECTED,
		.version = STR("2.2.1"),
		.versions_url = STR("https://abc.example/versions"),
		.token_sealed = { "\0\1\2\xff", 4 },
		.settings = STR("{}"),
		.told = STR("a digest"),
		.created_ms = 11,
		.updated_ms = 22,
		.last_contact_ms = 33,
		.parties = two_parties,
		.party_count = COUNT(two_parties),
		.endpoints = two_endpoints,
		.endpoint_count = COUNT(two_endpoints),
		.tokens = two_tokens,
		.token_count = COUNT(two_tokens),
		.claims_bound = true,
	};
}

static enum rh_err
save(struct rig *rig, struct store_platform *platform)
{
	struct store_op op = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = platform };

	return rig_do(rig, &op);
}

static const struct store_platform *
load(struct rig *rig, size_t count)
{
	struct store_op op = { .verb = STORE_PLATFORMS_LOAD };

	ck_assert_int_eq(rig_do(rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.load.count, count);
	return op.u.load.platforms;
}

static void
assert_same_platform(const struct store_platform *a, const struct store_platform *b)
{
	ck_assert_int_eq(a->id, b->id);
	ck_assert_str(a->name, b->name);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_int_eq(a->removed, b->removed);
	ck_assert_str(a->version, b->version);
	ck_assert_str(a->versions_url, b->versions_url);
	ck_assert_str(a->token_sealed, b->token_sealed);
	ck_assert_str(a->settings, b->settings);
	ck_assert_str(a->told, b->told);
	ck_assert_int_eq(a->created_ms, b->created_ms);
	ck_assert_int_eq(a->updated_ms, b->updated_ms);
	ck_assert_int_eq(a->last_contact_ms, b->last_contact_ms);
	ck_assert_int_eq(a->claims_bound, b->claims_bound);
}

static void
assert_same_children(const struct store_platform *a, const struct store_platform *b)
{
	ck_assert_uint_eq(a->party_count, b->party_count);
	ck_assert_uint_eq(a->endpoint_count, b->endpoint_count);
	ck_assert_uint_eq(a->token_count, b->token_count);
	for (size_t i = 0; i < a->party_count; i++) {
		ck_assert_str_eq(a->parties[i].country, b->parties[i].country);
		ck_assert_str_eq(a->parties[i].party, b->parties[i].party);
		ck_assert_int_eq(a->parties[i].role, b->parties[i].role);
		ck_assert_int_eq(a->parties[i].state, b->parties[i].state);
		ck_assert_int_eq(a->parties[i].last_updated_ms, b->parties[i].last_updated_ms);
		ck_assert_str(a->parties[i].business, b->parties[i].business);
	}
	for (size_t i = 0; i < a->endpoint_count; i++) {
		ck_assert_str(a->endpoints[i].module, b->endpoints[i].module);
		ck_assert_int_eq(a->endpoints[i].interface, b->endpoints[i].interface);
		ck_assert_str(a->endpoints[i].url, b->endpoints[i].url);
	}
	for (size_t i = 0; i < a->token_count; i++) {
		ck_assert_int_eq(a->tokens[i].kind, b->tokens[i].kind);
		ck_assert_mem_eq(a->tokens[i].digest, b->tokens[i].digest, RH_DIGEST_BYTES);
		ck_assert_int_eq(a->tokens[i].expires_ms, b->tokens[i].expires_ms);
		ck_assert_int_eq(a->tokens[i].made_ms, b->tokens[i].made_ms);
	}
}

START_TEST(test_a_platform_is_loaded_as_it_was_saved)
{
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	ck_assert_int_gt(platform.id, 0);
	loaded = load(&rig, 1);
	assert_same_platform(loaded, &platform);
	assert_same_children(loaded, &platform);
	rig_end(&rig);
}
END_TEST

START_TEST(test_saving_again_replaces_the_platform_with_all_that_hangs_on_it)
{
	struct store_platform platform = a_platform(), other = a_platform();
	struct store_token token = { TOKEN_A, { 7 }, 0 };
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	other.token_count = 0;
	ck_assert_int_eq(save(&rig, &other), RH_OK);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	ck_assert_int_ne(platform.id, other.id);
	platform.name = (struct str){ 0 };
	platform.removed = true;
	platform.state = STATE_SUSPENDED;
	platform.party_count = 1;
	platform.endpoint_count = 0;
	platform.tokens = &token;
	platform.token_count = 1;
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	loaded = load(&rig, 2);
	assert_same_platform(&loaded[0], &other);
	assert_same_children(&loaded[0], &other);
	assert_same_platform(&loaded[1], &platform);
	assert_same_children(&loaded[1], &platform);
	rig_end(&rig);
}
END_TEST

START_TEST(test_many_platforms_keep_their_own_parties_endpoints_and_tokens)
{
	struct store_platform saved[40];
	struct store_token tokens[40][2] = { 0 };
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(saved); i++) {
		saved[i] = a_platform();
		tokens[i][0].digest[0] = (uint8_t)(2 * i);
		tokens[i][1].digest[0] = (uint8_t)(2 * i + 1);
		saved[i].tokens = tokens[i];
		saved[i].party_count = i % 3;
		saved[i].endpoint_count = (i + 1) % 3;
		saved[i].token_count = (i + 2) % 3;
		ck_assert_int_eq(save(&rig, &saved[i]), RH_OK);
	}
	loaded = load(&rig, COUNT(saved));
	for (size_t i = 0; i < COUNT(saved); i++) {
		assert_same_platform(&loaded[i], &saved[i]);
		assert_same_children(&loaded[i], &saved[i]);
	}
	rig_end(&rig);
}
END_TEST

START_TEST(test_empty_text_and_absent_text_stay_apart)
{
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	platform.name = STR("");
	platform.token_sealed = STR("");
	platform.version = (struct str){ 0 };
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	loaded = load(&rig, 1);
	ck_assert_ptr_nonnull(loaded->name.p);
	ck_assert_ptr_nonnull(loaded->token_sealed.p);
	ck_assert_ptr_null(loaded->version.p);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_token_of_another_platform_is_refused_and_changes_nothing)
{
	struct store_platform first = a_platform(), second = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(save(&rig, &first), RH_OK);
	ck_assert_int_eq(save(&rig, &second), RH_STORE_FAILED);
	ck_assert_int_eq(second.id, 0);
	load(&rig, 1);
	second.token_count = 0;
	ck_assert_int_eq(save(&rig, &second), RH_OK);
	second.token_count = 1;
	second.name = STR("changed");
	ck_assert_int_eq(save(&rig, &second), RH_STORE_FAILED);
	loaded = load(&rig, 2);
	ck_assert_str(loaded[1].name, a_platform().name);
	ck_assert_uint_eq(loaded[1].party_count, 2);
	ck_assert_int_eq(save(&rig, &first), RH_OK); /* its own tokens are no obstacle */
	rig_end(&rig);
}
END_TEST

START_TEST(test_an_unknown_platform_is_neither_saved_nor_touched)
{
	struct store_op touch = { .verb = STORE_PLATFORM_TOUCH, .u.touch = { 4711, 1 } };
	struct store_platform platform = a_platform();
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	platform.id = 4711;
	ck_assert_int_eq(save(&rig, &platform), RH_NOT_FOUND);
	ck_assert_int_eq(rig_do(&rig, &touch), RH_NOT_FOUND);
	load(&rig, 0);
	rig_end(&rig);
}
END_TEST

START_TEST(test_a_touch_changes_the_last_contact_alone)
{
	struct store_op touch = { .verb = STORE_PLATFORM_TOUCH };
	struct store_platform platform = a_platform();
	const struct store_platform *loaded;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(save(&rig, &platform), RH_OK);
	touch.u.touch.platform = platform.id;
	touch.u.touch.at_ms = 1700000000123;
	ck_assert_int_eq(rig_do(&rig, &touch), RH_OK);
	platform.last_contact_ms = 1700000000123;
	loaded = load(&rig, 1);
	assert_same_platform(loaded, &platform);
	assert_same_children(loaded, &platform);
	rig_end(&rig);
}
END_TEST

static enum rh_err
import(struct rig *rig, struct store_platform *platforms, size_t count,
        struct store_agreement *agreement)
{
	struct store_op op = { .verb = STORE_IMPORT,
		.u.import = { platforms, count, agreement, 1, STR("k"), STR("v") } };

	return rig_do(rig, &op);
}

START_TEST(test_an_import_makes_all_or_nothing_with_the_ids_that_it_has)
{
	struct store_platform two[] = { a_platform(), a_platform() }, next = a_platform();
	struct store_agreement agreement = {
		.cpo_country = "DE", .cpo_party = "ABC", .emsp_country = "NL", .emsp_party = "MSP"
	};
	struct store_op agreements = { .verb = STORE_AGREEMENTS_LOAD },
	                meta = { .verb = STORE_META_GET, .u.meta.key = STR("k") };
	const struct store_platform *got;
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	two[0].id = 7;
	two[1].id = 9;
	ck_assert_int_eq(import(&rig, two, 2, &agreement), RH_STORE_FAILED); /* one token twice */
	(void)load(&rig, 0);
	ck_assert_int_eq(rig_do(&rig, &meta), RH_NOT_FOUND);
	two[1].token_count = 0;
	ck_assert_int_eq(import(&rig, two, 2, &agreement), RH_OK);
	got = load(&rig, 2);
	ck_assert_int_eq(got[0].id, 7);
	ck_assert_int_eq(got[1].id, 9);
	assert_same_platform(&got[0], &two[0]);
	ck_assert_int_gt(agreement.id, 0);
	ck_assert_int_eq(rig_do(&rig, &agreements), RH_OK);
	ck_assert_uint_eq(agreements.u.agreements.count, 1);
	ck_assert_int_eq(rig_do(&rig, &meta), RH_OK);
	two[0].settings = STR("{\"a\":\"b\"}");
	ck_assert_int_eq(import(&rig, two, 1, &agreement), RH_OK);
	got = load(&rig, 2);
	assert_same_platform(&got[0], &two[0]);
	next.token_count = 0;
	ck_assert_int_eq(save(&rig, &next), RH_OK);
	ck_assert_int_eq(next.id, 10);
	rig_end(&rig);
}
END_TEST

void
contract_platforms(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_a_platform_is_loaded_as_it_was_saved, contract_first, contract_end);
	tcase_add_loop_test(tests, test_an_import_makes_all_or_nothing_with_the_ids_that_it_has,
	        contract_first, contract_end);
	tcase_add_loop_test(tests,
	        test_saving_again_replaces_the_platform_with_all_that_hangs_on_it, contract_first,
	        contract_end);
	tcase_add_loop_test(tests, test_many_platforms_keep_their_own_parties_endpoints_and_tokens,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_empty_text_and_absent_text_stay_apart, contract_first, contract_end);
	tcase_add_loop_test(tests, test_a_token_of_another_platform_is_refused_and_changes_nothing,
	        contract_first, contract_end);
	tcase_add_loop_test(tests, test_an_unknown_platform_is_neither_saved_nor_touched,
	        contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_a_touch_changes_the_last_contact_alone, contract_first, contract_end);
}
