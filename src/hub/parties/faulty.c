/* faulty: which fields of a platform's objects break the class tables.
 *
 * What stood there is shown by its first three samples, out of the first that were met. Tokens are
 * hidden in them: some write them where they do not belong.
 *
 * The table is made when the first fault is met, as most platforms have none, and is bounded: what
 * finds no row in it counts as "other". Elements of lists are one field, and so are all places of a
 * module where one class stands: the row has the name of the first. Some partners' every answer has
 * faults, so a fault that was met before costs a look through the rows and no text. */
#include "faulty.h"

#include "known.h"
#include "masks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLED = 16 }; /* findings of a row that are looked at for samples */

struct live_faulty {
	pthread_mutex_t lock; /* held for a look through the rows */
	size_t count, next;   /* next: behind the one that was met last */
	struct faulty_key {
		const void *what; /* row of a class, or rule; NULL: "other" */
		const char *module, *lacks;
	} keys[FAULTY_FIELDS + 1];
	struct faulty_finding *rows[FAULTY_FIELDS + 1]; /* the last one: "other" */
};

static struct live_faulty *
table_of(struct live *live)
{
	struct live_faulty *table = atomic_load(&live->faulty), *none = NULL;

	if (table != NULL)
		return table;
	table = rh_alloc(sizeof *table);
	(void)pthread_mutex_init(&table->lock, NULL);
	if (atomic_compare_exchange_strong(&live->faulty, &none, table))
		return table;
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
	return none;
}

void
faulty_free(struct live *live)
{
	struct live_faulty *table = atomic_exchange(&live->faulty, NULL);

	if (table == NULL)
		return;
	(void)pthread_mutex_destroy(&table->lock);
	for (size_t i = 0; i < table->count; i++)
		free(table->rows[i]);
	free(table);
}

static bool
is_index(struct str segment)
{
	for (size_t i = 0; i < segment.len; i++)
		if (segment.p[i] < '0' || segment.p[i] > '9')
			return false;
	return true;
}

/* As much of @text as fits. */
static size_t
add_text(char name[FAULTY_NAME], size_t len, struct str text)
{
	size_t room = FAULTY_NAME - 1 - len, more = text.len < room ? text.len : room;

	if (more > 0)
		memcpy(name + len, text.p, more);
	name[len + more] = '\0';
	return len + more;
}

/* "/evses/0/status" is "locations/evses/status". An answer's are below `data`. */
static void
name_field(const char *module, const char *pointer, const char *lacks, char name[FAULTY_NAME])
{
	struct str left = str_of(pointer);
	size_t len = add_text(name, 0, str_of(module));

	(void)str_cut(&left, '/');
	if (str_starts(left, "data/") || str_is(left, "data"))
		(void)str_cut(&left, '/');
	while (left.p != NULL) {
		struct str segment = str_cut(&left, '/');

		if (is_index(segment))
			continue;
		len = add_text(name, len, STR("/"));
		len = add_text(name, len, segment);
	}
	if (lacks != NULL) {
		len = add_text(name, len, STR("/"));
		(void)add_text(name, len, str_of(lacks));
	}
}

static struct faulty_key
key_of(const char *module, const struct ocpi_flaw *flaw)
{
	const void *what = flaw->rule != NULL    ? (const void *)flaw->rule
	                   : flaw->field != NULL ? (const void *)flaw->field
	                                         : (const void *)flaw->class;

	return (struct faulty_key){ what, module, flaw->lacks };
}

static bool
is_of(const struct faulty_key *row, const struct faulty_key *key)
{
	return row->what == key->what && row->module == key->module && row->lacks == key->lacks;
}

/* Where @key is counted; its name is still to be written when it is new. What is wrong every time
 * is so in the same order. */
static size_t
row_of(struct live_faulty *table, const struct faulty_key *key)
{
	size_t at = table->next < table->count ? table->next : 0;

	if (at == table->count || !is_of(&table->keys[at], key))
		for (at = 0; at < table->count && !is_of(&table->keys[at], key);)
			at++;
	table->next = at + 1;
	return at;
}

/* ---- a row ---- */

static void
copy(char *to, size_t size, struct str from)
{
	size_t len = from.len < size ? from.len : size - 1;

	if (len > 0)
		memcpy(to, from.p, len);
	to[len] = '\0';
}

static struct faulty_finding *
add_row(struct live_faulty *table, const struct faulty_key *key)
{
	struct faulty_finding *row = rh_alloc(sizeof *row);

	row->first_ms = rh_wall_coarse_ms();
	table->keys[table->count] = *key;
	table->rows[table->count++] = row;
	return row;
}

static void
describe(struct faulty_finding *row, const struct faulty_met *met, const struct ocpi_flaw *flaw)
{
	const struct ocpi_class *class = ocpi_flaw_class(flaw, met->class);
	struct ocpi_flaw_text words;
	char pointer[192];

	json_pointer(met->doc, flaw->node, pointer, sizeof pointer);
	name_field(met->module, pointer, flaw->lacks, row->field);
	ocpi_flaw_text(met->doc, flaw, &words);
	copy(row->pointer, sizeof row->pointer, str_of(words.pointer));
	copy(row->expected, sizeof row->expected, str_of(words.expected));
	row->module = met->module;
	row->class = class->name;
	row->spec = class->spec;
	row->rule = flaw->rule != NULL ? flaw->rule->spec : NULL;
}

static struct str
hidden(const struct faulty_met *met, struct str text, struct arena *arena)
{
	struct ocpi_authorization given = { 0 };
	struct fault none;

	if (met->authorization.p == NULL ||
	        ocpi_authorization_read(met->authorization, arena, &given, &none) != RH_OK)
		given = (struct ocpi_authorization){ 0 };
	return masks_hide(
	        text, (const struct str[]){ given.raw, given.decoded, met->token }, 3, arena);
}

static bool
is_token(const struct faulty_met *met, uint32_t node, struct arena *arena)
{
	return met->hub != NULL && met->doc->nodes[node].type == JSON_STRING &&
	       known_token(met->hub, json_string(met->doc, node, arena), arena);
}

/* Another one than those that are there. */
static bool
is_new(const struct faulty_finding *row, const char *found, const char *where)
{
	for (size_t i = 0; i < row->sample_count; i++)
		if (strcmp(row->samples[i].found, found) == 0 &&
		        strcmp(row->samples[i].where, where) == 0)
			return false;
	return true;
}

static void
add_sample(struct faulty_finding *row, const struct faulty_met *met, const struct ocpi_flaw *flaw)
{
	struct arena *arena = arena_new(1024);
	struct str query = met->where, path = str_cut(&query, '?');
	char found[FAULTY_SAMPLE], where[FAULTY_WHERE];
	struct ocpi_flaw_text words;

	ocpi_flaw_text(met->doc, flaw, &words);
	copy(found, sizeof found,
	        is_token(met, flaw->node, arena) ? STR("a token, which is not shown")
	                                         : hidden(met, str_of(words.found), arena));
	copy(where, sizeof where, hidden(met, path, arena));
	if (is_new(row, found, where)) {
		copy(row->samples[row->sample_count].found, sizeof found, str_of(found));
		copy(row->samples[row->sample_count++].where, sizeof where, str_of(where));
	}
	arena_free(arena);
}

static void
count_row(struct faulty_finding *row, const struct faulty_met *met, uint64_t times, int64_t now_ms)
{
	row->count += times;
	row->refused += met->refused ? times : 0;
	row->last_ms = now_ms;
}

/* ---- what was met ---- */

static void
count_others(
        struct live_faulty *table, const struct faulty_met *met, uint64_t times, int64_t now_ms)
{
	static const struct faulty_key others;
	size_t at = row_of(table, &others);

	if (at == table->count)
		copy(add_row(table, &others)->field, FAULTY_NAME, STR("other"));
	count_row(table->rows[at], met, times, now_ms);
}

static void
note_flaw(struct live_faulty *table, const struct faulty_met *met, const struct ocpi_flaw *flaw,
        int64_t now_ms)
{
	struct faulty_key key = key_of(met->module, flaw);
	size_t at = row_of(table, &key);
	struct faulty_finding *row;

	if (at == table->count && at >= FAULTY_FIELDS - 1) {
		count_others(table, met, 1, now_ms);
		return;
	}
	if (at == table->count)
		describe(add_row(table, &key), met, flaw);
	row = table->rows[at];
	if (row->sample_count < FAULTY_SAMPLES && row->count < MOST_SAMPLED)
		add_sample(row, met, flaw);
	count_row(row, met, 1, now_ms);
}

void
faulty_note(struct live *live, const struct faulty_met *met)
{
	struct live_faulty *table = table_of(live);
	const struct ocpi_flaws *flaws = met->flaws;
	size_t listed = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS;
	size_t warned = flaws->warnings < OCPI_MAX_WARNINGS ? flaws->warnings : OCPI_MAX_WARNINGS;
	int64_t now_ms = rh_wall_coarse_ms();

	(void)pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < listed; i++)
		note_flaw(table, met, &flaws->list[i], now_ms);
	for (size_t i = 0; i < warned; i++)
		note_flaw(table, met, &flaws->warning[i], now_ms);
	if (flaws->count + flaws->warnings > listed + warned)
		count_others(table, met, flaws->count + flaws->warnings - listed - warned, now_ms);
	(void)pthread_mutex_unlock(&table->lock);
}

/* ---- what is to be forgotten ---- */

static bool
names_any(const char *text, const struct str names[2])
{
	return store_names(str_of(text), names[0]) || store_names(str_of(text), names[1]);
}

static size_t
forget_samples(struct faulty_finding *row, const struct str *names, bool dry_run)
{
	struct faulty_finding left = *row;
	size_t gone;

	left.sample_count = 0;
	memset(left.samples, 0, sizeof left.samples);
	for (size_t i = 0; names != NULL && i < row->sample_count; i++)
		if (!names_any(row->samples[i].found, names) &&
		        !names_any(row->samples[i].where, names))
			left.samples[left.sample_count++] = row->samples[i];
	gone = row->sample_count - left.sample_count;
	if (!dry_run)
		*row = left;
	return gone;
}

size_t
faulty_forget(struct live *live, const struct str *names, bool dry_run)
{
	struct live_faulty *table = atomic_load(&live->faulty);
	size_t gone = 0;

	if (table == NULL)
		return 0;
	(void)pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < table->count; i++)
		gone += forget_samples(table->rows[i], names, dry_run);
	(void)pthread_mutex_unlock(&table->lock);
	return gone;
}

/* ---- as it is shown ---- */

static int
most_first(const void *a, const void *b)
{
	const struct faulty_finding *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->field, y->field);
}

size_t
live_faulty_findings(
        const struct live *live, struct arena *arena, const struct faulty_finding **out)
{
	struct live_faulty *table = atomic_load(&live->faulty);
	struct faulty_finding *rows;
	size_t count;

	*out = NULL;
	if (table == NULL)
		return 0;
	(void)pthread_mutex_lock(&table->lock);
	count = table->count;
	rows = arena_alloc(arena, (count + 1) * sizeof *rows);
	for (size_t i = 0; i < count; i++)
		rows[i] = *table->rows[i];
	(void)pthread_mutex_unlock(&table->lock);
	qsort(rows, count, sizeof *rows, most_first);
	*out = rows;
	return count;
}
