/* told: all that a store tells, as a number for each row. */
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
mix_bytes(uint64_t sum, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3U;
	return (sum ^ len) * 0x100000001b3U;
}

static uint64_t
mix(uint64_t sum, struct str text)
{
	return text.p == NULL ? sum + 1 : mix_bytes(sum, text.p, text.len);
}

static uint64_t
mix_int(uint64_t sum, int64_t n)
{
	return mix_bytes(sum, &n, sizeof(n));
}

static uint64_t
mix_key(uint64_t sum, const struct store_key *key)
{
	return mix(
	        mix(mix(mix(mix(sum, key->scope), key->module), key->owner), key->id), key->type);
}

static void
tell(struct told *told, const char *kind, struct str id, uint64_t key, uint64_t value)
{
	struct entry *entry = &told->entries[told->count];

	if (++told->count == ENTRIES_MOST)
		broken("it tells more than is expected");
	*entry = (struct entry){ mix_bytes(key, kind, strlen(kind)), value, "" };
	snprintf(entry->name, sizeof(entry->name), "%s %.*s", kind,
	        (int)(id.len < 40 ? id.len : 40), id.p);
}

static void
tell_slots(struct told *told, struct place *place)
{
	int64_t versions[SLOTS];

	slots_read(place, versions);
	for (size_t i = 0; i < SLOTS; i++) {
		const char *name = slot_name(i);

		if (versions[i] == SLOT_REFUSED)
			told->refused++;
		else if (versions[i] != SLOT_ABSENT)
			tell(told, "slot", str_of(name), i, (uint64_t)versions[i]);
	}
}

static void
tell_object(struct told *told, const char *kind, const struct store_object *o)
{
	uint64_t sum = mix(
	        mix(mix(mix(mix(1, o->body), o->method), o->suffix), o->patch), o->correlation_id);

	sum = mix_int(mix_int(mix_int(sum, o->change), o->previous), o->last_updated_ns);
	tell(told, kind, o->key.id, mix_key(1, &o->key),
	        mix_int(mix_int(sum, o->at_ms), o->sender_platform));
}

static void
tell_page(struct told *told, struct place *place, const char *module)
{
	struct store_op op = { .verb = STORE_OBJECT_PAGE,
		.u.page = { .module = str_of(module), .viewer = STR("NL*MSP@2"), .limit = 200 } };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.page.count; i++)
		tell_object(told, "listed", &op.u.page.objects[i]);
	tell(told, "total of", str_of(module), mix(2, str_of(module)), op.u.page.total);
}

static void
tell_feed(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_FEED, .u.feed = { .limit = 1000 } };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.feed.count; i++)
		tell_object(told, "fed", &op.u.feed.objects[i]);
	tell(told, "head", STR(""), 3, (uint64_t)op.u.feed.head);
}

static bool
is_quarantined(const struct store_platform *p)
{
	return p->state == STATE_SUSPENDED && p->token_count == 0 && p->party_count == 0;
}

static uint64_t
platform_sum(const struct store_platform *p)
{
	uint64_t sum =
	        mix(mix(mix(mix(mix(1, p->name), p->version), p->versions_url), p->token_sealed),
	                p->settings);

	sum = mix_int(mix_int(mix_int(sum, p->state), p->removed), p->claims_bound);
	sum = mix_int(mix_int(sum, p->created_ms), p->updated_ms);
	for (size_t i = 0; i < p->party_count; i++) {
		const struct store_party *party = &p->parties[i];

		sum = mix(mix(mix(sum, str_of(party->country)), str_of(party->party)),
		        party->business);
		sum = mix_int(
		        mix_int(mix_int(sum, party->role), party->state), party->last_updated_ms);
	}
	for (size_t i = 0; i < p->endpoint_count; i++)
		sum = mix_int(mix(mix(sum, p->endpoints[i].module), p->endpoints[i].url),
		        p->endpoints[i].interface);
	for (size_t i = 0; i < p->token_count; i++)
		sum = mix_int(mix_int(mix_bytes(sum, p->tokens[i].digest, RH_DIGEST_BYTES),
		                      p->tokens[i].kind),
		        p->tokens[i].expires_ms);
	return sum;
}

static void
tell_platforms(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_PLATFORMS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.load.count; i++) {
		const struct store_platform *p = &op.u.load.platforms[i];

		if (is_quarantined(p))
			told->refused++;
		else
			tell(told, "platform", p->name, mix_int(4, p->id), platform_sum(p));
	}
}

static void
tell_cursors(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_CURSORS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.cursors.count; i++) {
		const struct store_cursor *c = &op.u.cursors.cursors[i];

		if (c->change == 0)
			told->refused++;
		else
			tell(told, "cursor", c->receiver, mix(5, c->receiver),
			        mix_int(mix(1, c->ahead), c->change));
	}
}

static void
tell_agreements(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_AGREEMENTS_LOAD };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.agreements.count; i++) {
		const struct store_agreement *a = &op.u.agreements.agreements[i];
		uint64_t sum =
		        mix(mix(mix(mix(mix(1, str_of(a->cpo_country)), str_of(a->cpo_party)),
		                        str_of(a->emsp_country)),
		                    str_of(a->emsp_party)),
		                a->modules);

		tell(told, "agreement", str_of(a->cpo_party), mix_int(6, a->id),
		        mix_int(mix_int(sum, a->from_ms), a->until_ms));
	}
}

static void
tell_parked(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_PARKED,
		.u.parked = { .now_ms = INT64_MAX, .limit = 1000 } };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.parked.count; i++) {
		const struct store_parked *p = &op.u.parked.rows[i];
		uint64_t sum =
		        mix_int(mix_int(mix_int(mix(1, p->why), p->kind), p->since_ms), p->due_ms);

		sum = mix_int(mix_int(mix_int(sum, p->change), p->attempts), p->http);
		tell(told, "parked", p->key.id, mix(mix(mix_key(7, &p->key), p->receiver), p->to),
		        sum);
	}
}

static void
tell_failures(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_FAILURES, .u.failures.limit = 1000 };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.failures.count; i++) {
		const struct store_failure *f = &op.u.failures.failures[i];

		tell(told, "refusal", f->key.id, mix(mix(mix_key(8, &f->key), f->receiver), f->to),
		        mix_int(mix_int(mix_int(mix_int(mix(1, f->why), f->change), f->at_ms),
		                        f->http),
		                f->ocpi));
	}
}

static void
tell_pulled(struct told *told, struct place *place)
{
	struct store_op op = { .verb = STORE_PULLED,
		.u.pulled = { .platform = 1, .module = STR("tariffs"), .limit = 1000 } };

	if (place_do(place, &op) != RH_OK) {
		told->refused++;
		return;
	}
	for (size_t i = 0; i < op.u.pulled.count; i++)
		tell(told, "pulled", op.u.pulled.rows[i].key.id,
		        mix_key(9, &op.u.pulled.rows[i].key), (uint64_t)op.u.pulled.rows[i].missed);
}

static void
tell_stats(struct told *told, struct place *place)
{
	struct store_stats stats;

	store_stats(place->store, &stats);
	told->refused += stats.damaged;
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return (left->key > right->key) - (left->key < right->key);
}

void
tell_all(struct told *told, struct place *place)
{
	struct fault fault;

	*told = (struct told){ 0 };
	if (place_try(place, &fault) != RH_OK)
		return;
	told->opened = true;
	tell_slots(told, place);
	tell_page(told, place, "locations");
	tell_page(told, place, "tariffs");
	tell_page(told, place, "sessions");
	tell_feed(told, place);
	tell_platforms(told, place);
	tell_cursors(told, place);
	tell_agreements(told, place);
	tell_parked(told, place);
	tell_failures(told, place);
	tell_pulled(told, place);
	tell_stats(told, place);
	qsort(told->entries, told->count, sizeof(told->entries[0]), by_key);
	place_forget(place);
}
