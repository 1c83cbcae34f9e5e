/* jansson_flat: the other reader. The only file of the fuzz targets that includes jansson.h. */
#include "jansson_flat.h"

#include <jansson.h>
#include <string.h>

struct flatten {
	struct flat *flats;
	size_t count;
	struct arena *arena;
};

static struct str
copy(struct flatten *flatten, const char *bytes, size_t len)
{
	return arena_str(flatten->arena, (struct str){ bytes, len });
}

static enum flat_type
type_of(const json_t *value)
{
	static const enum flat_type types[] = { [JSON_OBJECT] = FLAT_OBJECT,
		[JSON_ARRAY] = FLAT_ARRAY,
		[JSON_STRING] = FLAT_STRING,
		[JSON_INTEGER] = FLAT_INTEGER,
		[JSON_REAL] = FLAT_REAL,
		[JSON_TRUE] = FLAT_TRUE,
		[JSON_FALSE] = FLAT_FALSE,
		[JSON_NULL] = FLAT_NULL };

	return types[json_typeof(value)];
}

/* Depth is jansson's own limit. Objects keep the order of the text. */
static void
add(struct flatten *flatten, json_t *value)
{
	struct flat *flat = &flatten->flats[flatten->count++];
	const char *key;
	json_t *child;
	size_t index;

	*flat = (struct flat){ .type = type_of(value),
		.integer = json_integer_value(value),
		.real = json_real_value(value) };
	flat->count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
	if (flat->type == FLAT_STRING)
		flat->text = copy(flatten, json_string_value(value), json_string_length(value));
	json_object_foreach(value, key, child)
	{
		flatten->flats[flatten->count++] = (struct flat){ .type = FLAT_STRING,
			.text = copy(flatten, key, strlen(key)) };
		add(flatten, child);
	}
	json_array_foreach(value, index, child) add(flatten, child);
}

enum flat_verdict
flat_read(struct str text, struct arena *arena, const struct flat **flats, size_t *count)
{
	struct flatten flatten = { .arena = arena };
	json_error_t error;
	json_t *root =
	        json_loadb(text.p, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

	if (root == NULL) {
		switch (json_error_code(&error)) {
		case json_error_numeric_overflow:
			return FLAT_TOO_BIG_A_NUMBER;
		case json_error_stack_overflow:
			return FLAT_TOO_DEEP;
		default:
			return FLAT_REFUSED;
		}
	}
	flatten.flats = arena_take(arena, (text.len + 1) * sizeof *flatten.flats);
	add(&flatten, root);
	json_decref(root);
	*flats = flatten.flats;
	*count = flatten.count;
	return FLAT_READ;
}
