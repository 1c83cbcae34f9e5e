/* faulty: which fields of what a platform sends and answers break the class tables, how often, and
 * what stood there: its report of the quality of its data. Any thread. */
#pragma once

#include "../context.h"
#include "roamhub/schema.h"

struct faulty_met {
	const struct hub *hub;
	const char *module; /* where they were met */
	const struct json_doc *doc;
	const struct ocpi_class *class; /* that it was checked against */
	const struct ocpi_flaws *flaws; /* what was tolerated counts too */
	bool refused;                   /* the message was */
	struct str where;               /* target of the message; absent: it has none of its own */
	/* Shown nowhere: the Authorization header that went with it, either way, and the token that
	 * the hub sends to the platform. */
	struct str authorization, token;
};
void faulty_note(struct live *live, const struct faulty_met *met);
/** Samples that name one of @names go, NULL: all of them; how many there are. Any thread. */
size_t faulty_forget(struct live *live, const struct str *names, bool dry_run);
void faulty_free(struct live *live);
