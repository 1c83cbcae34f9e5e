/* filled: a store with some of everything that a store can hold, and what is found in it. */
#include "filled.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS  ((int64_t)24 * 3600 * 1000)
#define FOREVER ((int64_t)4000000000000)
/* All that a line of a file has to spell, and what is no UTF-8. */
#define STRANGE "{\"a\":\t\"\\N\\\\\n\",\r\"b\":\"\xc3\xa4\xff\"}"

static struct store_op
must(struct rig *rig, struct store_op op)
{
	ck_assert_msg(rig_do(rig, &op) == RH_OK, "verb %d: %s", op.verb, op.why);
	return op;
}
#define MUST(rig, ...) must(rig, (struct store_op){ __VA_ARGS__ })

/* ---- filling ---- */

static void
fill_platforms(struct rig *rig)
{
	static const struct store_party parties[] = {
		{ "DE", "ABC", 1, STATE_CONNECTED, 1000, { STRANGE, sizeof(STRANGE) - 1 } },
		{ "de", "xyz", 2, STATE_PLANNED, 1001, { NULL, 0 } },
	};
	static const struct store_endpoint endpoints[] = {
		{ { "locations", 9 }, 1, { "https://abc.example/2.2.1/locations", 35 } },
		{ { "tokens", 6 }, 2, { "https://abc.example/2.2.1/tokens", 32 } },
	};
	static const struct store_token tokens[] = {
		{ TOKEN_CURRENT, { 1, 2, 0, 3, 9, 10, '\\' }, 0, 77 },
		{ TOKEN_PREVIOUS, { 9, 9, 9, 9 }, 5000, 66 },
	};
	struct store_platform platform = {
		.name = STR("ABC \xc3\xa4\t"),
		.state = STATE_CONNECTED,
		.version = STR("2.2.1"),
		.versions_url = STR("https://abc.example/versions"),
		.token_sealed = { "\0\1\n\t\\N\xff", 7 },
		.settings = STR("{\"validation\":\"lenient\"}"),
		.told = STR("a digest"),
		.created_ms = 11,
		.updated_ms = 22,
		.last_contact_ms = 33,
		.parties = parties,
		.party_count = COUNT(parties),
		.endpoints = endpoints,
		.endpoint_count = COUNT(endpoints),
		.tokens = tokens,
		.token_count = COUNT(tokens),
		.claims_bound = true,
	};
	struct store_platform bare = { .removed = true, .name = STR(""), .created_ms = -5 };

	MUST(rig, .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform);
	MUST(rig, .verb = STORE_PLATFORM_SAVE, .u.save.platform = &bare);
	MUST(rig, .verb = STORE_META_PUT, .u.meta = { STR("told"), STR("x\ty") });
	MUST(rig, .verb = STORE_META_PUT, .u.meta = { STR("Alpha"), STR("") });
}

/* The last of both went, and its number with it. */
static void
fill_numbered(struct rig *rig)
{
	struct store_agreement agreement = { .cpo_country = "DE",
		.cpo_party = "ABC",
		.emsp_country = "NL",
		.emsp_party = "MSP",
		.modules = STR("locations,tokens"),
		.from_ms = 5 };
	struct store_event event = { .at_ms = 7,
		.type = STR("admin.verb"),
		.platform = 1,
		.who = STR("ada"),
		.address = STR("::1"),
		.what = STR("party suspend"),
		.subject = STR("platform 1"),
		.data = STR(STRANGE) };

	for (int i = 0; i < 2; i++) {
		agreement.id = event.id = 0;
		MUST(rig, .verb = STORE_AGREEMENT_SAVE,
		        .u.agreements = { .agreements = &agreement, .count = 1 });
		MUST(rig, .verb = STORE_EVENT_PUT, .u.event.event = &event);
		agreement.modules = (struct str){ 0 };
	}
	MUST(rig, .verb = STORE_AGREEMENT_DROP, .u.agreements.id = agreement.id);
	MUST(rig, .verb = STORE_EVENT_PUT, .u.event = { .event = &event, .drop = true });
}

static void
pull_one(struct rig *rig, const char *key, const char *body)
{
	struct share share = { .body = body, .last_updated_ns = 3 };
	struct store_op op = share_op(key, &share);

	op.u.share.pulled = true;
	op.u.share.suffix = STR("DE/ABC/L3?a=\\t\t");
	op.u.share.patch = STR(STRANGE);
	op.u.share.correlation_id = (struct str){ 0 };
	must(rig, op);
}

static void
delete_one(struct rig *rig, const char *key, int64_t at_ms)
{
	struct share nothing = { .last_updated_ns = 9 };
	struct store_op op = share_op(key, &nothing);

	op.u.share.at_ms = at_ms;
	must(rig, op);
}

static void
fill_objects(struct rig *rig)
{
	share_put(rig, "* locations DE*ABC L1", STRANGE, 1);
	share_put(rig, "* locations DE*ABC L2", "two", 2);
	share_put(rig, "NL*MSP@7 locations DE*ABC L1", "hides it", 3);
	share_put(rig, "* tariffs DE*ABC T1", "before", 4);
	share_put(rig, "* tariffs DE*ABC T1", "after", 5);
	delete_one(rig, "* locations DE*ABC L2", FOREVER);
	share_put(rig, "NL*MSP@2 cdrs DE*ABC C1", "", 7);
	share_put(rig, "* tokens NL*MSP 012 RFID", "token", 8);
	pull_one(rig, "* locations DE*ABC L3", "pulled");
	share_put(rig, "* locations DE*ABC L9", "gone", 10);
	delete_one(rig, "* locations DE*ABC L9", 1);
	MUST(rig, .verb = STORE_EXPIRE, .u.expire = { .now_ms = 31 * DAY_MS });
	ck_assert_int_eq(share_get(rig, "* locations DE*ABC L9", NULL), RH_NOT_FOUND);
}

static void
fill_owed(struct rig *rig)
{
	struct store_cursor cursors[] = { { STR("platform/1"), 5, STR("7,8") },
		{ STR("platform/2"), 11, { NULL, 0 } } };
	struct store_parked rows[] = { owed_row("platform/2", "NL*MSP", "* locations DE*ABC L1"),
		owed_row("platform/1", "", "* hubclientinfo DE*ABC X"),
		owed_row("platform/1", "NL*MSP", "* tariffs DE*ABC T1") };
	struct store_hint hint = { .kind = STR("profile"),
		.key = STR("NL*MSP/\xff\t1"),
		.country = "DE",
		.party = "ABC",
		.expires_ms = FOREVER };

	rows[1].why = STR(STRANGE);
	rows[2].due_ms = FOREVER;
	MUST(rig, .verb = STORE_CURSORS_SAVE, .u.cursors = { cursors, COUNT(cursors) });
	owed_park(rig, rows, COUNT(rows));
	owed_unpark(rig, rows, 1, true);
	owed_park(rig, rows, 1); /* last in the order of parking now */
	owed_refuse(rig, "platform/1", "NL*MSP", "* locations DE*ABC L3", 9, 40 * DAY_MS);
	MUST(rig, .verb = STORE_HINT_PUT, .u.hint.hint = hint);
	rig_put(rig, "abc-DEF_1", FOREVER);
	rig_put(rig, "Abc", FOREVER);
}

void
fill_store(struct rig *rig)
{
	fill_platforms(rig);
	fill_numbered(rig);
	fill_objects(rig);
	fill_owed(rig);
}

static void
share_at_once(struct rig *rig, const char *format, int step)
{
	static struct share share = { .body = "one of many", .last_updated_ns = 1 };
	struct rig_op *ops = calloc(FILLED_MANY, sizeof(*ops));

	for (int i = 0; i < FILLED_MANY; i += step) {
		struct str key = arena_printf(rig->arena, format, i);

		ops[i].op = share_op(key.p, &share);
		rig_submit(rig, &ops[i]);
	}
	for (int i = 0; i < FILLED_MANY; i += step)
		rig_wait(rig, &ops[i]);
	free(ops);
}

void
fill_many(struct rig *rig)
{
	share_at_once(rig, "* locations DE*MANY L%d", 1);
	share_at_once(rig, "NL*MSP@7 locations DE*MANY L%d", 3);
}

/* ---- what is found ---- */

static void
same_page(struct rig *one, struct rig *other, const struct store_page_args *like)
{
	struct store_page_args args[] = { *like, *like };
	const char *pages[] = { share_page(one, &args[0]), share_page(other, &args[1]) };

	ck_assert_str_eq(pages[0], pages[1]);
	ck_assert_uint_eq(args[0].total, args[1].total);
	ck_assert_int_eq(args[0].last_seq, args[1].last_seq);
}

static void
same_quota(struct rig *one, struct rig *other, int64_t platform)
{
	struct store_op a = MUST(one, .verb = STORE_QUOTA, .u.quota.platform = platform);
	struct store_op b = MUST(other, .verb = STORE_QUOTA, .u.quota.platform = platform);

	ck_assert_int_eq(a.u.quota.has.objects, b.u.quota.has.objects);
	ck_assert_int_eq(a.u.quota.has.relinks, b.u.quota.has.relinks);
}

static void
same_parked(struct rig *one, struct rig *other, const char *receiver)
{
	struct store_parked_args args[] = {
		{ .receiver = str_of(receiver), .now_ms = 2000, .limit = 9 },
		{ .receiver = str_of(receiver), .now_ms = 2000, .limit = 9 }
	};

	ck_assert_str_eq(owed_due(one, &args[0]), owed_due(other, &args[1]));
	ck_assert_uint_eq(args[0].total, args[1].total);
	ck_assert_str_eq(owed_all(one, receiver), owed_all(other, receiver));
	ck_assert_str_eq(owed_refusals(one, receiver), owed_refusals(other, receiver));
}

void
filled_as(struct rig *one, struct rig *other)
{
	static const struct store_page_args pages[] = {
		{ .module = { "locations", 9 }, .limit = 9 },
		{ .module = { "locations", 9 }, .viewer = { "NL*MSP@7", 8 }, .limit = 9 },
		{ .module = { "cdrs", 4 }, .viewer = { "NL*MSP@2", 8 }, .limit = 9 },
		{ .module = { "locations", 9 }, .owner = { "DE*ABC", 6 }, .limit = 1, .offset = 1 },
	};
	struct store_relink relink;
	int64_t heads[2];

	for (size_t i = 0; i < COUNT(pages); i++)
		same_page(one, other, &pages[i]);
	ck_assert_str_eq(share_feed(one, 0, 99, &heads[0]), share_feed(other, 0, 99, &heads[1]));
	ck_assert_int_eq(heads[0], FILLED_CHANGE);
	ck_assert_int_eq(heads[1], FILLED_CHANGE);
	for (int64_t platform = 1; platform <= 7; platform++)
		same_quota(one, other, platform);
	same_parked(one, other, "platform/1");
	same_parked(one, other, "platform/2");
	ck_assert_int_eq(rig_get(other, "abc-DEF_1", 1, &relink), RH_OK);
	ck_assert_int_eq(relink.expires_ms, FOREVER);
}

void
filled_many_as(struct rig *one, struct rig *other)
{
	struct store_page_args page = { .module = STR("locations"), .limit = 3 };

	for (int i = 0; i < 4; i++) {
		page.viewer = i % 2 == 0 ? STR("NL*MSP@7") : (struct str){ 0 };
		page.owner = i < 2 ? STR("DE*MANY") : (struct str){ 0 };
		for (page.offset = 0; page.offset < FILLED_MANY; page.offset += 97)
			same_page(one, other, &page);
	}
}

void
filled_goes_on(struct rig *rig)
{
	struct store_agreement agreement = {
		.cpo_country = "DE", .cpo_party = "ABC", .emsp_country = "FR", .emsp_party = "TWO"
	};
	struct store_event event = { .type = STR("hub.start") };
	struct store_platform platform = { .name = STR("third") };

	MUST(rig, .verb = STORE_AGREEMENT_SAVE,
	        .u.agreements = { .agreements = &agreement, .count = 1 });
	ck_assert_int_eq(agreement.id, 3);
	MUST(rig, .verb = STORE_EVENT_PUT, .u.event.event = &event);
	ck_assert_int_eq(event.id, 3);
	MUST(rig, .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform);
	ck_assert_int_eq(platform.id, 3);
	ck_assert_int_eq(share_put(rig, "* locations DE*ABC L4", "four", 1), FILLED_CHANGE + 1);
	ck_assert_str_eq(share_feed(rig, FILLED_CHANGE, 9, NULL), "L4:four");
	ck_assert_int_eq(share_put(rig, "* locations DE*ABC L1", "again", 2), FILLED_CHANGE + 2);
}
