/* faulty: which fields of a platform's objects break the class tables.
 *
 * The table is made when the first fault is met, as most platforms have none, and is bounded: what
 * finds no row in it counts as "other". Elements of lists are one field, and so are all places of a
 * module where one class stands: the row has the name of the first. Some partners' every answer has
 * faults, so a fault that was met before costs a look through the rows and no text. */
#include "faulty.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct live_faulty {
	pthread_mutex_t lock; /* held for a look through the rows */
	size_t count;
	struct faulty_key {
		const void *what; /* row of a class, or rule; NULL: "other" */
		const char *module, *lacks;
	} keys[FAULTY_FIELDS + 1];
	struct faulty_field rows[FAULTY_FIELDS + 1]; /* the last one: "other" */
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

/* Where @key is counted; its name is still to be written when it is new. */
static size_t
row_of(struct live_faulty *table, const struct faulty_key *key)
{
	size_t at = 0;

	while (at < table->count &&
	        (table->keys[at].what != key->what || table->keys[at].module != key->module ||
	                table->keys[at].lacks != key->lacks))
		at++;
	return at;
}

static void
count_others(struct live_faulty *table, uint64_t times)
{
	static const struct faulty_key others;
	size_t at = row_of(table, &others);

	if (at == table->count) {
		table->keys[table->count] = others;
		(void)add_text(table->rows[table->count++].name, 0, STR("other"));
	}
	table->rows[at].count += times;
}

static void
note_each(struct live_faulty *table, const char *module, const struct json_doc *doc,
        const struct ocpi_flaw *list, size_t count)
{
	char pointer[192];

	for (size_t i = 0; i < count; i++) {
		struct faulty_key key = key_of(module, &list[i]);
		size_t at = row_of(table, &key);

		if (at == table->count && at >= FAULTY_FIELDS - 1) {
			count_others(table, 1);
			continue;
		}
		if (at == table->count) {
			json_pointer(doc, list[i].node, pointer, sizeof pointer);
			table->keys[table->count] = key;
			name_field(
			        module, pointer, list[i].lacks, table->rows[table->count++].name);
		}
		table->rows[at].count++;
	}
}

void
faulty_note(struct live *live, const char *module, const struct json_doc *doc,
        const struct ocpi_flaws *flaws)
{
	struct live_faulty *table = table_of(live);
	size_t listed = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS;
	size_t warned = flaws->warnings < OCPI_MAX_WARNINGS ? flaws->warnings : OCPI_MAX_WARNINGS;

	(void)pthread_mutex_lock(&table->lock);
	note_each(table, module, doc, flaws->list, listed);
	note_each(table, module, doc, flaws->warning, warned);
	if (flaws->count + flaws->warnings > listed + warned)
		count_others(table, flaws->count + flaws->warnings - listed - warned);
	(void)pthread_mutex_unlock(&table->lock);
}

static int
most_first(const void *a, const void *b)
{
	const struct faulty_field *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

size_t
live_faulty_fields(const struct live *live, struct faulty_field fields[FAULTY_FIELDS + 1])
{
	struct live_faulty *table = atomic_load(&live->faulty);
	size_t count;

	if (table == NULL)
		return 0;
	(void)pthread_mutex_lock(&table->lock);
	count = table->count;
	memcpy(fields, table->rows, count * sizeof *fields);
	(void)pthread_mutex_unlock(&table->lock);
	qsort(fields, count, sizeof *fields, most_first);
	return count;
}
