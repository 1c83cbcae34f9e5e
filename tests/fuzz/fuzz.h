/* fuzz: what the fuzz targets share. A target reads bytes that nobody vouches for and must end,
 * within bounds, with every sentence below true; libFuzzer makes the bytes up, replay.c reads them
 * from a corpus. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roamhub/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** End the process when a sentence about the code under test is not true. */
static inline void
must(bool holds, const char *sentence)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: not true: %s\n", sentence);
	abort();
}

static inline struct str
input_of(const uint8_t *bytes, size_t size)
{
	return (struct str){ (const char *)bytes, size };
}

/** Whether @part lies in @whole. */
static inline bool
within(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.len <= whole.p + whole.len;
}
