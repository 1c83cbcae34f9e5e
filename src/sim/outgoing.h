/* outgoing: one request that a simulated platform makes, with the headers that OCPI asks for. */
#pragma once

#include "actor.h"

enum { OUTGOING_HEADERS = 24, OUTGOING_DEADLINE_MS = 30000, OUTGOING_MOST_ANSWER = 64 << 20 };

/** Names of the answer headers that can be asked for, NULL-terminated. */
extern const char *const outgoing_answer_headers[];

struct outgoing {
	struct net_call call;
	struct list node; /* sim->calls while in the air */
	struct actor *actor;
	struct arena *arena; /* of this call: freed with it */
	struct net_header headers[OUTGOING_HEADERS];
	size_t header_count;
	void (*done)(struct outgoing *out); /* once, frees or keeps it */
	void *ctx;

	int ocpi;     /* status_code of the answer, 0: it has no envelope */
	json_t *json; /* the answer, NULL: not JSON */
};

/** A request to @url with fresh ids, a body's Content-Type and, when @token is not NULL,
 * Authorization. */
struct outgoing *outgoing_new(
        struct actor *actor, struct str method, struct str url, const char *token);
void outgoing_free(struct outgoing *out);
void outgoing_header(
        struct outgoing *out, const char *name, struct str value); /* adds or replaces */
void outgoing_without(struct outgoing *out, struct str name);
void outgoing_routing(struct outgoing *out, const struct ocpi_id *from,
        const struct ocpi_id *to);                         /* NULL: left out */
void outgoing_body(struct outgoing *out, struct str body); /* copied */
/** RH_BAD_FIELD when the URL cannot be called; then done() does not come. */
MUST_CHECK enum rh_err outgoing_start(struct outgoing *out, struct fault *fault);

/** Answer header @name; absent when it did not come or is none of outgoing_answer_headers. */
struct str outgoing_answer_header(const struct outgoing *out, const char *name);
/** HTTP 2xx with status_code 1xxx. */
bool outgoing_good(const struct outgoing *out);
/** Cancel whatever is in the air and wait for the ends. */
void outgoing_end_all(struct sim *sim);
