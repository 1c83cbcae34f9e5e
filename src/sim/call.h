/* call: one request that a simulated platform makes, with the headers that OCPI asks for. */
#pragma once

#include "platform.h"

enum { CALL_HEADERS = 24, CALL_DEADLINE_MS = 30000, CALL_MOST_ANSWER = 64 << 20 };

/** Names of the answer headers that can be asked for, NULL-terminated. */
extern const char *const call_answer_headers[];

struct outgoing {
	struct net_call call;
	struct list node; /* sim->calls while in the air */
	struct platform *platform;
	struct arena *arena; /* of this call: freed with it */
	struct net_header headers[CALL_HEADERS];
	size_t header_count;
	void (*done)(struct outgoing *out); /* once, frees or keeps it */
	void *ctx;

	int ocpi;     /* status_code of the answer, 0: it has no envelope */
	json_t *json; /* the answer, NULL: not JSON */
};

/** A request to @url with fresh ids, a body's Content-Type and, when @token is not NULL,
 * Authorization. */
struct outgoing *call_new(
        struct platform *platform, struct str method, struct str url, const char *token);
void call_free(struct outgoing *out);
void call_header(struct outgoing *out, const char *name, struct str value); /* adds or replaces */
void call_without(struct outgoing *out, struct str name);
void call_routing(struct outgoing *out, const struct ocpi_id *from,
        const struct ocpi_id *to);                     /* NULL: left out */
void call_body(struct outgoing *out, struct str body); /* copied */
/** RH_BAD_FIELD when the URL cannot be called; then done() does not come. */
MUST_CHECK enum rh_err call_start(struct outgoing *out, struct fault *fault);

/** Answer header @name; absent when it did not come or is none of call_answer_headers. */
struct str call_answer_header(const struct outgoing *out, const char *name);
/** HTTP 2xx with status_code 1xxx. */
bool call_good(const struct outgoing *out);
/** Cancel whatever is in the air and wait for the ends. */
void calls_end(struct sim *sim);
