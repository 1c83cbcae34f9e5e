/* rot: a byte of the database or its log changes; nothing that is told is anything but what was
 * written. Figure 21.
 *
 * A database with some of everything, half of it in the log, is asked for all that it can tell.
 * Then one byte of it is changed, anywhere or in the rows of one kind, and it is asked again. What
 * it tells must be what it told; what it does not tell any more must be refused, or be found by
 * SQLite's own check. A change in the last transaction of the log may undo that transaction: nobody
 * can tell it from a power loss before its sync. */
#include "content.h"
#include "filled.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES_MOST = 4096, LAST_SLOT = 156, LAST_VERSION = 9 };

/* ---- all that a store tells ---- */

struct entry {
	uint64_t key, value;
	char name[64];
};
struct told {
	struct entry entries[ENTRIES_MOST];
	size_t count;
	size_t refused, wrong; /* of slots */
	bool opened;
};

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

static void
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

/* ---- a change ---- */

struct judge {
	struct place place;
	struct {
		struct files files;
		size_t last_begins; /* in the log: its last transaction */
		struct told truth;
	} each[2], *now; /* as a stop leaves it, and with a log that a crash left */
	struct chance chance;
	size_t flips, refused, harmless, hidden, undone, unopened;
};
struct flip {
	const char *what;
	size_t file, at;
	uint8_t mask;
	bool in_last, *said; /* said: the first fault of each is told */
};

static void
say(const struct judge *judge, const struct flip *flip, const char *what, const char *name)
{
	if (*flip->said)
		return;
	*flip->said = true;
	fault_found("%s, byte %zu of %s ^ 0x%02x: %s %s", flip->what, flip->at,
	        judge->now->files.each[flip->file].name, flip->mask, name, what);
}

/* Entries that are there with another value, or that never were. Returns how many are missing. */
static size_t
compare(const struct judge *judge, const struct told *told, const struct flip *flip)
{
	const struct told *truth = &judge->now->truth;
	size_t missing = 0, j = 0;

	for (size_t i = 0; i < truth->count || j < told->count;) {
		const struct entry *was = &truth->entries[i], *is = &told->entries[j];

		if (j == told->count || (i < truth->count && was->key < is->key)) {
			missing++;
			i++;
		} else if (i == truth->count || is->key < was->key) {
			say(judge, flip, "is told and never was", is->name);
			j++;
		} else {
			if (is->value != was->value &&
			        !(flip->in_last && strstr(is->name, "fact 156") != NULL))
				say(judge, flip, "is told as it never was", is->name);
			i++, j++;
		}
	}
	return missing;
}

static void
judge_flip(struct judge *judge, const struct flip *flip)
{
	static struct told told;
	char why[CONTENT_WHY];
	size_t missing, before = faults_found;

	tell_all(&told, &judge->place);
	missing = told.opened ? compare(judge, &told, flip) : 0;
	judge->flips++;
	if (!told.opened)
		judge->unopened++;
	else if (told.refused > 0)
		judge->refused++;
	else if (missing == 0)
		judge->harmless++;
	else if (flip->in_last)
		judge->undone++;
	else if (content_sum(judge->place.file, why) == 0)
		judge->hidden++;
	else if (faults_found == before)
		say(judge, flip, "entries are missing, and nothing says so", "some");
	place_close(&judge->place);
}

static void
try_flip(struct judge *judge, struct flip flip)
{
	uint8_t *byte = &judge->now->files.each[flip.file].bytes[flip.at];
	bool said = false;

	flip.said = &said;
	flip.in_last = flip.file == 1 && flip.at >= judge->now->last_begins;
	do
		flip.mask = (uint8_t)chance_next(&judge->chance);
	while (flip.mask == 0);
	*byte ^= flip.mask;
	files_put(&judge->now->files, &judge->place);
	*byte ^= flip.mask;
	judge_flip(judge, &flip);
}

/* Every other one in the log, if there is one: it is small beside the database. */
static void
flip_anywhere(struct judge *judge, bool log)
{
	const struct files *files = &judge->now->files;
	size_t file = log && files->count > 1;

	try_flip(judge, (struct flip){ .what = "anywhere",
	                        .file = file,
	                        .at = chance_below(&judge->chance, files->each[file].size) });
}

/* ---- aimed ---- */

struct aim {
	const char *what, *text; /* that stands in the row */
	size_t before, behind;   /* bytes of it that belong to the row as well */
};
static const struct aim aims[] = {
	{ "a PATCH", "{\"name\":\"patched\"}", 4, 0 },
	{ "the object of a PATCH", "0f7f4a36-correlation", 60, 10 },
	{ "the head of an object", "*locationsDE*CPOO", 26, 0 },
	{ "the head of an addressed object", "NL*MSP@2locations", 26, 0 },
	{ "a relink", "https://party.example/7", 40, 30 },
	{ "a token", "token", 8, 40 },
	{ "a cursor", "platform/127", 8, 6 },
	{ "an agreement", "DE133NLMSP", 14, 40 },
	{ "a party", "DE121", 8, 6 },
	{ "a platform", "https://party.example/versions", 30, 20 },
	{ "a parked row", "platform/1NL*MSP*", 20, 40 },
	{ "a hint", "reservationNL*MSP/R152", 8, 12 },
	{ "a fact", "fact-158", 6, 4 },
};

/* The bytes of a token that is accepted: only its digest is there. */
static struct str
aimed_bytes(const struct judge *judge, const struct aim *aim)
{
	static uint8_t digest[RH_DIGEST_BYTES];
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };

	if (strcmp(aim->what, "a token") != 0)
		return str_of(aim->text);
	rh_digest(no_key, judge->now == judge->each ? STR("token 121 2") : STR("token 121 5"),
	        digest);
	return (struct str){ (const char *)digest, sizeof(digest) };
}

static bool
place_aim(const struct judge *judge, const struct aim *aim, size_t nth, struct flip *flip)
{
	struct str text = aimed_bytes(judge, aim);

	for (size_t file = 0; file < judge->now->files.count; file++)
		for (size_t at = 0; at + text.len < judge->now->files.each[file].size; at++) {
			if (memcmp(judge->now->files.each[file].bytes + at, text.p, text.len) != 0)
				continue;
			if (nth-- == 0) {
				*flip = (struct flip){ .what = aim->what, .file = file, .at = at };
				return true;
			}
		}
	return false;
}

static void
flip_aimed(struct judge *judge, const struct aim *aim)
{
	struct flip flip;
	size_t places = 0, at;

	while (place_aim(judge, aim, places, &flip))
		places++;
	if (places == 0)
		broken("there is nothing to aim at: %s", aim->what);
	place_aim(judge, aim, chance_below(&judge->chance, places), &flip);
	at = flip.at +
	     chance_below(&judge->chance, aim->before + aimed_bytes(judge, aim).len + aim->behind);
	flip.at = at < aim->before ? 0 : at - aim->before;
	if (flip.at < judge->now->files.each[flip.file].size)
		try_flip(judge, flip);
}

/* ---- what is there ---- */

static void
write_last(struct place *place, const struct slot_ids *ids)
{
	struct slot_write last;

	slot_write(&last, LAST_SLOT, LAST_VERSION, ids);
	if (place_do(place, &last.op.op) != RH_OK)
		broken("the last one: %s", last.op.op.why);
}

static void
prepare(struct judge *judge)
{
	struct place place;
	struct slot_ids ids = { 0 };

	place_make(&place, NULL);
	place_open(&place);
	fill(&place, 1, &ids);
	fill(&place, 2, &ids);
	place_close(&place);
	files_take(&judge->each[0].files, &place);
	place_open(&place);
	fill(&place, 5, &ids);
	files_take(&judge->each[1].files, &place);
	judge->each[1].last_begins = judge->each[1].files.each[1].size;
	files_free(&judge->each[1].files);
	write_last(&place, &ids);
	files_take(&judge->each[1].files, &place);
	place_end(&place);
}

static void
learn(struct judge *judge)
{
	for (size_t i = 0; i < COUNT(judge->each); i++) {
		files_put(&judge->each[i].files, &judge->place);
		tell_all(&judge->each[i].truth, &judge->place);
		place_close(&judge->place);
		if (judge->each[i].truth.refused > 0 || judge->each[i].files.count != i + 1)
			broken("before any change something is refused");
	}
}

int
main(int argc, char **argv)
{
	int64_t flips = 200, aimed = 12;
	const struct option options[] = { { "--flips", &flips }, { "--aimed", &aimed } };
	static struct judge judge;

	options_read(argc, argv, options, COUNT(options));
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	judge.chance.state = seed_given();
	prepare(&judge);
	place_make(&judge.place, NULL);
	learn(&judge);
	for (int64_t i = 0; i < flips; i++) {
		judge.now = &judge.each[i % 2];
		flip_anywhere(&judge, i % 4 == 1);
	}
	for (size_t i = 0; i < COUNT(aims); i++)
		for (int64_t j = 0; j < aimed; j++) {
			judge.now = &judge.each[j % 4 == 3];
			flip_aimed(&judge, &aims[i]);
		}
	files_free(&judge.each[0].files);
	files_free(&judge.each[1].files);
	place_end(&judge.place);
	return verdict(21,
	        "bytes changed %zu: %zu refused, %zu do not open, %zu harmless, %zu hide something "
	        "that SQLite's check finds, %zu undo the last transaction of the log",
	        judge.flips, judge.refused, judge.unopened, judge.harmless, judge.hidden,
	        judge.undone);
}
