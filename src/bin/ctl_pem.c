/* ctl_pem: until when a certificate is good. Of its DER no more is read than what leads there: RFC
 * 5280, section 4.1. */
#include "ctl.h"

#include <string.h>

enum { SEQUENCE = 0x30, VERSION = 0xa0, UTC_TIME = 0x17, LONG_TIME = 0x18, NS_PER_MS = 1000000 };

/* The element at the beginning of *@der, which moves behind it; false: it is none. */
static bool
next(struct str *der, unsigned char *tag, struct str *content)
{
	const unsigned char *bytes = (const unsigned char *)der->p;
	size_t head = 2, len;

	if (der->len < 2)
		return false;
	*tag = bytes[0];
	len = bytes[1];
	if (len > 0x80 && len <= 0x83) {
		size_t more = len & 0x7f;

		head += more;
		len = 0;
		for (size_t i = 0; i < more && i + 2 < der->len; i++)
			len = len << 8 | bytes[2 + i];
	} else if (len >= 0x80) {
		return false;
	}
	if (head > der->len || len > der->len - head)
		return false;
	*content = (struct str){ der->p + head, len };
	*der = str_from(*der, head + len);
	return true;
}

/* certificate, its first part; there a version, serial number, algorithm, issuer, validity. */
static bool
find_validity(struct str der, struct str *validity)
{
	unsigned char tag;
	struct str part;

	if (!next(&der, &tag, &part) || !next(&part, &tag, &der))
		return false;
	for (int skip = 2; skip >= 0; skip--) {
		if (!next(&der, &tag, &part))
			return false;
		skip += tag == VERSION;
	}
	if (!next(&der, &tag, &part) || tag != SEQUENCE)
		return false;
	*validity = part;
	return true;
}

static int64_t
read_time(unsigned char tag, struct str time)
{
	const char *century = "";
	char text[32], whole[64];
	int64_t ns;

	if (tag == UTC_TIME && time.len == 13)
		century = time.p[0] < '5' ? "20" : "19";
	else if (tag != LONG_TIME || time.len != 15)
		return 0;
	(void)snprintf(text, sizeof text, "%s%.*s", century, STR_ARG(time));
	(void)snprintf(whole, sizeof whole, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4,
	        text + 6, text + 8, text + 10, text + 12);
	return ocpi_datetime_parse(str_of(whole), &ns) ? ns / NS_PER_MS : 0;
}

static struct str
decode(struct str pem, struct arena *arena)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *from = memmem(pem.p, pem.len, begin, sizeof begin - 1), *to;
	struct buf base64 = { .arena = arena };
	struct str der = { 0 };

	if (from == NULL)
		return der;
	from += sizeof begin - 1;
	to = memmem(from, (size_t)(pem.p + pem.len - from), "-----END", 8);
	for (; to != NULL && from < to; from++)
		if ((unsigned char)*from > ' ')
			buf_addc(&base64, *from);
	if (!rh_unbase64(buf_str(&base64), arena, &der))
		der = (struct str){ 0 };
	return der;
}

int64_t
ctl_pem_until_ms(struct str pem, struct arena *arena)
{
	struct str der = decode(pem, arena), validity, time;
	unsigned char tag;

	if (der.p == NULL || !find_validity(der, &validity) || !next(&validity, &tag, &time) ||
	        !next(&validity, &tag, &time))
		return 0;
	return read_time(tag, time);
}
