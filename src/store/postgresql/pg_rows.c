/* pg_rows: what stands in a result, in binary form. */
#include "pg.h"

#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

enum { ARRAY_HEAD_BYTES = 12, DIMENSION_BYTES = 8, ELEMENT_HEAD_BYTES = 4 };

void
pg_result_free(struct pg_result *result)
{
	PQclear(result);
}

int
pg_rows(const struct pg_result *result)
{
	return PQntuples(result);
}

bool
pg_null(const struct pg_result *result, int row, int column)
{
	return PQgetisnull(result, row, column) != 0;
}

static int64_t
big(const char *p)
{
	uint64_t wire;

	memcpy(&wire, p, sizeof(wire));
	return (int64_t)be64toh(wire);
}

int64_t
pg_int(const struct pg_result *result, int row, int column)
{
	if (PQgetlength(result, row, column) != sizeof(int64_t))
		return 0;
	return big(PQgetvalue(result, row, column));
}

bool
pg_bool(const struct pg_result *result, int row, int column)
{
	return PQgetlength(result, row, column) == 1 && *PQgetvalue(result, row, column) != 0;
}

struct str
pg_peek(const struct pg_result *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return (struct str){ 0 };
	return (struct str){ PQgetvalue(result, row, column),
		(size_t)PQgetlength(result, row, column) };
}

struct str
pg_text(const struct pg_result *result, int row, int column, struct arena *arena)
{
	return arena_str(arena, pg_peek(result, row, column));
}

void
pg_chars(const struct pg_result *result, int row, int column, char *out, size_t size)
{
	struct str s = pg_peek(result, row, column);
	size_t len = s.len < size ? s.len : size - 1;

	if (len > 0 && s.p != NULL)
		memcpy(out, s.p, len);
	out[len] = '\0';
}

int64_t *
pg_ints(const struct pg_result *result, int row, int column, struct arena *arena, size_t *count)
{
	enum { STEP = ELEMENT_HEAD_BYTES + sizeof(int64_t) };
	struct str s = pg_peek(result, row, column);
	struct str rest = str_from(s, ARRAY_HEAD_BYTES + DIMENSION_BYTES);
	int64_t *out;

	*count = rest.len / STEP;
	out = arena_alloc(arena, (*count + 1) * sizeof(*out));
	for (size_t i = 0; i < *count; i++)
		out[i] = big(rest.p + i * STEP + ELEMENT_HEAD_BYTES);
	return out;
}
