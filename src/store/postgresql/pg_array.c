/* pg_array: arrays as PostgreSQL sends and takes them: dimensions, then each element with its
 * length, all numbers in the order of the network. */
#include "pg.h"

#include <arpa/inet.h>
#include <endian.h>

enum { WITH_NULLS = 1, ABSENT = -1 };

static void
add_int4(struct buf *buf, int32_t n)
{
	uint32_t wire = htonl((uint32_t)n);

	buf_add(buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

/* An empty array has no dimensions. */
struct pg_array
pg_array(struct arena *arena, enum pg_element of, size_t count)
{
	struct pg_array array = { .buf = { .arena = arena } };

	add_int4(&array.buf, count > 0 ? 1 : 0);
	add_int4(&array.buf, WITH_NULLS);
	add_int4(&array.buf, (int32_t)of);
	if (count > 0) {
		add_int4(&array.buf, (int32_t)count);
		add_int4(&array.buf, 1);
	}
	return array;
}

void
pg_array_int(struct pg_array *array, int64_t n)
{
	uint64_t wire = htobe64((uint64_t)n);

	add_int4(&array->buf, sizeof(wire));
	buf_add(&array->buf, (struct str){ (const char *)&wire, sizeof(wire) });
}

void
pg_array_bool(struct pg_array *array, bool is)
{
	add_int4(&array->buf, 1);
	buf_addc(&array->buf, is ? 1 : 0);
}

void
pg_array_add(struct pg_array *array, struct str s)
{
	add_int4(&array->buf, s.p == NULL ? ABSENT : (int32_t)s.len);
	if (s.p != NULL && s.len > 0)
		buf_add(&array->buf, s);
}

void
pg_array_key(struct pg_array *array, struct str s)
{
	pg_array_add(array, s.p == NULL ? STR("") : s);
}
