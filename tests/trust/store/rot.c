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
#include "told.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LAST_SLOT = 156, LAST_VERSION = 9 };

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
