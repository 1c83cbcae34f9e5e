/* inlet_parse: the head of an HTTP/1.1 request, as far as a simulated platform needs it. */
#pragma once

#include "inlet.h"

enum { INLET_HEADERS = 64, INLET_HEAD_BYTES = 64 << 10 };

struct inlet_head {
	struct str method, target; /* these and the headers point into the text that was read */
	struct net_header headers[INLET_HEADERS];
	size_t header_count;
	size_t bytes, body_bytes; /* length of the head with its empty line; Content-Length */
	bool expects_continue;
};

/** False and *@why NULL: not complete yet. False and *@why: this is not a request that we can read.
 */
bool inlet_head_read(struct str text, struct inlet_head *head, const char **why);
/** Copy @head and the body behind it from @text to @request's arena. */
void inlet_copy(const struct inlet_head *head, struct str text, struct inlet_request *request);
