/* pull_walk: one walk over the Sender interfaces of a platform. */
#pragma once

#include "parties/partner.h"
#include "pull_sweep.h"

enum {
	PULL_MOST_PAGES = 10000,     /* of one list */
	PULL_MOST_OBJECTS = 2000000, /* of one list */
	PULL_PAGE_BYTES = 8 * 1024 * 1024,
	PULL_MOST_MS = 3600 * 1000, /* of a walk */
};
#define PULL_MOST_BYTES ((uint64_t)1 << 30) /* of a walk */

struct pull {
	struct list node; /* of the hub's walks */
	struct hub *hub;
	int64_t platform;
	struct str origin; /* of its first list; one walk for each */
	bool full;         /* without date_from */
	int64_t began_ms;  /* wall clock */
	int64_t end_by_ms; /* monotonic */
	struct pull_report report;
	void (*ended)(struct pull *pull); /* takes it */

	/* where it stands: the page in hand of a party's list of a module */
	size_t module, party, pages, objects;
	struct ocpi_id to;
	const char *addressed; /* field of the module's objects that names who gets them, or NULL */
	bool module_failed, listed; /* listed: of this module at least one list was walked */
	bool accepted;              /* whatever it does not find may be withdrawn */
	int64_t wish;               /* by which; 0: none */
	struct pull_sweep sweep;
	bool over; /* it ends as soon as nothing of it is in the air */
	struct partner_call call;
	bool calling;
	struct arena *arena; /* of the page */
	struct str url;      /* of the page, as walk_url() made it */
	uint64_t page_hash;  /* of the page before */
	uint32_t at, end;    /* nodes of call.envelope.doc: the next object, the end of the list */
	size_t pending;      /* objects of the page that are not committed yet */
	void (*object_done)(struct pull *pull);
};

/** Is there a list of @module to walk, and where? NULL: there is none. */
const struct endpoint *pull_endpoint(
        const struct hub *hub, const struct platform *platform, const struct ocpi_module *module);
/** Begin; ended() comes once, perhaps from inside. */
void pull_walk(struct pull *pull);
void pull_cancel(struct pull *pull); /* it ends soon */
