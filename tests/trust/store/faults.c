/* faults: the disk fails at every call of every operation, once and for ever. Figure 3.
 *
 * A case is an operation of a store, a kind of fault, and the number of the call that fails while
 * it runs; numbers go up until none is left that is met. Each case begins with the same files, so
 * what the database says afterwards is known: what an operation without a fault leaves when it was
 * acknowledged, else what was there before. When the fault is gone the same operation goes through
 * and leaves what it should; after a failed sync that takes a restart, and until then nothing is
 * acknowledged. */
#include "content.h"
#include "filled.h"
#include "shim.h"

#include "migrate.h"
#include "sqlite.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- faults ---- */

enum fault_kind { FAULT_READ, FAULT_WRITE, FAULT_SYNC, FAULT_FULL, FAULT_SHORT, FAULT_KINDS };
static const char *const fault_names[FAULT_KINDS] = { "EIO read", "EIO write", "EIO fsync",
	"ENOSPC", "short write" };

static struct {
	_Atomic bool armed;
	_Atomic int calls, hits;
	enum fault_kind kind;
	int number;
	bool for_ever;
	const char *suffix; /* of the files that fail; NULL: all */
} disk;

static bool
is_of_kind(const struct shim_call *call)
{
	switch (disk.kind) {
	case FAULT_READ:
		return call->kind == SHIM_READ;
	case FAULT_SYNC:
		return call->kind == SHIM_SYNC || call->kind == SHIM_SYNC_DIR;
	case FAULT_WRITE:
		return call->kind == SHIM_WRITE || call->kind == SHIM_TRUNCATE;
	default:
		return call->kind == SHIM_WRITE;
	}
}

static bool
is_meant(const struct shim_call *call)
{
	size_t len = strlen(call->path), suffix = disk.suffix == NULL ? 0 : strlen(disk.suffix);

	return disk.suffix == NULL ||
	       (len >= suffix && strcmp(call->path + len - suffix, disk.suffix) == 0);
}

static enum shim_verdict
before(const struct shim_call *call)
{
	int number;

	if (!atomic_load(&disk.armed) || !is_of_kind(call) || !is_meant(call))
		return SHIM_PASS;
	number = atomic_fetch_add(&disk.calls, 1) + 1;
	if (number != disk.number && !(disk.for_ever && number > disk.number))
		return SHIM_PASS;
	atomic_fetch_add(&disk.hits, 1);
	return disk.kind == FAULT_FULL    ? SHIM_FULL
	       : disk.kind == FAULT_SHORT ? SHIM_SHORT
	                                  : SHIM_EIO;
}

static void
arm(enum fault_kind kind, int number, bool for_ever, const char *suffix)
{
	disk.kind = kind;
	disk.number = number;
	disk.for_ever = for_ever;
	disk.suffix = suffix;
	atomic_store(&disk.calls, 0);
	atomic_store(&disk.hits, 0);
	atomic_store(&disk.armed, true);
}

static bool
disarm(void)
{
	atomic_store(&disk.armed, false);
	return atomic_load(&disk.hits) > 0;
}

/* ---- operations ---- */

struct memory { /* of one operation */
	struct slot_write slot;
	struct store_failure failure;
	struct store_parked parked;
	struct store_pulled pulled;
	char path[128];
	char *big;
};
struct deed {
	const char *name;
	void (*make)(struct store_op *op, struct memory *memory, struct place *place);
	uint64_t (*told)(const struct store_op *op); /* of a read: a number for what it gave */
	const char *suffix;
	bool sparse;      /* not every number: they double */
	bool behind;      /* what comes after the acknowledgement is what fails */
	bool from_before; /* by a database of an older program */
	bool opening, closing;
};
static struct slot_ids ids;

static void
slot_op(struct store_op *op, struct memory *m, size_t slot, int64_t version)
{
	slot_write(&m->slot, slot, version, &ids);
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
	*op = (struct store_op){ .verb = STORE_PLATFORM_TOUCH, .u.touch = { ids.ids[120], 77 } };
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

static const struct deed deeds[] = {
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
	{ "probe", make_probe },
	{ "expire", make_expire },
	{ "failure put", make_failure },
	{ "failure drop", make_failure_drop },
	{ "redrive", make_redrive },
	{ "receiver drop", make_receiver_drop },
	{ "scope move", make_scope_move },
	{ "pulled missed", make_missed },
	{ "backup", make_backup },
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
	{ "start", make_probe, .opening = true },
	{ "start with migrations", make_probe, .opening = true, .from_before = true,
	        .sparse = true },
	{ "stop", make_probe, .closing = true },
};

/* ---- a case ---- */

struct sweep {
	struct place place;
	struct files now, before; /* as of today, and of an older program */
	size_t cases, refused, acknowledged, fatal;
	bool lie; /* --prove: an operation that failed is taken for acknowledged */
};
struct one {
	const struct deed *deed;
	enum fault_kind kind;
	int number;
	bool for_ever;
	uint64_t without, with; /* sums of the content: before, and after the operation */
	uint64_t in_the_end; /* the latter without numbers of changes, some of which may be lost */
	uint64_t told;
};

static void
say(const struct one *one, const char *what, const char *why)
{
	fault_found("%s, %s at call %d %s: %s%s%s", one->deed->name, fault_names[one->kind],
	        one->number, one->for_ever ? "and all after it" : "alone", what,
	        why[0] == '\0' ? "" : ": ", why);
}

static uint64_t
sum_now(const struct sweep *sweep, const struct one *one)
{
	char why[CONTENT_WHY] = "";
	uint64_t sum = content_sum(sweep->place.file, why);

	if (sum == 0 && one != NULL)
		say(one, "the database is not whole", why);
	return sum;
}

static bool
is_done(const struct sweep *sweep, const struct one *one)
{
	char why[CONTENT_WHY] = "";

	return content_sum_unnumbered(sweep->place.file, why) == one->in_the_end;
}

static enum rh_err
run(struct sweep *sweep, const struct deed *deed, struct store_op *op)
{
	struct memory memory = { 0 };
	struct slot_ids given = ids;
	enum rh_err err;

	deed->make(op, &memory, &sweep->place);
	err = place_do(&sweep->place, op);
	if (memory.slot.slot != 0 || memory.slot.body != NULL)
		slot_written(&memory.slot, &given);
	return err;
}

static bool
store_is_failed(struct sweep *sweep)
{
	struct store_stats stats;

	store_stats(sweep->place.store, &stats);
	return stats.failed;
}

/* What it should be by what was said of it. */
static void
judge_content(struct sweep *sweep, const struct one *one, enum rh_err err, bool failed)
{
	uint64_t sum = sum_now(sweep, one);

	if (sum == 0)
		return;
	if (err == RH_OK && sum != one->with)
		say(one, "it was acknowledged and is not there", "");
	else if (err != RH_OK && sum != one->without && !(failed && sum == one->with))
		say(one, "it was refused, and something was changed", "");
}

static void
judge_again(struct sweep *sweep, const struct one *one, bool done)
{
	struct store_op op;
	char copy[128];

	if (done)
		return;
	snprintf(copy, sizeof(copy), "%s/copy.db", sweep->place.dir);
	if (access(copy, F_OK) == 0 && one->kind != FAULT_SYNC)
		say(one, "a copy that failed left a file", "");
	(void)remove(copy);
	if (run(sweep, one->deed, &op) != RH_OK)
		say(one, "the fault is gone, and it does not work again", op.why);
	else if (one->deed->told != NULL && one->deed->told(&op) != one->told)
		say(one, "the fault is gone, and something else is read", "");
	else if (!is_done(sweep, one))
		say(one, "the fault is gone, and it does not leave what it should", "");
}

static void
reopen(struct sweep *sweep, const struct one *one)
{
	struct fault fault;

	place_close(&sweep->place);
	if (place_try(&sweep->place, &fault) != RH_OK)
		say(one, "it does not open any more", fault.why);
}

static void
judge_failed_store(struct sweep *sweep, const struct one *one)
{
	struct store_op probe = { .verb = STORE_PROBE };

	sweep->fatal++;
	if (one->kind != FAULT_SYNC)
		say(one, "the store is failed, although no sync was", "");
	if (place_do(&sweep->place, &probe) == RH_OK)
		say(one, "after a failed sync something was acknowledged", "");
}

/* A copy that failed leaves no file behind, and is no reason to fail. */
static void
judge_outcome(struct sweep *sweep, const struct one *one, struct store_op *op)
{
	enum rh_err err = sweep->lie ? RH_OK : op->err;
	bool failed = store_is_failed(sweep);

	sweep->acknowledged += err == RH_OK;
	sweep->refused += err != RH_OK;
	if (err == RH_OK && one->deed->told != NULL && one->deed->told(op) != one->told)
		say(one, "something else was read than what is there", "");
	if (err != RH_OK && op->why[0] == '\0')
		say(one, "it was refused without a reason", "");
	if (failed) {
		judge_failed_store(sweep, one);
		reopen(sweep, one);
	}
	if (sweep->place.store == NULL)
		return;
	judge_content(sweep, one, err, failed);
	judge_again(sweep, one, err == RH_OK || (failed && sum_now(sweep, NULL) == one->with));
	reopen(sweep, one);
	if (sweep->place.store != NULL && !is_done(sweep, one))
		say(one, "it is not there after a restart", "");
}

/* True: the fault was met. */
static bool
try_operation(struct sweep *sweep, const struct one *one)
{
	struct store_op op, probe = { .verb = STORE_PROBE };
	struct memory memory = { 0 };
	struct slot_ids given = ids;
	bool met;

	place_open(&sweep->place);
	one->deed->make(&op, &memory, &sweep->place);
	arm(one->kind, one->number, one->for_ever, one->deed->suffix);
	place_do(&sweep->place, &op);
	if (one->deed->behind && op.err == RH_OK)
		place_do(&sweep->place, &probe);
	met = disarm();
	if (memory.slot.slot != 0 || memory.slot.body != NULL)
		slot_written(&memory.slot, &given);
	if (met)
		judge_outcome(sweep, one, &op);
	return met;
}

static bool
try_opening(struct sweep *sweep, const struct one *one)
{
	struct fault fault;
	enum rh_err err;
	bool met;

	arm(one->kind, one->number, one->for_ever, NULL);
	err = place_try(&sweep->place, &fault);
	met = disarm();
	if (err != RH_OK && fault.why[0] == '\0')
		say(one, "it does not open, and does not say why", "");
	sweep->refused += met && err != RH_OK;
	sweep->acknowledged += met && err == RH_OK;
	if (err != RH_OK && place_try(&sweep->place, &fault) != RH_OK)
		say(one, "the fault is gone, and it does not open", fault.why);
	else if (sum_now(sweep, one) != one->with)
		say(one, "it holds something else than before", "");
	return met;
}

static bool
try_closing(struct sweep *sweep, const struct one *one)
{
	struct store_op op;
	struct fault fault;
	bool met;

	place_open(&sweep->place);
	if (run(sweep, &deeds[1], &op) != RH_OK)
		say(one, "before the fault", op.why);
	arm(one->kind, one->number, one->for_ever, NULL);
	place_close(&sweep->place);
	met = disarm();
	if (place_try(&sweep->place, &fault) != RH_OK)
		say(one, "it does not open any more", fault.why);
	else if (sum_now(sweep, one) != one->with)
		say(one, "something was lost", "");
	return met;
}

static bool
try_one(struct sweep *sweep, const struct one *one)
{
	bool met;

	files_put(one->deed->from_before ? &sweep->before : &sweep->now, &sweep->place);
	met = one->deed->opening   ? try_opening(sweep, one)
	      : one->deed->closing ? try_closing(sweep, one)
	                           : try_operation(sweep, one);
	sweep->cases += met;
	place_close(&sweep->place);
	place_forget(&sweep->place);
	return met;
}

/* What it leaves and tells when nothing fails. */
static void
learn(struct sweep *sweep, struct one *one)
{
	const struct deed *deed = one->deed->closing ? &deeds[1] : one->deed;
	char why[CONTENT_WHY] = "";
	struct store_op op = { 0 };

	files_put(deed->from_before ? &sweep->before : &sweep->now, &sweep->place);
	place_open(&sweep->place);
	one->without = sum_now(sweep, NULL);
	if (run(sweep, deed, &op) != RH_OK)
		broken("%s, without a fault: %s", deed->name, op.why);
	one->with = sum_now(sweep, NULL);
	one->in_the_end = content_sum_unnumbered(sweep->place.file, why);
	if (deed->told != NULL)
		one->told = deed->told(&op);
	else if (one->with == one->without && deed->make != make_probe && deed->make != make_backup)
		broken("%s changes nothing", deed->name);
	place_close(&sweep->place);
	place_forget(&sweep->place);
}

static void
sweep_deed(struct sweep *sweep, const struct deed *deed)
{
	struct one one = { .deed = deed };
	size_t before = sweep->cases;

	learn(sweep, &one);
	for (int i = 0; i < 2 * FAULT_KINDS; i++) {
		one.kind = (enum fault_kind)(i / 2);
		one.for_ever = i % 2 == 1;
		for (one.number = 1; try_one(sweep, &one);)
			one.number += deed->sparse && one.number > 8 ? one.number / 4 : 1;
	}
	printf("%5zu %s\n", sweep->cases - before, deed->name);
	fflush(stdout);
}

/* ---- what is there before ---- */

static void
take_older(struct sweep *sweep)
{
	struct fault fault = { 0 };
	struct db *db;

	place_clear(&sweep->place);
	db = db_open(sweep->place.file, DB_WRITER, &fault);
	if (db == NULL || migrate(db, migrations, 3, &fault) != RH_OK ||
	        db_exec(db, "INSERT INTO cursor (receiver, change) VALUES ('platform/3', 7)") !=
	                OUTCOME_OK)
		broken("%s", fault.why);
	db_close(db);
	files_take(&sweep->before, &sweep->place);
}

static void
prepare(struct sweep *sweep)
{
	static const struct shim_hooks hooks = { .before = before };

	shim_install(&hooks);
	place_make(&sweep->place, NULL);
	take_older(sweep);
	place_clear(&sweep->place);
	place_open(&sweep->place);
	fill(&sweep->place, 1, &ids);
	place_close(&sweep->place);
	files_take(&sweep->now, &sweep->place);
}

int
main(int argc, char **argv)
{
	int64_t only = -1, prove = 0;
	const struct option options[] = { { "--only", &only }, { "--prove", &prove } };
	static struct sweep sweep;

	options_read(argc, argv, options, COUNT(options));
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	sweep.lie = prove != 0;
	prepare(&sweep);
	for (size_t i = 0; i < COUNT(deeds); i++)
		if (only < 0 || only == (int64_t)i)
			sweep_deed(&sweep, &deeds[i]);
	files_free(&sweep.now);
	files_free(&sweep.before);
	place_end(&sweep.place);
	return verdict(3,
	        "cases %zu over %zu operations: acknowledged %zu, refused %zu, fatal %zu of them, "
	        "0 crashes",
	        sweep.cases, COUNT(deeds), sweep.acknowledged, sweep.refused, sweep.fatal);
}
