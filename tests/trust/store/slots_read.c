/* slots_read: which version of each slot a store tells. */
#include "slots_inside.h"

#include <stdlib.h>
#include <string.h>

static const struct slot_ids no_ids;

static int64_t
told(enum rh_err err, int64_t version)
{
	return err == RH_OK ? version : err == RH_NOT_FOUND ? SLOT_ABSENT : SLOT_REFUSED;
}

static int64_t
read_object(struct place *place, size_t slot)
{
	char text[48], *body;
	struct store_op op = { .verb = STORE_OBJECT_GET, .u.get.key = slot_key(slot, text) };
	const struct store_object *object = &op.u.get.object;
	bool right;

	if (place_do(place, &op) != RH_OK)
		return told(op.err, 0);
	body = slot_body(slot, object->last_updated_ns);
	right = str_is(object->body, body) && str_is(object->suffix, "DE/CPO/O1/evse") &&
	        str_is(object->method, object->last_updated_ns % 3 == 2 ? "PATCH" : "PUT");
	free(body);
	return right ? object->last_updated_ns : SLOT_WRONG;
}

static int64_t
read_relink(struct place *place, size_t slot)
{
	struct slot_write expected;
	struct store_op op = { .verb = STORE_RELINK_GET, .u.relink.now_ms = 1 };
	const struct store_relink *r = &op.u.relink.relink;

	slot_write(&expected, slot, 1, &no_ids);
	op.u.relink.id = expected.relink.id;
	if (place_do(place, &op) != RH_OK)
		return told(op.err, 0);
	return str_eq(r->target, expected.relink.target) && r->target_platform == 2 &&
	                       r->caller_platform == 1 && r->kind == RELINK_LOCATION
	               ? 1
	               : SLOT_WRONG;
}

static int64_t
read_hint(struct place *place, size_t slot)
{
	struct slot_write expected;
	struct store_op op;

	slot_write(&expected, slot, 1, &no_ids);
	op = expected.op.op;
	op.verb = STORE_HINT_GET;
	if (place_do(place, &op) != RH_OK)
		return told(op.err, 0);
	return strcmp(op.u.hint.hint.party, "CPO") == 0 && strcmp(op.u.hint.hint.country, "DE") == 0
	               ? op.u.hint.hint.expires_ms - FAR_MS
	               : SLOT_WRONG;
}

static int64_t
read_meta(struct place *place, size_t slot)
{
	struct slot_write expected;
	struct store_op op;
	uint64_t version;

	slot_write(&expected, slot, 1, &no_ids);
	op = expected.op.op;
	op.verb = STORE_META_GET;
	if (place_do(place, &op) != RH_OK)
		return told(op.err, 0);
	return str_to_u64(op.u.meta.value, INT32_MAX, &version) ? (int64_t)version : SLOT_WRONG;
}

/* Those that are read in one go; what the row of no slot says is a fault as well. */
static void
refuse_kind(enum slot_kind kind, int64_t versions[SLOTS])
{
	for (int i = slot_first(kind); i < slot_first((enum slot_kind)(kind + 1)); i++)
		versions[i] = SLOT_REFUSED;
}

static size_t
slot_in(enum slot_kind kind, struct str text, size_t skip)
{
	uint64_t number = 0;

	if (text.len <= skip ||
	        !str_to_u64((struct str){ text.p + skip, text.len - skip }, SLOTS - 1, &number) ||
	        slot_kind(number) != kind)
		return SLOTS;
	return number;
}

static int64_t
platform_version(const struct store_platform *p, size_t slot)
{
	uint8_t token[RH_DIGEST_BYTES];

	slot_token(slot, p->updated_ms, token);
	if (p->token_count == 0 && p->party_count == 0)
		return SLOT_REFUSED;
	if (p->token_count != 1 || p->party_count != 1 || p->tokens[0].kind != TOKEN_CURRENT ||
	        memcmp(p->tokens[0].digest, token, sizeof(token)) != 0 ||
	        p->tokens[0].expires_ms != 0 || atoi(p->parties[0].party) != (int)slot ||
	        p->state != STATE_CONNECTED || p->removed || !str_is(p->token_sealed, "sealed") ||
	        !str_is(p->settings, "{}"))
		return SLOT_WRONG;
	return p->updated_ms;
}

static void
read_platforms(struct place *place, int64_t versions[SLOTS])
{
	struct store_op op = { .verb = STORE_PLATFORMS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		refuse_kind(SLOT_PLATFORM, versions);
		return;
	}
	for (size_t i = 0; i < op.u.load.count; i++) {
		const struct store_platform *p = &op.u.load.platforms[i];
		size_t slot = slot_in(SLOT_PLATFORM, p->name, 1);

		if (slot < SLOTS)
			versions[slot] = platform_version(p, slot);
	}
}

static void
read_cursors(struct place *place, int64_t versions[SLOTS])
{
	struct store_op op = { .verb = STORE_CURSORS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		refuse_kind(SLOT_CURSOR, versions);
		return;
	}
	for (size_t i = 0; i < op.u.cursors.count; i++) {
		const struct store_cursor *c = &op.u.cursors.cursors[i];
		size_t slot = slot_in(SLOT_CURSOR, c->receiver, strlen("platform/"));
		uint64_t ahead = 0;

		if (slot == SLOTS)
			continue;
		versions[slot] = c->change;
		if (c->change == 0) /* from the beginning: nothing is skipped */
			versions[slot] = SLOT_REFUSED;
		else if (!str_to_u64(c->ahead, INT64_MAX, &ahead) ||
		         (int64_t)ahead != c->change + 1)
			versions[slot] = SLOT_WRONG;
	}
}

static void
read_agreements(struct place *place, int64_t versions[SLOTS])
{
	struct store_op op = { .verb = STORE_AGREEMENTS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		refuse_kind(SLOT_AGREEMENT, versions);
		return;
	}
	for (size_t i = 0; i < op.u.agreements.count; i++) {
		const struct store_agreement *a = &op.u.agreements.agreements[i];
		size_t slot = slot_in(SLOT_AGREEMENT, str_of(a->cpo_party), 0);

		if (slot == SLOTS)
			continue;
		versions[slot] = a->from_ms;
		if (!str_is(a->modules, "locations,tariffs") || a->until_ms != FAR_MS ||
		        strcmp(a->emsp_party, "MSP") != 0 || strcmp(a->emsp_country, "NL") != 0 ||
		        strcmp(a->cpo_country, "DE") != 0)
			versions[slot] = SLOT_WRONG;
	}
}

static void
read_parked(struct place *place, int64_t versions[SLOTS])
{
	struct store_op op = { .verb = STORE_PARKED,
		.u.parked = { .now_ms = INT64_MAX, .limit = 1000 } };

	if (place_do(place, &op) != RH_OK) {
		refuse_kind(SLOT_PARKED, versions);
		return;
	}
	for (size_t i = 0; i < op.u.parked.count; i++) {
		const struct store_parked *p = &op.u.parked.rows[i];
		size_t slot = slot_in(SLOT_PARKED, p->key.id, 1);
		struct slot_write expected;

		if (slot == SLOTS)
			continue;
		slot_write(&expected, slot, 1, &no_ids);
		versions[slot] = p->change;
		if (!str_eq(p->receiver, expected.parked.receiver) || !str_is(p->to, "NL*MSP") ||
		        !str_eq(p->key.module, expected.parked.key.module) ||
		        !str_eq(p->key.owner, expected.parked.key.owner) || p->due_ms > 1000)
			versions[slot] = SLOT_WRONG;
	}
}

void
slots_read(struct place *place, int64_t versions[SLOTS])
{
	static int64_t (*const readers[SLOT_KINDS])(struct place *, size_t) = {
		[SLOT_SHARED] = read_object,
		[SLOT_ADDRESSED] = read_object,
		[SLOT_RELINK] = read_relink,
		[SLOT_HINT] = read_hint,
		[SLOT_META] = read_meta,
	};

	for (size_t i = 0; i < SLOTS; i++)
		versions[i] = readers[slot_kind(i)] == NULL ? SLOT_ABSENT
		                                            : readers[slot_kind(i)](place, i);
	read_platforms(place, versions);
	read_cursors(place, versions);
	read_agreements(place, versions);
	read_parked(place, versions);
	place_forget(place);
}
