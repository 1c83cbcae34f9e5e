/* openapi: the schemas that the document is made of. */
#pragma once

#include "inside.h"

json_t *openapi_plain(const char *json, const char *format, const char *unit);
json_t *openapi_reference(struct str shape);
/** A type of fields.h; "A|B" of shapes: one or the other. */
json_t *openapi_type(struct str text);
/** All shapes of what is answered. */
json_t *openapi_shapes(void);
/** And those of the bodies that are taken. */
void openapi_add_bodies(json_t *shapes, const struct verb *verbs);
/** Of a query, that @takes it, each name as a parameter. */
void openapi_add_query(json_t *parameters, const char *takes);
