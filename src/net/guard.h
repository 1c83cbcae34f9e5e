/* The guard: what a request's head must look like before anybody believes it. Private to net.
 * libmicrohttpd 0.9.75 accepts heads that two servers in a row read differently (request
 * smuggling); these end here. */
#pragma once

#include "roamhub/net.h"

enum { GUARD_MAX_TARGET = 4096, GUARD_MAX_HEAD = 8192, GUARD_MAX_HEADERS = 64 };

enum { GUARD_SLOTS = 64, GUARD_NAMES = NET_REQUEST_HEADERS + 6, GUARD_LINES = 8 };

struct guard_name {
	struct str name;
	unsigned index;     /* into guard_found.header, or of those that come once only */
	bool single, many;  /* many: may come more than once */
	bool list;          /* the same, and the last line is what was added last */
	unsigned char next; /* in its slot; 0: none */
};
struct guard_names { /* headers that are looked at, by length and first letter */
	struct guard_name entry[GUARD_NAMES]; /* from 1 */
	unsigned char first[GUARD_SLOTS];
	unsigned count;
};
/** @wanted: names to capture, NULL-terminated, at most NET_REQUEST_HEADERS. Each may come once, but
 * for Via, of which the last line is captured. */
void guard_names_init(struct guard_names *names, const char *const *wanted);
/** A header that may come more than once is captured as well; absent: none. */
void guard_names_many(struct guard_names *names, struct str name);

struct guard_head {
	struct str method, target, version;
	const struct net_header *headers; /* every line, also those that come twice */
	size_t count;
	/* Where the target stood, and one past the empty line, when all of the above points into
	 * the buffer that was received (the target may be a copy). Lines that do not lie back to
	 * back there hold something that the parser did not show. NULL: no such buffer. */
	const char *target_at, *end;
};

struct guard_found {
	struct str header[NET_REQUEST_HEADERS]; /* by index into the names to capture */
	struct str lines[GUARD_LINES];          /* the last ones of guard_names_many(), in order */
	size_t line_count;
	struct str target; /* path and query, also of an absolute-form target */
	uint64_t content_length;
	bool chunked;
};

/**
 * Judge @head and pick the headers called @names out of it.
 *
 * Returns  RH_OK with @found, else RH_BAD_HTTP, RH_URL_TOO_LONG or RH_HEADERS_TOO_LARGE with
 * @fault. Spec     RFC 9110 section 5, RFC 9112 sections 2.2, 3.2, 5, 6.1 to 6.3.
 */
MUST_CHECK enum rh_err guard_check(const struct guard_head *head, const struct guard_names *names,
        struct guard_found *found, struct fault *fault);
/** May these lines stand behind a chunked body? None of @names, and nothing of framing. Lines
 * before
 * @from are no trailers: the parser repeats the head's last one among them. */
MUST_CHECK bool guard_trailers(const struct net_header *lines, size_t count, const char *from,
        const struct guard_names *names);
