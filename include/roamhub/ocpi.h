/* ocpi: what OCPI 2.2.1 messages are made of. Bytes in, bytes out: no I/O, no clock, no tree; the
 * fuzzable heart.
 *
 * Results live in the arena that was given or point into the input. */
#pragma once

#include "base.h"

/* The one version that is spoken; as it stands in URLs, Version objects and registrations. */
#define OCPI_VERSION "2.2.1"

/* ---- parties (party.c) ---- */

enum ocpi_role { /* types.asciidoc "Role enum"; the order is the table's */
	ROLE_NONE,
	ROLE_CPO,
	ROLE_EMSP,
	ROLE_HUB,
	ROLE_NAP,
	ROLE_NSP,
	ROLE_OTHER,
	ROLE_SCSP
};
const char *ocpi_role_name(enum ocpi_role role);
bool ocpi_role_parse(struct str text, enum ocpi_role *role);

enum ocpi_interface { IFACE_NONE, IFACE_SENDER, IFACE_RECEIVER };
const char *ocpi_interface_name(enum ocpi_interface interface);
bool ocpi_interface_parse(struct str text, enum ocpi_interface *interface);

/** (country_code, party_id): the casing received is kept, comparison ignores it (CRD-030). */
struct ocpi_id {
	char country[3], party[4];
};
/** False unless exactly 2 and 3 printable ASCII characters without spaces (TYP-021). */
bool ocpi_id_make(struct str country, struct str party, struct ocpi_id *id);
bool ocpi_id_same(const struct ocpi_id *a, const struct ocpi_id *b);
bool ocpi_id_parse(struct str text, struct ocpi_id *id); /* "DE*ABC" */
enum { OCPI_ID_TEXT = 7 };
const char *ocpi_id_text(
        const struct ocpi_id *id, char out[OCPI_ID_TEXT]); /* "DE*ABC", casing kept */
const char *ocpi_id_key(
        const struct ocpi_id *id, char out[OCPI_ID_TEXT]); /* the same in upper case */

/* ---- JSON without a tree (json.c): one strict pass, byte ranges of every value ---- */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};
enum { JSON_MAX_DEPTH = 64 };

/** Nodes stand in document order. An object's members are pairs: the key's node (a JSON_STRING),
 * then the value's. Children of node i start at i + 1; the node after the subtree of i is
 * nodes[i].next. */
struct json_node {
	uint32_t at, end; /* bytes [at, end) of the text, quotes and brackets included */
	uint32_t next;
	uint32_t count; /* members, elements, or characters of a string's content */
	uint8_t type;   /* enum json_type */
	bool escaped;   /* a string with a backslash in it: decode before use */
	bool ascii;     /* a string that means nothing but U+0020 to U+007E */
	bool printable; /* a string that means no control characters and line breaks (TYP-002) */
};
struct json_doc {
	struct str text;
	const struct json_node *nodes; /* nodes[0] is the root */
	uint32_t count;
};
/** Whether a byte order mark of 3 bytes stands before the text: RFC 8259 forbids it, and some write
 * it; json_scan() refuses it. */
bool json_has_mark(struct str text);
/**
 * Check @text against RFC 8259 and note where everything is. Refused with RH_BAD_JSON and offset
 * and reason in @fault: anything but one value with white space around it, depth over
 * JSON_MAX_DEPTH, invalid UTF-8 (overlong, surrogates, above U+10FFFF), lone surrogate escapes,
 * \u0000, raw control characters, a key twice in one object (after decoding escapes), more than
 * @max_nodes nodes. Linear in the text.
 */
MUST_CHECK enum rh_err json_scan(struct str text, uint32_t max_nodes, struct arena *arena,
        struct json_doc *doc, struct fault *fault);
/** Value of member @name of object @object; 0 when it is absent or @object is no object (the root
 * is no member). */
uint32_t json_member(const struct json_doc *doc, uint32_t object, const char *name);
struct str json_raw(const struct json_doc *doc, uint32_t node); /* the bytes as they stand */
/** A string's content, escapes decoded (into @arena only when there are any); absent when the node
 * is no string. */
struct str json_string(const struct json_doc *doc, uint32_t node, struct arena *arena);
/** Member @name as decoded string; absent when missing or no string. */
struct str json_member_string(
        const struct json_doc *doc, uint32_t object, const char *name, struct arena *arena);
bool json_int(
        const struct json_doc *doc, uint32_t node, int64_t *out); /* integral numbers that fit */
/** JSON pointer (RFC 6901) of @node. */
void json_pointer(const struct json_doc *doc, uint32_t node, char *out, size_t size);
void json_quote(
        struct buf *buf, struct str s); /* add @s as a JSON string; invalid UTF-8 becomes U+FFFD */

/* ---- JSON as text (json_put.c): for what is hot; what is cold is built as a tree ----
 *
 * Each call writes one value, with the comma that is due before it: as member @key of the object
 * that was begun last, or, with @key NULL, as an element of the list begun last or as the whole
 * document, with which @buf begins. An absent @value is left out, key and all. */

void json_put_text(struct buf *buf, const char *key, struct str value);
void json_put_number(struct buf *buf, const char *key, int64_t value);
void json_put_bool(struct buf *buf, const char *key, bool value);
void json_put_null(struct buf *buf, const char *key);
void json_put_time(struct buf *buf, const char *key, int64_t unix_ms); /* as OCPI's DateTime */
void json_put_raw(struct buf *buf, const char *key, struct str json);  /* @json as it stands */
void json_put_object(struct buf *buf, const char *key);
void json_end_object(struct buf *buf);
void json_put_list(struct buf *buf, const char *key);
void json_end_list(struct buf *buf);

/* ---- splicing (splice.c) ---- */

struct splice {
	size_t at, end; /* replace [at, end) */
	struct str with;
};
/** @text with the ranges replaced; @splices sorted by at and not overlapping. The rest is
 * untouched. */
struct str splice_apply(
        struct str text, const struct splice *splices, size_t count, struct arena *arena);

/* ---- values (values.c) ---- */

/** types.asciidoc "DateTime": nanoseconds since 1970. Accepts what TYP-005, TYP-006, TRP-33, TRP-34
 * and TRP-59 name: no designator, Z, numeric offsets, up to 9 fractional digits, the 1970-1-1
 * of mod_cdrs; real calendar dates only. */
bool ocpi_datetime_parse(struct str text, int64_t *ns);
bool ocpi_datetime_ok(struct str text); /* whether it would be accepted */
enum { OCPI_DATETIME_LEN = 24 };
void ocpi_datetime_print(
        int64_t unix_ms, char out[OCPI_DATETIME_LEN + 1]); /* 2026-11-23T08:00:00.000Z */
/** RFC 9110's IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", as `Date` and `Retry-After` have it:
 * milliseconds since 1970. */
bool ocpi_http_date_parse(struct str text, int64_t *unix_ms);
bool ocpi_token_ok(struct str s);        /* credentials token: 1 to 64 of U+0021 to U+007E */
size_t ocpi_characters(struct str utf8); /* code points, of valid UTF-8 */

/* ---- envelope (envelope.c): transport_and_format.asciidoc "Response format" ---- */

/** {"data":@data,"status_code":@code,"status_message":...,"timestamp":...}; @data and @message may
 * be absent. */
void ocpi_envelope_write(
        struct buf *buf, int code, struct str message, struct str data, int64_t now_ms);
/** The envelope of a list, written around @bytes of elements: each by json_put_raw() and the like
 * without a key. */
void ocpi_list_begin(struct buf *buf, size_t bytes);
void ocpi_list_end(struct buf *buf, int64_t now_ms);
/** The envelope of an error; the message is the registry's text and, when @fault says more, field
 * and reason. */
void ocpi_envelope_error(struct buf *buf, const struct fault *fault, int64_t now_ms);
struct ocpi_envelope {
	struct json_doc doc;
	int code;
	struct str message; /* absent when there is none */
	uint32_t data;      /* node of data, 0: absent */
};
/** Usable: a JSON object with a four digit integral status_code. RH_BAD_ANSWER otherwise (RTE-018,
 * TRP-53). */
MUST_CHECK enum rh_err ocpi_envelope_read(struct str body, uint32_t max_nodes, struct arena *arena,
        struct ocpi_envelope *envelope, struct fault *fault);

/* ---- headers (headers.c) ---- */

enum ocpi_request_header {
	IN_AUTHORIZATION,
	IN_REQUEST_ID,
	IN_CORRELATION_ID,
	IN_TO_COUNTRY,
	IN_TO_PARTY,
	IN_FROM_COUNTRY,
	IN_FROM_PARTY,
	IN_TRACEPARENT,
	IN_VIA,
	IN_COUNT
};
extern const char *const ocpi_request_headers[IN_COUNT + 1]; /* names, NULL-terminated: for
                                                                net_server_conf.headers */
enum ocpi_answer_header {
	OUT_LINK,
	OUT_LOCATION,
	OUT_TOTAL_COUNT,
	OUT_LIMIT,
	OUT_RETRY_AFTER,
	OUT_ALLOW,
	OUT_DATE,
	OUT_COUNT
};
extern const char *const ocpi_answer_headers[OUT_COUNT + 1]; /* for net_client_conf.headers */

/** The credentials token of `Authorization: Token ...` (TRN-002..004, TRP-01, TRP-49). */
struct ocpi_authorization {
	struct str raw;     /* as it stands */
	struct str decoded; /* Base64 decoded, one trailing CR/LF stripped; absent when it is not
	                       Base64 */
};
MUST_CHECK enum rh_err ocpi_authorization_read(struct str header, struct arena *arena,
        struct ocpi_authorization *out, struct fault *fault);
/** "Token <Base64 of token>", or the raw token with @plain. */
struct str ocpi_authorization_write(struct str token, bool plain, struct arena *arena);

/** A routing pair of headers. *present false and RH_OK when both are absent; RH_BAD_FIELD when one
 * half is missing (RTE-021) or a value has the wrong form. @what is "to" or "from", for the fault.
 */
MUST_CHECK enum rh_err ocpi_routing_pair(struct str country, struct str party, const char *what,
        bool *present, struct ocpi_id *id, struct fault *fault);

/* ---- paths and queries (path.c): split first, decode after (TRN-047) ---- */

enum { OCPI_MAX_SEGMENTS = 12 };
struct ocpi_path {
	struct str raw[OCPI_MAX_SEGMENTS];     /* as they stand in the target */
	struct str decoded[OCPI_MAX_SEGMENTS]; /* percent-decoded; '+' stays '+' */
	size_t count;                          /* one trailing slash is ignored */
	struct str query;                      /* raw, without '?'; absent when there is none */
	struct str tail[OCPI_MAX_SEGMENTS +
	                1]; /* tail[i]: raw bytes of the path from segment i on, without query */
};
/** RH_NOT_FOUND for too many segments, empty segments, dot segments; RH_BAD_FIELD for bad escapes,
 * NUL, controls, bad UTF-8. @target starts with '/'. */
MUST_CHECK enum rh_err ocpi_path_split(
        struct str target, struct arena *arena, struct ocpi_path *path, struct fault *fault);
struct ocpi_query_value {
	struct str raw;     /* as it stands, to splice */
	struct str decoded; /* percent-decoded, '+' is a space */
};
/** First parameter @name; false when absent. With bad escapes, control characters or bad UTF-8 it
 * is true, raw is there and decoded is absent: the caller's RH_BAD_FIELD. */
bool ocpi_query_find(
        struct str query, const char *name, struct arena *arena, struct ocpi_query_value *value);
/** The same for the parameter documented last, response_url: an un-encoded nested URL ("://" and a
 * bare '?' in the value) runs to the end of the query (CHP-003, TRP-24) and is taken as it stands
 * when its own query was not encoded. */
bool ocpi_query_find_last(
        struct str query, const char *name, struct arena *arena, struct ocpi_query_value *value);
struct str ocpi_percent_encode(
        struct str s, struct arena *arena); /* all but unreserved characters, RFC 3986 2.3 */
bool ocpi_percent_decode(struct str s, bool plus_is_space, struct arena *arena, struct str *out);
/** @base (an URL or a target as it was listed, without a fragment) with @tail and @query. Exactly
 * one slash stands before a tail that is not empty; behind an empty one the path of @base ends as
 * it was listed, with its slash or without. The queries of @base and of @tail stay behind the path,
 * @query is appended to them, each with '&'. @tail and @query may be absent. */
struct str ocpi_join(struct str base, struct str tail, struct str query, struct arena *arena);

/* ---- pages (page.c) ---- */

/** Target of rel="next" in a Link header (RFC 8288); absent when there is none or it is blank
 * (TRP-51). */
struct str ocpi_link_next(struct str header, struct arena *arena);
struct ocpi_page_query {
	bool has_from, has_to, has_limit;
	int64_t from_ns, to_ns; /* date_from inclusive, date_to exclusive */
	uint64_t offset, limit;
};
/** RH_BAD_FIELD names the parameter (TRN-035, TRP-63). */
MUST_CHECK enum rh_err ocpi_page_query_read(
        struct str query, struct arena *arena, struct ocpi_page_query *page, struct fault *fault);
