/* str: borrowed bytes with a length.
 * Absent (p == NULL) and empty are different values, so they are not equal to each other either. */
#include "roamhub/base.h"

#include <string.h>

/* Not tolower(): the locale of the process must not decide whether two party ids are the same. */
static unsigned char
lower(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	if (a.len != b.len)
		return false;
	if (memcmp(a.p, b.p, a.len) == 0) /* as nearly always */
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool
str_is_token(struct str s)
{
	static const bool token_char[256] = {
		['!'] = true,
		['#' ... '\''] = true,
		['*'] = true,
		['+'] = true,
		['-'] = true,
		['.'] = true,
		['0' ... '9'] = true,
		['A' ... 'Z'] = true,
		['^' ... '`'] = true,
		['a' ... 'z'] = true,
		['|'] = true,
		['~'] = true,
	};

	bool good = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		good &= token_char[(unsigned char)s.p[i]];
	return good;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s.p++, s.len--;
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str
str_from(struct str s, size_t offset)
{
	if (s.p == NULL)
		return s;
	if (offset > s.len)
		offset = s.len;
	return (struct str){ s.p + offset, s.len - offset };
}

struct str
str_cut(struct str *s, char sep)
{
	const char *at = s->len == 0 ? NULL : memchr(s->p, sep, s->len);
	struct str head = *s;

	if (at == NULL) {
		*s = (struct str){ 0 };
		return head;
	}
	head.len = (size_t)(at - head.p);
	*s = str_from(*s, head.len + 1);
	return head;
}

bool
str_to_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}
