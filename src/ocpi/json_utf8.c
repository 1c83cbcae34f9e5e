/* json_utf8: characters of JSON strings, as UTF-8 and as escapes.
 *
 * utf8_size() is the one judge of well-formed UTF-8 in this layer; the table is that of RFC 3629,
 * section 4. */
#include "json.h"
#include "json_run.h"

static bool
tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The second byte carries the limits: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool
second_ok(unsigned char lead, unsigned char c)
{
	if (lead == 0xe0)
		return c >= 0xa0 && c <= 0xbf;
	if (lead == 0xed)
		return c >= 0x80 && c <= 0x9f;
	if (lead == 0xf0)
		return c >= 0x90 && c <= 0xbf;
	if (lead == 0xf4)
		return c >= 0x80 && c <= 0x8f;
	return tail(c);
}

size_t
utf8_size(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t have = (size_t)(end - p), size;

	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	size = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (have < size || !second_ok(u[0], u[1]))
		return 0;
	for (size_t i = 2; i < size; i++)
		if (!tail(u[i]))
			return 0;
	return size;
}

uint32_t
utf8_point(const char *p, size_t size)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t point = (unsigned char)p[0] & lead[size];

	for (size_t i = 1; i < size; i++)
		point = point << 6 | ((unsigned char)p[i] & 0x3f);
	return point;
}

bool
utf8_ok(struct str s)
{
	for (size_t at = 0, size; at < s.len; at += size) {
		size = utf8_size(s.p + at, s.p + s.len);
		if (size == 0)
			return false;
	}
	return true;
}

static size_t
utf8_put(uint32_t point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

int32_t
json_hex4(const char *p)
{
	int32_t value = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i], low = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (low >= 'a' && low <= 'f')
			value = value * 16 + (low - 'a' + 10);
		else
			return -1;
	}
	return value;
}

static size_t
unicode_unit(const char **p, char out[4])
{
	uint32_t point = (uint32_t)json_hex4(*p + 2);

	*p += 6;
	if (point >= 0xd800 && point <= 0xdbff) { /* the scanner saw to the second half */
		point = 0x10000 + ((point - 0xd800) << 10) + ((uint32_t)json_hex4(*p + 2) - 0xdc00);
		*p += 6;
	}
	return utf8_put(point, out);
}

size_t
json_unit(const char **p, const char *end, char out[4])
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	size_t size;
	char c;

	if (**p != '\\') {
		size = utf8_size(*p, end);
		for (size_t i = 0; i < size; i++)
			out[i] = (*p)[i];
		*p += size;
		return size;
	}
	c = (*p)[1];
	if (c == 'u')
		return unicode_unit(p, out);
	out[0] = c;
	for (size_t i = 0; names[i] != '\0'; i++)
		if (c == names[i])
			out[0] = values[i];
	*p += 2;
	return 1;
}

static void
quote_control(struct buf *buf, unsigned char c)
{
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};

	if (c < sizeof(shorts) && shorts[c] != 0)
		buf_printf(buf, "\\%c", shorts[c]);
	else
		buf_printf(buf, "\\u%04x", (unsigned)c);
}

void
json_quote(struct buf *buf, struct str s)
{
	const char *p = s.len > 0 ? s.p : "", *from = p, *end = p + s.len;

	buf_addc(buf, '"');
	while ((p = plain_end(p, end)) != NULL) {
		unsigned char c = (unsigned char)*p;
		size_t size = utf8_size(p, end);

		if (size > 1 || c == 0x7f) {
			p += size;
			continue;
		}
		buf_add(buf, (struct str){ from, (size_t)(p - from) });
		from = ++p;
		if (size == 0)
			buf_add(buf, STR("\xef\xbf\xbd"));
		else if (c < 0x20)
			quote_control(buf, c);
		else
			buf_printf(buf, "\\%c", c);
	}
	buf_add(buf, (struct str){ from, (size_t)(end - from) });
	buf_addc(buf, '"');
}
