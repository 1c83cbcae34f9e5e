/* deeds: one operation of each verb of a store, upon what fill() put there. */
#include "deeds.h"

#include <stdio.h>
#include <string.h>

struct slot_ids deed_ids;

static void
slot_op(struct store_op *op, struct memory *m, size_t slot, int64_t version)
{
	slot_write(&m->slot, slot, version, &deed_ids);
	*op = m->slot.op.op;
}

static void
make_create(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 0, 3);
	op->u.share.key.id = STR("NEW");
}

static void
make_update(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 1, 5);
}

static void
make_delete(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 2, 6);
}

static void
make_addressed(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 41, 3);
	m->parked = (struct store_parked){ .receiver = STR("platform/2"),
		.to = STR("NL*MSP"),
		.key = op->u.share.key,
		.due_ms = 5 };
	op->u.share.owe = &m->parked;
}

static void
make_relink(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 60, 1);
	m->slot.relink.id = STR("another");
}

static void
make_platform(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 120, 2);
}

static void
make_touch(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_PLATFORM_TOUCH,
		.u.touch = { deed_ids.ids[120], 77 } };
}

static void
make_cursor(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 127, 2);
}

static void
make_agreement(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 133, 2);
}

static void
make_agreement_drop(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 134, 6);
}

static void
make_park(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 139, 2);
}

static void
make_unpark(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 140, 6);
	op->u.parked.taken = true;
}

static void
make_hint(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 151, 2);
}

static void
make_meta(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	slot_op(op, m, 157, 2);
}

static void
make_probe(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_PROBE };
}

static void
make_expire(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_EXPIRE,
		.u.expire = { .now_ms = 9000000000, .before_ms = 2000 } };
}

static struct store_key
small_key(const char *id)
{
	return (struct store_key){ STR("*"), STR("tariffs"), STR("DE*CPO"), str_of(id), STR("") };
}

static void
make_failure(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	m->failure = (struct store_failure){ STR("platform/2"), STR("NL*MSP"), small_key("X3"), 99,
		1000, 400, 2001, STR("no") };
	*op = (struct store_op){ .verb = STORE_FAILURE_PUT,
		.u.failures = { .failures = &m->failure, .count = 1 } };
}

static void
make_failure_drop(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_FAILURE_DROP,
		.u.failures.receiver = STR("platform/1") };
}

static void
make_redrive(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_REDRIVE, .u.redrive.now_ms = 50 };
}

static void
make_receiver_drop(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_RECEIVER_DROP,
		.u.receiver.receiver = STR("platform/1") };
}

static void
make_scope_move(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_SCOPE_MOVE,
		.u.scope = { STR("NL*OLD@1"), STR("NL*MSP@2"), 0 } };
}

static void
make_owned_drop(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_OWNED_DROP,
		.u.owned = { .scope = STR("NL*OLD@1") } };
}

static void
make_missed(struct store_op *op, struct memory *m, struct place *place)
{
	(void)place;
	m->pulled = (struct store_pulled){ small_key("X0"), 3 };
	*op = (struct store_op){ .verb = STORE_PULLED_MISSED,
		.u.pulled = { .platform = 1, .rows = &m->pulled, .count = 1 } };
}

static void
make_backup(struct store_op *op, struct memory *m, struct place *place)
{
	snprintf(m->path, sizeof(m->path), "%s/copy.db", place->dir);
	*op = (struct store_op){ .verb = STORE_BACKUP, .u.backup.path = m->path };
}

/* Larger than the log may become, so that it is copied back afterwards. */
static enum rh_err
make_bytes(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *ns,
        struct fault *fault)
{
	enum { BYTES = 5 << 20 };
	char *bytes = arena_alloc(arena, BYTES);

	(void)ctx, (void)old, (void)fault;
	memset(bytes, 'x', BYTES);
	*fresh = (struct str){ bytes, BYTES };
	*ns = 1;
	return RH_OK;
}

static void
make_big(struct store_op *op, struct memory *m, struct place *place)
{
	make_create(op, m, place);
	op->u.share.make = make_bytes;
}

/* ---- reads ---- */

static uint64_t
mix(uint64_t sum, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (uint8_t)text.p[i]) * 0x100000001b3U;
	return sum + 1;
}

static uint64_t
mix_objects(const struct store_object *objects, size_t count)
{
	uint64_t sum = count;

	for (size_t i = 0; i < count; i++)
		sum = mix(mix(sum, objects[i].key.id), objects[i].body);
	return sum;
}

static void
make_get(struct store_op *op, struct memory *m, struct place *place)
{
	make_update(op, m, place);
	*op = (struct store_op){ .verb = STORE_OBJECT_GET, .u.get.key = op->u.share.key };
}

static uint64_t
told_get(const struct store_op *op)
{
	return mix_objects(&op->u.get.object, 1);
}

static void
make_find(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_OBJECT_FIND,
		.u.find = { .module = STR("tariffs"), .id = STR("X1"), .limit = 5 } };
}

static uint64_t
told_find(const struct store_op *op)
{
	uint64_t sum = op->u.find.count;

	for (size_t i = 0; i < op->u.find.count; i++)
		sum = mix(mix(sum, op->u.find.keys[i].scope), op->u.find.keys[i].owner);
	return sum;
}

static void
make_page(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_OBJECT_PAGE,
		.u.page = { .module = STR("tariffs"), .viewer = STR("NL*MSP@2"), .limit = 50 } };
}

static uint64_t
told_page(const struct store_op *op)
{
	return mix_objects(op->u.page.objects, op->u.page.count) + op->u.page.total;
}

static void
make_feed(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_FEED, .u.feed = { .after = 3, .limit = 30 } };
}

static uint64_t
told_feed(const struct store_op *op)
{
	return mix_objects(op->u.feed.objects, op->u.feed.count) + (uint64_t)op->u.feed.head;
}

static void
make_cursors(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_CURSORS_LOAD };
}

static uint64_t
told_cursors(const struct store_op *op)
{
	uint64_t sum = op->u.cursors.count;

	for (size_t i = 0; i < op->u.cursors.count; i++)
		sum = mix(sum, op->u.cursors.cursors[i].receiver) +
		      (uint64_t)op->u.cursors.cursors[i].change;
	return sum;
}

static void
make_failures(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_FAILURES, .u.failures.limit = 50 };
}

static uint64_t
told_failures(const struct store_op *op)
{
	uint64_t sum = op->u.failures.count;

	for (size_t i = 0; i < op->u.failures.count; i++)
		sum = mix(sum, op->u.failures.failures[i].key.id);
	return sum;
}

static void
make_parked(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_PARKED,
		.u.parked = { .now_ms = INT64_MAX, .limit = 50 } };
}

static uint64_t
told_parked(const struct store_op *op)
{
	uint64_t sum = op->u.parked.count + op->u.parked.total;

	for (size_t i = 0; i < op->u.parked.count; i++)
		sum = mix(mix(sum, op->u.parked.rows[i].key.id), op->u.parked.rows[i].receiver);
	return sum;
}

static void
make_pulled(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_PULLED,
		.u.pulled = { .platform = 1, .module = STR("tariffs"), .limit = 50 } };
}

static uint64_t
told_pulled(const struct store_op *op)
{
	uint64_t sum = op->u.pulled.count;

	for (size_t i = 0; i < op->u.pulled.count; i++)
		sum = mix(sum, op->u.pulled.rows[i].key.id);
	return sum;
}

static void
make_agreements(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_AGREEMENTS_LOAD };
}

static uint64_t
told_agreements(const struct store_op *op)
{
	uint64_t sum = op->u.agreements.count;

	for (size_t i = 0; i < op->u.agreements.count; i++)
		sum = mix(sum, str_of(op->u.agreements.agreements[i].cpo_party));
	return sum;
}

static void
make_platforms(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_PLATFORMS_LOAD };
}

static uint64_t
told_platforms(const struct store_op *op)
{
	uint64_t sum = op->u.load.count;

	for (size_t i = 0; i < op->u.load.count; i++)
		sum = mix(sum, op->u.load.platforms[i].name) + op->u.load.platforms[i].token_count;
	return sum;
}

static void
make_relink_get(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_RELINK_GET,
		.u.relink = { .id = STR("relink-000061"), .now_ms = 1 } };
}

static uint64_t
told_relink(const struct store_op *op)
{
	return mix(1, op->u.relink.relink.target);
}

static void
make_meta_get(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_META_GET, .u.meta.key = STR("fact-157") };
}

static uint64_t
told_meta(const struct store_op *op)
{
	return mix(1, op->u.meta.value);
}

static void
make_hint_get(struct store_op *op, struct memory *m, struct place *place)
{
	(void)m, (void)place;
	*op = (struct store_op){ .verb = STORE_HINT_GET,
		.u.hint.hint = { .kind = STR("reservation"), .key = STR("NL*MSP/R152") } };
}

static uint64_t
told_hint(const struct store_op *op)
{
	return mix(1, str_of(op->u.hint.hint.party));
}

const struct deed deeds[] = {
	{ "share of a new object", make_create },
	{ "share of a new version", make_update },
	{ "deletion", make_delete },
	{ "addressed copy that is owed", make_addressed },
	{ "relink put", make_relink },
	{ "platform save", make_platform },
	{ "platform touch", make_touch },
	{ "cursors save", make_cursor },
	{ "agreement save", make_agreement },
	{ "agreement drop", make_agreement_drop },
	{ "park", make_park },
	{ "unpark", make_unpark },
	{ "hint put", make_hint },
	{ "meta put", make_meta },
	{ "probe", make_probe, .same = true },
	{ "expire", make_expire },
	{ "failure put", make_failure },
	{ "failure drop", make_failure_drop },
	{ "redrive", make_redrive },
	{ "receiver drop", make_receiver_drop },
	{ "scope move", make_scope_move },
	{ "owned drop", make_owned_drop },
	{ "pulled missed", make_missed },
	{ "backup", make_backup, .same = true },
	{ "checkpoint", make_big, .suffix = "/hub.db", .sparse = true, .behind = true },
	{ "object get", make_get, told_get },
	{ "object find", make_find, told_find },
	{ "object page", make_page, told_page },
	{ "feed", make_feed, told_feed },
	{ "cursors load", make_cursors, told_cursors },
	{ "failures", make_failures, told_failures },
	{ "parked", make_parked, told_parked },
	{ "pulled", make_pulled, told_pulled },
	{ "agreements load", make_agreements, told_agreements },
	{ "platforms load", make_platforms, told_platforms },
	{ "relink get", make_relink_get, told_relink },
	{ "meta get", make_meta_get, told_meta },
	{ "hint get", make_hint_get, told_hint },
	{ "start", make_probe, .same = true, .opening = true },
	{ "start with migrations", make_probe, .same = true, .opening = true, .from_before = true,
	        .sparse = true },
	{ "stop", make_probe, .same = true, .closing = true },
};
const size_t deed_count = COUNT(deeds);
