/* json: what the files of the JSON scanner share. Private to the layer ocpi. */
#pragma once

#include "roamhub/ocpi.h"

/** Bytes of the UTF-8 sequence at @p, 0 when it is not well-formed (RFC 3629). Needs p < end. */
size_t utf8_size(const char *p, const char *end);
/** The code point of the well-formed sequence of @size bytes at @p. */
uint32_t utf8_point(const char *p, size_t size);
/** Whether @s is UTF-8 from end to end. */
bool utf8_ok(struct str s);
/** Fill @fault: RH_BAD_JSON, @why at @offset. NULL, so that `return json_refuse(...)` reads well.
 */
const char *json_refuse(struct fault *fault, size_t offset, const char *why);
/**
 * From the first byte of a string's content to its closing quote; NULL when there is none or the
 * content is not allowed. @node gets the number of its characters and what they are.
 */
const char *json_text_end(
        struct str whole, const char *p, struct json_node *node, struct fault *fault);
/** The first byte from @p on that is no white space. */
const char *json_blank_end(const char *p, const char *end);
/** Value of four hexadecimal digits at @p, -1 when there is another character among them. */
int32_t json_hex4(const char *p);
/**
 * Decode the next character of a checked string's content: an escape, a surrogate pair or a UTF-8
 * sequence. Moves *p behind it and returns the bytes put into @out.
 */
size_t json_unit(const char **p, const char *end, char out[4]);
/** The content of a checked string between its quotes, escapes not decoded. */
struct str json_content(const struct json_doc *doc, uint32_t node);
enum { JSON_FEW_KEYS = 32 }; /* members of one object that are compared with each other */
/** Whether no key stands twice in the closed @object; the second one's node in @twice otherwise. */
bool json_keys_unique(
        const struct json_doc *doc, uint32_t object, struct arena *arena, uint32_t *twice);
