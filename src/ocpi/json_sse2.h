/* json_sse2: runs of plain text and of white space, 16 bytes at a time. The same by eight is
 * json_swar.h; what they say is the same, byte for byte. */
#pragma once

#include <emmintrin.h>
#include <stddef.h>

enum { RUN = 16 }; /* bytes that are read at once */

/** The first of RUN bytes at @p that is not plain, NULL when all are: U+0020 to U+007E without
 * quote and backslash. */
static inline const char *
find_odd(const char *p)
{
	const __m128i bytes = _mm_loadu_si128((const void *)p);
	/* One up, U+007F is negative like everything that is not ASCII, and 0xff is a control. */
	const __m128i up = _mm_add_epi8(bytes, _mm_set1_epi8(1));
	const __m128i outside = _mm_cmpgt_epi8(_mm_set1_epi8(0x21), up);
	const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
	const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
	const __m128i odd = _mm_or_si128(_mm_or_si128(outside, quote), backslash);
	unsigned mask = (unsigned)_mm_movemask_epi8(odd);

	return mask == 0 ? NULL : p + (unsigned)__builtin_ctz(mask);
}

/** The first of RUN bytes at @p that is not JSON's white space, NULL when all are. */
static inline const char *
find_dark(const char *p)
{
	const __m128i bytes = _mm_loadu_si128((const void *)p);
	const __m128i space = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
	const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
	const __m128i feed = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
	const __m128i carriage = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
	const __m128i blank = _mm_or_si128(_mm_or_si128(space, tab), _mm_or_si128(feed, carriage));
	unsigned mask = (unsigned)_mm_movemask_epi8(blank) ^ 0xffff;

	return mask == 0 ? NULL : p + (unsigned)__builtin_ctz(mask);
}
