/* faulty: which fields of a platform's objects break the class tables.
 *
 * The table is made when the first fault is met, as most platforms have none, and is bounded: what
 * finds no row in it counts as "other". Elements of lists are one field. */
#include "faulty.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct live_faulty {
	pthread_mutex_t lock; /* held for a look through the rows */
	size_t count;
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

/* "/evses/0/status" is "locations/evses/status". An answer's are below `data`. */
static void
name_field(const char *module, const char *pointer, char name[FAULTY_NAME])
{
	struct str left = str_of(pointer);
	int len = snprintf(name, FAULTY_NAME, "%s", module);

	(void)str_cut(&left, '/');
	if (str_starts(left, "data/"))
		(void)str_cut(&left, '/');
	while (left.p != NULL && len > 0 && len < FAULTY_NAME) {
		struct str segment = str_cut(&left, '/');

		if (!is_index(segment))
			len += snprintf(
			        name + len, (size_t)(FAULTY_NAME - len), "/%.*s", STR_ARG(segment));
	}
}

static void
count_field(struct live_faulty *table, const char *name, uint64_t times)
{
	size_t at = 0;

	while (at < table->count && strcmp(table->rows[at].name, name) != 0)
		at++;
	if (at == FAULTY_FIELDS)
		name = "other";
	if (at == table->count)
		(void)snprintf(table->rows[table->count++].name, FAULTY_NAME, "%s", name);
	table->rows[at].count += times;
}

static void
note_each(struct live_faulty *table, const char *module, const struct json_doc *doc,
        const struct ocpi_flaw *list, size_t count)
{
	struct ocpi_flaw_text text;
	char name[FAULTY_NAME];

	for (size_t i = 0; i < count; i++) {
		ocpi_flaw_text(doc, &list[i], &text);
		name_field(module, text.pointer, name);
		(void)pthread_mutex_lock(&table->lock);
		count_field(table, name, 1);
		(void)pthread_mutex_unlock(&table->lock);
	}
}

void
faulty_note(struct live *live, const char *module, const struct json_doc *doc,
        const struct ocpi_flaws *flaws)
{
	struct live_faulty *table = table_of(live);
	size_t listed = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS;
	size_t warned = flaws->warnings < OCPI_MAX_WARNINGS ? flaws->warnings : OCPI_MAX_WARNINGS;

	note_each(table, module, doc, flaws->list, listed);
	note_each(table, module, doc, flaws->warning, warned);
	if (flaws->count + flaws->warnings == listed + warned)
		return;
	(void)pthread_mutex_lock(&table->lock);
	count_field(table, "other", flaws->count + flaws->warnings - listed - warned);
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
