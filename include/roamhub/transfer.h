/* transfer: the registrations of a hub as one JSON document, and from it into another hub
 * (docs/adr/0034). Control thread. */
#pragma once

#include "hub.h"

struct json_t; /* jansson's, see tree.h */

struct transfer_seal {
	const uint8_t *key;       /* seals what opens the document; NULL: the key file of this hub
	                             alone does */
	const struct json_t *how; /* how the key is made, kept as it is; NULL: not told */
};
/** Platforms that were not removed, agreements, and @settings of the configuration (taken). No
 * token can be read in it. */
struct json_t *transfer_export(
        const struct hub *hub, const struct transfer_seal *seal, struct json_t *settings);

/** @report: {"changes", "platforms": [...], "agreements": [...]}, borrowed; NULL when it is
 * refused. */
typedef void (*transfer_done_fn)(
        void *ctx, enum rh_err err, const struct fault *fault, const struct json_t *report);
struct transfer_import {
	const struct json_t *document; /* read during the call */
	const uint8_t *key;            /* transfer_seal's; NULL: none */
	bool dry_run;                  /* report alone */
};
/** Have what @import has and the hub has not: all of it, or nothing. RH_BAD_FIELD names the member
 * that does not fit. */
void transfer_import(
        struct hub *hub, const struct transfer_import *import, transfer_done_fn done, void *ctx);
