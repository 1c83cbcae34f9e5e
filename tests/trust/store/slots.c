/* slots: things that a store keeps, each with versions that can be told from what is read. */
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t FAR_MS = 4102444800000; /* 2100 */
static const struct {
	int first; /* slot */
	const char *name;
} kinds[SLOT_KINDS + 1] = {
	[SLOT_SHARED] = { 0, "shared object" },
	[SLOT_ADDRESSED] = { 40, "addressed object" },
	[SLOT_RELINK] = { 60, "handed-out URL" },
	[SLOT_PLATFORM] = { 120, "platform" },
	[SLOT_CURSOR] = { 126, "cursor" },
	[SLOT_AGREEMENT] = { 132, "agreement" },
	[SLOT_PARKED] = { 138, "parked row" },
	[SLOT_HINT] = { 150, "hint" },
	[SLOT_META] = { 156, "fact" },
	[SLOT_KINDS] = { SLOTS, "" },
};

enum slot_kind
slot_kind(size_t slot)
{
	enum slot_kind kind = SLOT_SHARED;

	while (kinds[kind + 1].first <= (int)slot)
		kind++;
	return kind;
}

const char *
slot_name(size_t slot)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s %zu", kinds[slot_kind(slot)].name, slot);
	return name;
}

bool
slot_is_deletion(size_t slot, int64_t version)
{
	enum slot_kind kind = slot_kind(slot);

	return (kind == SLOT_SHARED || kind == SLOT_ADDRESSED || kind == SLOT_AGREEMENT ||
	               kind == SLOT_PARKED) &&
	       version % SLOT_DELETES_EVERY == SLOT_DELETES_EVERY - 1;
}

/* ---- what a version looks like ---- */

static void
token_of(size_t slot, int64_t version, uint8_t out[RH_DIGEST_BYTES])
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };
	char text[48];

	snprintf(text, sizeof(text), "token %zu %lld", slot, (long long)version);
	rh_digest(no_key, str_of(text), out);
}

static char *
body_of(size_t slot, int64_t version)
{
	struct chance chance = { slot * 1000003 + (uint64_t)version };
	size_t filler = 50 + chance_below(&chance, version % 5 == 0 ? 5000 : 800);
	char *body = malloc(filler + 80);
	int len = snprintf(body, 80, "{\"slot\":%zu,\"v\":%lld,\"t\":\"", slot, (long long)version);

	for (size_t i = 0; i < filler; i++)
		body[(size_t)len + i] = (char)('a' + chance_below(&chance, 26));
	strcpy(body + len + filler, "\"}");
	return body;
}

static struct store_key
key_of(size_t slot, char text[48])
{
	static const char *const modules[] = { "locations", "tariffs", "sessions" };
	enum slot_kind kind = slot_kind(slot);

	snprintf(text, 48, "O%zu", slot);
	return (struct store_key){
		.scope = kind == SLOT_ADDRESSED ? STR("NL*MSP@2") : STR("*"),
		.module = str_of(modules[slot % COUNT(modules)]),
		.owner = slot % 2 == 0 ? STR("DE*CPO") : STR("DE*TWO"),
		.id = str_of(text),
	};
}

/* ---- writing ---- */

static enum rh_err
make_body(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *ns,
        struct fault *fault)
{
	struct slot_write *write = ctx;

	(void)old, (void)fault;
	*ns = write->version;
	if (write->body != NULL)
		*fresh = arena_str(arena, str_of(write->body));
	return RH_OK;
}

static void
write_object(struct slot_write *w)
{
	bool gone = slot_is_deletion(w->slot, w->version), patch = w->version % 3 == 2;

	w->body = gone ? NULL : body_of(w->slot, w->version);
	w->op.op = (struct store_op){
		.verb = STORE_SHARE,
		.u.share = {
			.key = key_of(w->slot, w->texts[0]),
			.make = make_body,
			.ctx = w,
			.method = gone ? STR("DELETE") : patch ? STR("PATCH") : STR("PUT"),
			.patch = patch ? STR("{\"name\":\"patched\"}") : (struct str){ 0 },
			.suffix = STR("DE/CPO/O1/evse"),
			.correlation_id = STR("0f7f4a36-correlation"),
			.sender_platform = 1,
			.at_ms = 1000,
		},
	};
}

static void
write_relink(struct slot_write *w)
{
	snprintf(w->texts[0], sizeof(w->texts[0]), "relink-%06zu", w->slot);
	snprintf(w->texts[1], sizeof(w->texts[1]), "https://party.example/%zu", w->slot);
	w->relink = (struct store_relink){
		.id = str_of(w->texts[0]),
		.kind = RELINK_LOCATION,
		.target = str_of(w->texts[1]),
		.caller_platform = 1,
		.target_platform = 2,
		.caller_country = "DE",
		.caller_party = "CPO",
		.target_country = "NL",
		.target_party = "MSP",
		.module = STR("cdrs"),
		.created_ms = 1,
		.expires_ms = FAR_MS,
	};
	w->op.op = (struct store_op){ .verb = STORE_RELINK_PUT, .u.relink_put.relink = &w->relink };
}

static void
write_platform(struct slot_write *w, int64_t id)
{
	snprintf(w->texts[0], sizeof(w->texts[0]), "P%zu", w->slot);
	w->token = (struct store_token){ .kind = TOKEN_CURRENT };
	token_of(w->slot, w->version, w->token.digest);
	w->party = (struct store_party){ .country = "DE", .role = 1, .state = STATE_CONNECTED };
	snprintf(w->party.party, sizeof(w->party.party), "%03d", (int)(w->slot % 1000));
	w->platform = (struct store_platform){
		.id = id,
		.name = str_of(w->texts[0]),
		.state = STATE_CONNECTED,
		.version = STR("2.2.1"),
		.versions_url = STR("https://party.example/versions"),
		.token_sealed = STR("sealed"),
		.settings = STR("{}"),
		.updated_ms = w->version,
		.parties = &w->party,
		.party_count = 1,
		.tokens = &w->token,
		.token_count = 1,
	};
	w->op.op =
	        (struct store_op){ .verb = STORE_PLATFORM_SAVE, .u.save.platform = &w->platform };
}

static void
write_cursor(struct slot_write *w)
{
	snprintf(w->texts[0], sizeof(w->texts[0]), "platform/%zu", w->slot);
	snprintf(w->texts[1], sizeof(w->texts[1]), "%lld", (long long)w->version + 1);
	w->cursor = (struct store_cursor){ str_of(w->texts[0]), w->version, str_of(w->texts[1]) };
	w->op.op = (struct store_op){ .verb = STORE_CURSORS_SAVE, .u.cursors = { &w->cursor, 1 } };
}

static void
write_agreement(struct slot_write *w, int64_t id)
{
	bool gone = slot_is_deletion(w->slot, w->version);

	w->agreement = (struct store_agreement){ .id = id,
		.cpo_country = "DE",
		.emsp_country = "NL",
		.emsp_party = "MSP",
		.modules = STR("locations,tariffs"),
		.from_ms = w->version,
		.until_ms = FAR_MS };
	snprintf(w->agreement.cpo_party, 4, "%03d", (int)(w->slot % 1000));
	w->op.op = (struct store_op){ .verb = gone ? STORE_AGREEMENT_DROP : STORE_AGREEMENT_SAVE,
		.u.agreements = { &w->agreement, 1, id } };
}

static void
write_parked(struct slot_write *w)
{
	bool gone = slot_is_deletion(w->slot, w->version);

	snprintf(w->texts[1], sizeof(w->texts[1]), "platform/%zu", w->slot % 3);
	w->parked = (struct store_parked){
		.receiver = str_of(w->texts[1]),
		.to = STR("NL*MSP"),
		.key = key_of(w->slot, w->texts[0]),
		.since_ms = 1,
		.due_ms = 2,
		.change = w->version,
		.http = 500,
		.why = STR("HTTP 500"),
	};
	w->op.op = (struct store_op){ .verb = gone ? STORE_UNPARK : STORE_PARK,
		.u.parked = { .rows = &w->parked, .count = 1 } };
}

static void
write_hint(struct slot_write *w)
{
	snprintf(w->texts[0], sizeof(w->texts[0]), "NL*MSP/R%zu", w->slot);
	w->op.op = (struct store_op){ .verb = STORE_HINT_PUT,
		.u.hint.hint = { STR("reservation"), str_of(w->texts[0]), "DE", "CPO",
		        FAR_MS + w->version } };
}

static void
write_meta(struct slot_write *w)
{
	snprintf(w->texts[0], sizeof(w->texts[0]), "fact-%zu", w->slot);
	snprintf(w->texts[1], sizeof(w->texts[1]), "%lld", (long long)w->version);
	w->op.op = (struct store_op){ .verb = STORE_META_PUT,
		.u.meta = { str_of(w->texts[0]), str_of(w->texts[1]) } };
}

void
slot_write(struct slot_write *w, size_t slot, int64_t version, const struct slot_ids *ids)
{
	*w = (struct slot_write){ .slot = slot, .version = version };
	switch (slot_kind(slot)) {
	case SLOT_SHARED:
	case SLOT_ADDRESSED:
		write_object(w);
		return;
	case SLOT_RELINK:
		write_relink(w);
		return;
	case SLOT_PLATFORM:
		write_platform(w, ids->ids[slot]);
		return;
	case SLOT_CURSOR:
		write_cursor(w);
		return;
	case SLOT_AGREEMENT:
		write_agreement(w, ids->ids[slot]);
		return;
	case SLOT_PARKED:
		write_parked(w);
		return;
	case SLOT_HINT:
		write_hint(w);
		return;
	default:
		write_meta(w);
	}
}

void
slot_written(struct slot_write *w, struct slot_ids *ids)
{
	free(w->body);
	w->body = NULL;
	if (w->op.op.err != RH_OK)
		return;
	if (w->op.op.verb == STORE_PLATFORM_SAVE)
		ids->ids[w->slot] = w->platform.id;
	else if (w->op.op.verb == STORE_AGREEMENT_SAVE)
		ids->ids[w->slot] = w->op.op.u.agreements.id;
	else if (w->op.op.verb == STORE_AGREEMENT_DROP)
		ids->ids[w->slot] = 0;
}

/* ---- reading ---- */

static int64_t
told(enum rh_err err, int64_t version)
{
	return err == RH_OK ? version : err == RH_NOT_FOUND ? SLOT_ABSENT : SLOT_REFUSED;
}

static int64_t
read_object(struct place *place, size_t slot)
{
	char text[48], *body;
	struct store_op op = { .verb = STORE_OBJECT_GET, .u.get.key = key_of(slot, text) };
	const struct store_object *object = &op.u.get.object;
	bool right;

	if (place_do(place, &op) != RH_OK)
		return told(op.err, 0);
	body = body_of(slot, object->last_updated_ns);
	right = str_is(object->body, body) && str_is(object->suffix, "DE/CPO/O1/evse") &&
	        str_is(object->method, object->last_updated_ns % 3 == 2 ? "PATCH" : "PUT");
	free(body);
	return right ? object->last_updated_ns : SLOT_WRONG;
}

static int64_t
read_relink(struct place *place, size_t slot)
{
	struct slot_write expected = { .slot = slot };
	struct store_op op = { .verb = STORE_RELINK_GET, .u.relink.now_ms = 1 };
	const struct store_relink *r = &op.u.relink.relink;

	write_relink(&expected);
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
	struct slot_write expected = { .slot = slot };
	struct store_op op;

	write_hint(&expected);
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
	struct slot_write expected = { .slot = slot };
	struct store_op op;
	uint64_t version;

	write_meta(&expected);
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
	for (int i = kinds[kind].first; i < kinds[kind + 1].first; i++)
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

	token_of(slot, p->updated_ms, token);
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
		struct slot_write expected = { .slot = slot };

		if (slot == SLOTS)
			continue;
		write_parked(&expected);
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
