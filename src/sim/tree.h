/* tree: jansson beside ocpi.h. Both name their kinds JSON_STRING and so on, and both have a
 * json_string().
 *
 * A simulated platform holds objects as jansson's trees, so here jansson's names win. ocpi's
 * json_string() is also the one that the linker would find: text becomes a tree with tree_text().
 */
#pragma once

#define JSON_NULL   OCPI_JSON_NULL
#define JSON_FALSE  OCPI_JSON_FALSE
#define JSON_TRUE   OCPI_JSON_TRUE
#define JSON_STRING OCPI_JSON_STRING
#define JSON_ARRAY  OCPI_JSON_ARRAY
#define JSON_OBJECT OCPI_JSON_OBJECT
#define json_string ocpi_json_string
#include "roamhub/ocpi.h"
#undef JSON_NULL
#undef JSON_FALSE
#undef JSON_TRUE
#undef JSON_STRING
#undef JSON_ARRAY
#undef JSON_OBJECT
#undef json_string

#include <jansson.h>
#include <string.h>
#pragma GCC poison json_string

json_t *tree_text(const char *text);
json_t *tree_read(struct str text); /* NULL when @text is empty or no JSON */
