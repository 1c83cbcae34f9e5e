/* pem expiry: until when certificates hold. Of X.509 (RFC 5280 section 4.1) no more is read than
 * leads to that date; whether they are good the TLS library says. */
#include "pem_expiry.h"

#include <string.h>
#include <time.h>

enum {
	DER_INTEGER = 0x02,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_VERSION = 0xa0,
};

/** Cut the first element off @from. False: it is none, or not of that kind (0: any). */
static bool
take(struct str *from, int kind, struct str *content)
{
	const uint8_t *p = (const uint8_t *)from->p;
	size_t head = 2, len;

	if (from->len < head || (kind != 0 && p[0] != kind))
		return false;
	len = p[1];
	if (len >= 0x80) {
		size_t bytes = len & 0x7f;

		if (bytes == 0 || bytes > 3 || from->len < head + bytes)
			return false;
		for (len = 0; bytes > 0; bytes--)
			len = len << 8 | p[head++];
	}
	if (from->len - head < len)
		return false;
	*content = (struct str){ from->p + head, len };
	*from = str_from(*from, head + len);
	return true;
}

static int
two_digits(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/** "YYMMDDhhmmssZ", or with the century before it. */
static int64_t
time_ms(struct str text, bool century)
{
	struct tm tm = { 0 };
	struct str digits = { text.p, text.len > 0 ? text.len - 1 : 0 };
	uint64_t any;
	int year;

	if (text.len != (century ? 15 : 13) || text.p[text.len - 1] != 'Z' ||
	        !str_to_u64(digits, UINT64_MAX, &any))
		return 0;
	year = two_digits(text.p);
	if (century) {
		text = str_from(text, 2);
		year = year * 100 + two_digits(text.p);
	} else {
		year += year < 50 ? 2000 : 1900;
	}
	tm.tm_year = year - 1900;
	tm.tm_mon = two_digits(text.p + 2) - 1;
	tm.tm_mday = two_digits(text.p + 4);
	tm.tm_hour = two_digits(text.p + 6);
	tm.tm_min = two_digits(text.p + 8);
	tm.tm_sec = two_digits(text.p + 10);
	return (int64_t)timegm(&tm) * 1000;
}

static int64_t
not_after_ms(struct str der)
{
	struct str whole, signed_part, any, dates, end;

	if (!take(&der, DER_SEQUENCE, &whole) || !take(&whole, DER_SEQUENCE, &signed_part))
		return 0;
	(void)take(&signed_part, DER_VERSION, &any); /* of version 1 it is missing */
	if (!take(&signed_part, DER_INTEGER, &any) || !take(&signed_part, DER_SEQUENCE, &any) ||
	        !take(&signed_part, DER_SEQUENCE, &any) ||
	        !take(&signed_part, DER_SEQUENCE, &dates) || !take(&dates, 0, &any))
		return 0;
	if (take(&dates, DER_UTC_TIME, &end))
		return time_ms(end, false);
	return take(&dates, DER_TIME, &end) ? time_ms(end, true) : 0;
}

/** What stands in Base64 from @from to @to, decoded. */
static struct str
decode(const char *from, const char *to, struct arena *arena)
{
	struct buf text = { .arena = arena };
	struct str der = { 0 };

	for (; from < to; from++)
		if (*from > ' ')
			buf_addc(&text, *from);
	return text.len > 0 && rh_unbase64(buf_str(&text), arena, &der) ? der : (struct str){ 0 };
}

int64_t
pem_expires_ms(const char *chain)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END";
	struct arena *arena = arena_new(4096);
	int64_t first_ms = 0;
	const char *at = chain, *to;

	while ((at = strstr(at, begin)) != NULL && (to = strstr(at + 1, end)) != NULL) {
		int64_t ms = not_after_ms(decode(at + sizeof begin - 1, to, arena));

		if (ms != 0 && (first_ms == 0 || ms < first_ms))
			first_ms = ms;
		at = to;
	}
	arena_free(arena);
	return first_ms;
}
