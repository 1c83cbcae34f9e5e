/* tree: JSON as jansson's trees, for what is cold: the admin API, reports, configuration. What is
 * hot is scanned and spliced without a tree (ocpi.h).
 *
 * The one door to jansson for who includes ocpi.h too: both name their kinds JSON_STRING and so on,
 * and both have a json_string(). Here jansson's names win. ocpi's json_string() is also the one
 * that the linker would find, so text becomes a node with tree_text() or tree_str().
 *
 * Functions named tree_set take the node that they are given, as jansson's ..._new() do. Memory
 * that cannot be had ends the process, as everywhere (ADR 0007). */
#pragma once

#define JSON_NULL   OCPI_JSON_NULL
#define JSON_FALSE  OCPI_JSON_FALSE
#define JSON_TRUE   OCPI_JSON_TRUE
#define JSON_STRING OCPI_JSON_STRING
#define JSON_ARRAY  OCPI_JSON_ARRAY
#define JSON_OBJECT OCPI_JSON_OBJECT
#define json_string ocpi_json_string
#include "ocpi.h"
#undef JSON_NULL
#undef JSON_FALSE
#undef JSON_TRUE
#undef JSON_STRING
#undef JSON_ARRAY
#undef JSON_OBJECT
#undef json_string

#include <jansson.h>
#pragma GCC poison json_string

void tree_init(void); /* jansson's memory is had as everybody's; before threads */

/* ---- nodes ---- */

json_t *tree_object(void);
json_t *tree_list(void);
json_t *tree_str(struct str text);   /* null when absent; invalid UTF-8 becomes U+FFFD */
json_t *tree_text(const char *text); /* the same; null for NULL */
json_t *tree_time(int64_t wall_ms);  /* "2026-11-23T08:00:00.000Z", null for 0 */
void tree_drop(json_t **tree);       /* and nulls it; for CLEANUP() too */

/* ---- members of an object, and elements of a list ---- */

void tree_set(json_t *object, const char *key, json_t *value);
void tree_set_str(json_t *object, const char *key, struct str text);
void tree_set_text(json_t *object, const char *key, const char *text);
void tree_set_number(json_t *object, const char *key, int64_t value);
void tree_set_count(json_t *object, const char *key, uint64_t value); /* INT64_MAX at most */
void tree_set_bool(json_t *object, const char *key, bool value);
void tree_set_time(json_t *object, const char *key, int64_t wall_ms);
void tree_add(json_t *list, json_t *value);

/* ---- text to trees and back ---- */

/** Strict: one value, no key twice, UTF-8 without NUL. NULL with RH_BAD_JSON in @fault. */
json_t *tree_read(struct str text, struct fault *fault);
/** Whatever partners send as JSON, keys twice and integers beyond 64 bits too. NULL: it is none. */
json_t *tree_read_any(struct str text);
/** Without blanks, members in the order in which they were set. */
void tree_print(const json_t *tree, struct buf *out);
/** A string member, borrowed from the tree, with a NUL behind it; absent when it is none. */
struct str tree_get_str(const json_t *object, const char *key);
