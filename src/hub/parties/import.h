/* import: what the files about documents of registrations know of each other. */
#pragma once

#include "roamhub/transfer.h"

#include "changes.h"

#define EXPORT_FORMAT "roamhub-export"
enum { EXPORT_VERSION = 1, EXPORT_MAC_BYTES = 2 * RH_DIGEST_BYTES + 1 };

/** Whatever is changed in the document, or left out of it, shows. */
void export_mac(const struct json_t *document, const uint8_t seal_key[RH_KEY_BYTES],
        char mac[EXPORT_MAC_BYTES]);
const char *export_token_kind(int kind); /* "current"; NULL: there is no such kind */

struct import_platform {
	struct store_platform document; /* as it stands there */
	struct store_platform row; /* the same with the id that it is to get, or what is here */
	int64_t was;               /* its id in the hub that it comes from */
	bool made, changed;        /* there is none here; other settings */
};
struct import_here; /* import_plan.c */
struct import {     /* one; in the arena of its change */
	struct hub *hub;
	struct arena *arena;
	bool dry_run;
	uint8_t seal_key[RH_KEY_BYTES]; /* of the document's tokens */
	struct digest_keys digests;     /* that it has digests under, its hub's own first */
	struct import_platform *platforms;
	size_t platform_count;
	struct store_agreement *agreements;
	size_t agreement_count;
	/* of the plan, which may be made more than once */
	struct import_here *here;
	int64_t joined; /* where the cursors of newcomers begin, when they were stored before */
	struct digest_keys foreign; /* after it */
	struct json_t *report;
	struct store_import_args rows; /* what is written */
	transfer_done_fn done;
	void *ctx;
};

/** What @document says. RH_BAD_FIELD names the member. */
MUST_CHECK enum rh_err import_read(struct import *import, const struct json_t *document,
        const uint8_t *key, struct fault *fault);
/** import->rows and report: what the registry has not. RH_BAD_FIELD: it does not fit there. Of an
 * earlier plan nothing is left. */
MUST_CHECK enum rh_err import_plan(struct import *import, struct fault *fault);
