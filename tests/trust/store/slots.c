/* slots: things that a store keeps, each with versions that can be told from what is read. */
#include "slots_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int
slot_first(enum slot_kind kind)
{
	return kinds[kind].first;
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

void
slot_token(size_t slot, int64_t version, uint8_t out[RH_DIGEST_BYTES])
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };
	char text[48];

	snprintf(text, sizeof(text), "token %zu %lld", slot, (long long)version);
	rh_digest(no_key, str_of(text), out);
}

char *
slot_body(size_t slot, int64_t version)
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

struct store_key
slot_key(size_t slot, char text[48])
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

	w->body = gone ? NULL : slot_body(w->slot, w->version);
	w->op.op = (struct store_op){
		.verb = STORE_SHARE,
		.u.share = {
			.key = slot_key(w->slot, w->texts[0]),
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
	slot_token(w->slot, w->version, w->token.digest);
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
		.key = slot_key(w->slot, w->texts[0]),
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
