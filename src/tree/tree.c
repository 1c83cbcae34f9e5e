/* tree: JSON built and walked as jansson's trees. */
#include "roamhub/tree.h"

#include <stdlib.h>
#include <string.h>

/* jansson says NULL when there is no memory, and for text that is no UTF-8, which is cleaned before
 * it comes here. */
static json_t *
made(json_t *node)
{
	if (node == NULL)
		abort();
	return node;
}

static void
done(int status)
{
	if (status != 0)
		abort();
}

void
tree_init(void)
{
	json_set_alloc_funcs(rh_alloc, free);
}

/* ---- nodes ---- */

json_t *
tree_object(void)
{
	return made(json_object());
}

json_t *
tree_list(void)
{
	return made(json_array());
}

/* json_quote() knows what to make of bytes that are no text; jansson takes its word for it. */
static json_t *
cleaned(struct str text)
{
	struct buf quoted = { 0 };
	json_t *node;

	json_quote(&quoted, text);
	node = json_loadb(quoted.p, quoted.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	buf_free(&quoted);
	return made(node);
}

json_t *
tree_str(struct str text)
{
	json_t *node;

	if (text.p == NULL)
		return json_null();
	node = json_stringn(text.p, text.len);
	return node != NULL ? node : cleaned(text);
}

json_t *
tree_text(const char *text)
{
	return tree_str(str_of(text));
}

json_t *
tree_time(int64_t wall_ms)
{
	char text[OCPI_DATETIME_LEN + 1];

	if (wall_ms == 0)
		return json_null();
	ocpi_datetime_print(wall_ms, text);
	return tree_text(text);
}

void
tree_drop(json_t **tree)
{
	json_decref(*tree);
	*tree = NULL;
}

/* ---- members ---- */

void
tree_set(json_t *object, const char *key, json_t *value)
{
	done(json_object_set_new(object, key, value));
}

void
tree_set_str(json_t *object, const char *key, struct str text)
{
	tree_set(object, key, tree_str(text));
}

void
tree_set_text(json_t *object, const char *key, const char *text)
{
	tree_set(object, key, tree_text(text));
}

void
tree_set_number(json_t *object, const char *key, int64_t value)
{
	tree_set(object, key, made(json_integer(value)));
}

void
tree_set_count(json_t *object, const char *key, uint64_t value)
{
	tree_set_number(object, key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void
tree_set_bool(json_t *object, const char *key, bool value)
{
	tree_set(object, key, json_boolean(value));
}

void
tree_set_time(json_t *object, const char *key, int64_t wall_ms)
{
	tree_set(object, key, tree_time(wall_ms));
}

void
tree_add(json_t *list, json_t *value)
{
	done(json_array_append_new(list, value));
}

/* ---- text ---- */

json_t *
tree_read(struct str text, struct fault *fault)
{
	json_error_t error;
	json_t *tree =
	        json_loadb(text.p, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

	if (tree == NULL)
		(void)fault_set(fault, RH_BAD_JSON, "", "line %d, column %d: %s", error.line,
		        error.column, error.text);
	return tree;
}

/* jansson refuses integers beyond 64 bits, which are JSON all the same: they become reals. */
json_t *
tree_read_any(struct str text)
{
	json_t *tree;

	if (text.len == 0)
		return NULL;
	tree = json_loadb(text.p, text.len, JSON_DECODE_ANY, NULL);
	if (tree == NULL)
		tree = json_loadb(
		        text.p, text.len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
	return tree;
}

static int
add_piece(const char *piece, size_t len, void *out)
{
	buf_add(out, (struct str){ piece, len });
	return 0;
}

void
tree_print(const json_t *tree, struct buf *out)
{
	done(json_dump_callback(tree, add_piece, out, JSON_COMPACT | JSON_ENCODE_ANY));
}

struct str
tree_get_str(const json_t *object, const char *key)
{
	const json_t *node = json_object_get(object, key);

	if (!json_is_string(node))
		return (struct str){ 0 };
	return (struct str){ json_string_value(node), json_string_length(node) };
}
