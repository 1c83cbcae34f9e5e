/* evidence: one CDR and what led to it, as far as it is still there. Private to evidence*.c. */
#pragma once

#include "inside.h"

enum { EVIDENCE_TARIFFS = 20 };

struct evidence_tariff {
	struct str owner, id; /* as the CDR or the session names it */
};
struct evidence {
	struct inquiry *inquiry;
	size_t step;
	struct ocpi_id owner;
	struct store_key key; /* of the CDR */
	/* what the CDR says; absent: nothing */
	bool kept;
	struct str id, session, start, end, reference, method;
	struct ocpi_id emsp;
	struct str uid, type; /* of its token; absent: it has none */
	json_t *token;        /* cdr_token */
	int64_t received_ms, start_ms, end_ms;
	struct evidence_tariff tariffs[EVIDENCE_TARIFFS];
	size_t tariff_count, tariff_at;
	bool more_tariffs; /* are named than there is room for */
	/* of inquiry->answer */
	json_t *parts, *missing, *legs, *tariff_list;
};

/** The answer that is filled, at inquiry->answer. */
struct evidence *evidence_new(struct inquiry *inquiry, struct str cdr, const struct ocpi_id *owner);
/** What was read by objects_ask() is the CDR, and so on. */
void evidence_cdr(struct evidence *evidence);
void evidence_legs(struct evidence *evidence);
void evidence_session(struct evidence *evidence);
void evidence_token(struct evidence *evidence);
void evidence_asked(struct evidence *evidence); /* for authorization, in legs */
void evidence_tariff(struct evidence *evidence);
void evidence_agreement(struct evidence *evidence);
/** Digests over all of it, and the answer is given. */
void evidence_end(struct evidence *evidence);
/** What the parts before did not find is missing, for this reason. */
void evidence_miss(struct evidence *evidence, const char *part, const char *fmt, ...)
        PRINTF_LIKE(3, 4);
