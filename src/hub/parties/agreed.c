/* agreed: the agreements as directories hold them. */
#include "agreed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	const struct store_agreement **rows;
	size_t count, room;
};

enum { PAIR_TEXT = 2 * OCPI_ID_TEXT };

/* The same for both orders of the two, and in any casing. */
static struct str
pair_key(const struct ocpi_id *a, const struct ocpi_id *b, char out[PAIR_TEXT])
{
	char first[OCPI_ID_TEXT], second[OCPI_ID_TEXT];
	bool swap = strcmp(ocpi_id_key(a, first), ocpi_id_key(b, second)) > 0;
	char *end = stpcpy(out, swap ? second : first);

	end = stpcpy(end, swap ? first : second);
	return (struct str){ out, (size_t)(end - out) };
}

static void
add_row(struct pair *pair, const struct store_agreement *row, struct arena *arena)
{
	if (pair->count == pair->room) {
		size_t room = pair->room > 0 ? 2 * pair->room : 1;
		const struct store_agreement **rows = arena_alloc(arena, room * sizeof *rows);

		if (pair->count > 0)
			memcpy(rows, pair->rows, pair->count * sizeof *rows);
		pair->rows = rows;
		pair->room = room;
	}
	pair->rows[pair->count++] = row;
}

static void
index_row(struct agreed *agreed, const struct store_agreement *row)
{
	struct ocpi_id cpo, emsp;
	char text[PAIR_TEXT];
	struct pair *pair;
	struct str key;

	memcpy(cpo.country, row->cpo_country, sizeof cpo.country);
	memcpy(cpo.party, row->cpo_party, sizeof cpo.party);
	memcpy(emsp.country, row->emsp_country, sizeof emsp.country);
	memcpy(emsp.party, row->emsp_party, sizeof emsp.party);
	key = pair_key(&cpo, &emsp, text);
	pair = table_get(agreed->pairs, key);
	if (pair == NULL) {
		pair = arena_alloc(agreed->arena, sizeof *pair);
		(void)table_put(agreed->pairs, arena_str(agreed->arena, key), pair);
	}
	add_row(pair, row, agreed->arena);
}

struct agreed *
agreed_new(const struct list *records)
{
	struct agreed *agreed = rh_alloc(sizeof *agreed);
	size_t count = 0;

	list_each (node, records)
		count++;
	agreed->refs = 1;
	agreed->arena = arena_new(4096);
	agreed->pairs = table_new(count);
	agreed->rows = arena_alloc(agreed->arena, (count + 1) * sizeof *agreed->rows);
	list_each (node, records) {
		struct store_agreement *row = &agreed->rows[agreed->count++];

		*row = container_of(node, struct agreement_record, node)->row;
		row->modules = arena_str(agreed->arena, row->modules);
		index_row(agreed, row);
	}
	return agreed;
}

struct agreed *
agreed_hold(struct agreed *agreed)
{
	assert(agreed->refs > 0);
	agreed->refs++;
	return agreed;
}

void
agreed_release(struct agreed *agreed)
{
	if (agreed == NULL)
		return;
	assert(agreed->refs > 0);
	if (--agreed->refs > 0)
		return;
	table_free(agreed->pairs);
	arena_free(agreed->arena);
	free(agreed);
}

size_t
agreed_of(const struct agreed *agreed, const struct ocpi_id *a, const struct ocpi_id *b,
        const struct store_agreement *const **rows)
{
	char text[PAIR_TEXT];
	const struct pair *pair =
	        agreed->count > 0 ? table_get(agreed->pairs, pair_key(a, b, text)) : NULL;

	*rows = pair != NULL ? pair->rows : NULL;
	return pair != NULL ? pair->count : 0;
}
