/* Eight bytes at once: every head passes the guard and the client with some hundred of them. Of a
 * word the top bit of each byte tells; a borrow may set one wrongly, but only above one that is set
 * rightly. Private to net. */
#pragma once

#include "roamhub/base.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) };
#define WORD_ONES UINT64_C(0x0101010101010101)
#define WORD_TOPS UINT64_C(0x8080808080808080)

/** @p, of which @n bytes are left, the rest being bytes that are never unfit. */
static inline uint64_t
word_at(const char *p, size_t n)
{
	uint64_t word = WORD_TOPS;

	if (n >= WORD)
		memcpy(&word, p, WORD);
	else
		memcpy(&word, p, n);
	return word;
}

/** Bytes below @bound, at most 0x80. */
static inline uint64_t
word_below(uint64_t word, unsigned char bound)
{
	return (word - WORD_ONES * bound) & ~word & WORD_TOPS;
}

static inline uint64_t
word_has(uint64_t word, unsigned char byte)
{
	return word_below(word ^ WORD_ONES * byte, 1);
}
