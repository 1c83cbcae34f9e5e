/* charge: a car at a charge point of a simulated CPO: the session that runs, and its bill. */
#pragma once

#include "actor.h"

struct counterpart;
struct charge {
	struct list node; /* in counterpart->charges */
	struct counterpart *counterpart;
	struct net_timer timer;
	struct ocpi_id cpo, emsp;
	char id[40];                          /* of the session; the CDR has the same */
	json_t *token;                        /* CdrToken */
	json_t *location;                     /* its own copy, of when it began */
	const json_t *evse;                   /* of it */
	const json_t *tariff;                 /* of the shelf, held; NULL: it is free of charge */
	char *reference;                      /* of who authorized it; NULL: nobody gave one */
	const char *method;                   /* AuthMethod */
	int64_t start_ms, begun_ms, until_ms; /* wall clock; monotonic */
	int64_t wh, seconds;
	unsigned stage;
};

struct charge_wish {
	const struct ocpi_id *cpo, *emsp;
	const json_t *token, *location, *evse; /* borrowed */
	struct str reference;                  /* absent: none */
	const char *method;
	int64_t after_ms;
};
void charge_begin(struct counterpart *counterpart, const struct charge_wish *wish);
void charge_end(struct charge *charge); /* the driver leaves now */
void charge_free(struct charge *charge);

/* bill.c */
/** What the session is now, as an object of OCPI. */
json_t *bill_session(const struct charge *charge, const char *status);
/** What of it changed. */
json_t *bill_progress(const struct charge *charge);
json_t *bill_cdr(const struct charge *charge);
/** Watt that a car takes at @connector. */
int64_t bill_watt(const json_t *connector);
