/* json_swar: runs of plain text and of white space, eight bytes at a time in an ordinary register,
 * for machines without SSE2. */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { RUN = 8 }; /* bytes that are read at once */

static inline uint64_t
eight(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/** The first of RUN bytes at @p that is not plain, NULL when all are: U+0020 to U+007E without
 * quote and backslash.
 *
 * Above the lowest byte that is not, bits may be false: a borrow or carry runs upwards from it. */
static inline const char *
find_odd(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word = eight(p), quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
	uint64_t odd = word | (word + ones) | ((quote - ones) & ~quote) |
	               ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word);

	odd &= ones * 0x80;
	return odd == 0 ? NULL : p + (unsigned)__builtin_ctzll(odd) / 8;
}

/** The first of RUN bytes at @p that is not JSON's white space, NULL when all are. Pretty-printed
 * bodies are half spaces, so eight of them are compared at once. */
static inline const char *
find_dark(const char *p)
{
	const char *end = p + RUN;

	if (eight(p) == UINT64_C(0x2020202020202020))
		return NULL;
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p == end ? NULL : p;
}
