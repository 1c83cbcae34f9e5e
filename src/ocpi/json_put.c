/* json_put: JSON written as text, member by member.
 *
 * Whether a comma is due stands in the text itself: no value ends in a bracket that opens, and no
 * string without its quote. So there is no state to carry beside the buffer. */
#include "roamhub/ocpi.h"

static bool
comma_is_due(const struct buf *buf)
{
	char last = buf->len > 0 ? buf->p[buf->len - 1] : '{';

	return last != '{' && last != '[';
}

static void
put_key(struct buf *buf, const char *key)
{
	if (comma_is_due(buf))
		buf_addc(buf, ',');
	if (key == NULL)
		return;
	json_quote(buf, str_of(key));
	buf_addc(buf, ':');
}

void
json_put_raw(struct buf *buf, const char *key, struct str json)
{
	if (json.p == NULL)
		return;
	put_key(buf, key);
	buf_add(buf, json);
}

void
json_put_text(struct buf *buf, const char *key, struct str value)
{
	if (value.p == NULL)
		return;
	put_key(buf, key);
	json_quote(buf, value);
}

void
json_put_number(struct buf *buf, const char *key, int64_t value)
{
	char text[24], *p = text + sizeof(text);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--p = '-';
	put_key(buf, key);
	buf_add(buf, (struct str){ p, (size_t)(text + sizeof(text) - p) });
}

void
json_put_bool(struct buf *buf, const char *key, bool value)
{
	json_put_raw(buf, key, value ? STR("true") : STR("false"));
}

void
json_put_null(struct buf *buf, const char *key)
{
	json_put_raw(buf, key, STR("null"));
}

void
json_put_time(struct buf *buf, const char *key, int64_t unix_ms)
{
	char text[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(unix_ms, text);
	json_put_text(buf, key, str_of(text));
}

void
json_put_object(struct buf *buf, const char *key)
{
	json_put_raw(buf, key, STR("{"));
}

void
json_end_object(struct buf *buf)
{
	buf_addc(buf, '}');
}

void
json_put_list(struct buf *buf, const char *key)
{
	json_put_raw(buf, key, STR("["));
}

void
json_end_list(struct buf *buf)
{
	buf_addc(buf, ']');
}
