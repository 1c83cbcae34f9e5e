/* sqlite_digest: a digest over all that a row means, so that no flipped bit is served as truth.
 *
 * That of an object or a relink is made and checked here, those of all other rows by the statements
 * that write and read them, with the function row_digest().
 *
 * The fields go into one short text in a fixed order, each with its length in front; a long one is
 * represented by its own digest. The column shadows of an object is left out: it follows from other
 * rows and changes with them.
 *
 * An object's is a sum, which takes an eighth of the time: its body is looked at whenever it is
 * read. Objects that were written before migration 0013 have one of RH_DIGEST_BYTES, and keep it
 * until they are written again. */
#include "sqlite_objects.h"

#include <assert.h>
#include <string.h>

enum {
	LONG_TEXT = 64,
	ROOM = 1024,
	OBJECT_FIELDS = 19,
	RELINK_FIELDS = 14,
	ROW_DIGEST_BYTES = 8,
	ROW_VALUE_MOST = 1 + 8 + LONG_TEXT,
};

struct packed {
	char bytes[ROOM];
	size_t len;
	bool sums; /* a long text is represented by its sum */
};

static const uint8_t no_key[RH_KEY_BYTES] = { 0 };

static void
pack_bytes(struct packed *packed, const void *bytes, size_t len)
{
	assert(packed->len + len <= ROOM);
	memcpy(packed->bytes + packed->len, bytes, len);
	packed->len += len;
}

/* The same on every machine: a database may move. */
static void
put_int(uint8_t out[8], uint64_t n)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(n >> (8 * i));
}

static void
pack_int(struct packed *packed, int64_t n)
{
	uint8_t bytes[8];

	put_int(bytes, (uint64_t)n);
	pack_bytes(packed, bytes, sizeof(bytes));
}

static void
pack_text(struct packed *packed, struct str text)
{
	uint8_t digest[RH_DIGEST_BYTES];

	pack_int(packed, text.p == NULL ? -1 : (int64_t)text.len);
	if (text.p == NULL)
		return;
	if (text.len > LONG_TEXT && packed->sums) {
		pack_int(packed, (int64_t)rh_sum64(text));
	} else if (text.len > LONG_TEXT) {
		rh_digest(no_key, text, digest);
		pack_bytes(packed, digest, sizeof(digest));
	} else if (text.len > 0) {
		pack_bytes(packed, text.p, text.len);
	}
}

static void
pack_key(struct packed *packed, const struct store_key *key)
{
	const struct str parts[] = { key->scope, key->module, key->owner, key->id, key->type };

	for (size_t i = 0; i < COUNT(parts); i++)
		pack_text(packed, parts[i].p == NULL ? STR("") : parts[i]);
}

static void
finish(const struct packed *packed, uint8_t out[RH_DIGEST_BYTES])
{
	rh_digest(no_key, (struct str){ packed->bytes, packed->len }, out);
}

static void
pack_object(struct packed *packed, const struct store_object *object, bool live)
{
	const int64_t numbers[] = { live, object->last_updated_ns, object->change, object->previous,
		object->seq, object->sender_platform, object->at_ms, object->accepted };
	const struct str texts[] = { object->body, object->method, object->suffix, object->patch,
		object->correlation_id };

	pack_key(packed, &object->key);
	for (size_t i = 0; i < COUNT(numbers); i++)
		pack_int(packed, numbers[i]);
	for (size_t i = 0; i < COUNT(texts); i++)
		pack_text(packed, texts[i]);
}

void
object_digest(const struct store_object *object, bool live, uint8_t out[OBJECT_DIGEST_BYTES])
{
	struct packed packed;

	packed.len = 0;
	packed.sums = true;
	pack_object(&packed, object, live);
	put_int(out, rh_sum64((struct str){ packed.bytes, packed.len }));
}

/* As before migration 0013. */
static bool
is_former(const struct store_object *object, bool live, struct str stored)
{
	uint8_t own[RH_DIGEST_BYTES];
	struct packed packed;

	packed.len = 0;
	packed.sums = false;
	pack_object(&packed, object, live);
	finish(&packed, own);
	return is_digest(stored, own);
}

bool
object_is_written(const struct store_object *object, bool live, struct str stored)
{
	uint8_t own[OBJECT_DIGEST_BYTES];

	if (stored.len != sizeof(own))
		return stored.len == RH_DIGEST_BYTES && is_former(object, live, stored);
	object_digest(object, live, own);
	return memcmp(stored.p, own, sizeof(own)) == 0;
}

void
relink_digest(const struct store_relink *r, uint8_t out[RH_DIGEST_BYTES])
{
	const int64_t numbers[] = { r->kind, r->caller_platform, r->target_platform, r->interface,
		r->created_ms, r->expires_ms };
	const struct str texts[] = { r->id, r->target, str_of(r->caller_country),
		str_of(r->caller_party), str_of(r->target_country), str_of(r->target_party),
		r->module, r->correlation_id };
	struct packed packed = { .len = 0 };

	for (size_t i = 0; i < COUNT(numbers); i++)
		pack_int(&packed, numbers[i]);
	for (size_t i = 0; i < COUNT(texts); i++)
		pack_text(&packed, texts[i]);
	finish(&packed, out);
}

bool
is_digest(struct str stored, const uint8_t own[RH_DIGEST_BYTES])
{
	return stored.len == RH_DIGEST_BYTES && memcmp(stored.p, own, RH_DIGEST_BYTES) == 0;
}

/* ---- for statements and migration 0004, in the order in which it names the columns ---- */

/* The digest of before covered the body, and a deleted object had none. */
static bool
was_whole(struct str digest, bool live, struct str body)
{
	uint8_t own[RH_DIGEST_BYTES];

	if (!live)
		return digest.p == NULL;
	if (body.p == NULL)
		return false;
	rh_digest(no_key, body, own);
	return is_digest(digest, own);
}

static struct store_object
object_of(const struct db_value *v)
{
	return (struct store_object){
		.key = { v[0].s, v[1].s, v[2].s, v[3].s, v[4].s },
		.body = v[6].s,
		.last_updated_ns = v[7].n,
		.change = v[8].n,
		.previous = v[9].n,
		.seq = v[10].n,
		.method = v[11].s,
		.suffix = v[12].s,
		.patch = v[13].s,
		.sender_platform = v[14].n,
		.correlation_id = v[15].s,
		.at_ms = v[16].n,
		.accepted = v[17].n != 0,
	};
}

static bool
digest_of_object(const struct db_value *v, size_t count, uint8_t out[RH_DIGEST_BYTES])
{
	const struct store_object object = object_of(v);

	(void)count;
	object_digest(&object, v[5].n != 0, out);
	return true;
}

/* One that is right, of whichever form, as it would be written today. */
static bool
written_digest(const struct db_value *v, size_t count, uint8_t out[RH_DIGEST_BYTES])
{
	const struct store_object object = object_of(v + 1);

	return object_is_written(&object, v[6].n != 0, v[0].s) &&
	       digest_of_object(v + 1, count - 1, out);
}

static bool
migrated_digest(const struct db_value *v, size_t count, uint8_t out[RH_DIGEST_BYTES])
{
	return was_whole(v[0].s, v[6].n != 0, v[7].s) && digest_of_object(v + 1, count - 1, out);
}

static void
copy_id(char *out, size_t size, struct str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	memcpy(out, text.len == 0 ? "" : text.p, len);
	out[len] = '\0';
}

static bool
migrated_relink(const struct db_value *v, size_t count, uint8_t out[RH_DIGEST_BYTES])
{
	struct store_relink relink = {
		.id = v[0].s,
		.kind = (enum store_relink_kind)v[1].n,
		.target = v[2].s,
		.caller_platform = v[3].n,
		.target_platform = v[4].n,
		.module = v[9].s,
		.interface = (int)v[10].n,
		.correlation_id = v[11].s,
		.created_ms = v[12].n,
		.expires_ms = v[13].n,
	};

	(void)count;
	copy_id(relink.caller_country, sizeof(relink.caller_country), v[5].s);
	copy_id(relink.caller_party, sizeof(relink.caller_party), v[6].s);
	copy_id(relink.target_country, sizeof(relink.target_country), v[7].s);
	copy_id(relink.target_party, sizeof(relink.target_party), v[8].s);
	relink_digest(&relink, out);
	return true;
}

/* ---- for statements ---- */

/* A row of many columns is digested as it goes. */
static void
fold(struct packed *packed)
{
	uint8_t digest[RH_DIGEST_BYTES];

	if (packed->len + ROW_VALUE_MOST <= ROOM)
		return;
	finish(packed, digest);
	packed->len = 0;
	pack_bytes(packed, digest, sizeof(digest));
}

static bool
row_digest(const struct db_value *values, size_t count, uint8_t out[RH_DIGEST_BYTES])
{
	struct packed packed;

	packed.len = 0;
	packed.sums = false;
	for (size_t i = 0; i < count; i++) {
		pack_bytes(&packed, values[i].type == DB_INT ? "i" : "t", 1);
		if (values[i].type == DB_INT)
			pack_int(&packed, values[i].n);
		else
			pack_text(&packed, values[i].s);
		fold(&packed);
	}
	finish(&packed, out);
	return true;
}

enum outcome
digest_define(struct db *db)
{
	static const struct db_definition definitions[] = {
		{ "migrated_digest", OBJECT_FIELDS, OBJECT_DIGEST_BYTES, migrated_digest },
		{ "object_digest", OBJECT_FIELDS - 1, OBJECT_DIGEST_BYTES, digest_of_object },
		{ "written_digest", OBJECT_FIELDS, OBJECT_DIGEST_BYTES, written_digest },
		{ "relink_digest", RELINK_FIELDS, RH_DIGEST_BYTES, migrated_relink },
		{ "row_digest", -1, ROW_DIGEST_BYTES, row_digest },
	};
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < COUNT(definitions) && outcome == OUTCOME_OK; i++)
		outcome = db_define(db, &definitions[i]);
	return outcome;
}
