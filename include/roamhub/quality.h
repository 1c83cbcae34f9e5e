/* quality: what a platform does wrong, by field (parties/faulty.c). In memory, since the hub's
 * start. */
#pragma once

#include "base.h"

struct live;

enum {
	FAULTY_FIELDS = 64,
	FAULTY_NAME = 96,
	FAULTY_SAMPLES = 3,
	FAULTY_SAMPLE = 80,
	FAULTY_WHERE = 120
};
struct faulty_finding {
	char field[FAULTY_NAME];           /* "other": those that found no room */
	const char *module, *class, *spec; /* spec: its section; NULL: of "other" */
	const char *rule;                  /* row of the requirements; NULL: none */
	char pointer[128];                 /* of the first one */
	char expected[224];
	uint64_t count, refused;   /* refused: of these, the message was */
	int64_t first_ms, last_ms; /* wall clock */
	size_t sample_count;
	struct {
		char found[FAULTY_SAMPLE]; /* as it stood, cut; no token */
		char where[FAULTY_WHERE];  /* path of the message */
	} samples[FAULTY_SAMPLES];
};
/** Fields in which faults were let through, reported or refused, the most faulty first; how many
 * there are. Any thread. */
size_t live_faulty_findings(
        const struct live *live, struct arena *arena, const struct faulty_finding **out);
