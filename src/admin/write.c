/* write: JSON written as text, member by member. */
#include "inside.h"

void
put_key(struct buf *json, const char *key)
{
	if (json->len > 0 && json->p[json->len - 1] != '{' && json->p[json->len - 1] != '[')
		buf_addc(json, ',');
	if (key == NULL)
		return;
	json_quote(json, str_of(key));
	buf_addc(json, ':');
}

void
put_text(struct buf *json, const char *key, struct str value)
{
	put_key(json, key);
	if (value.p == NULL)
		buf_add(json, STR("null"));
	else
		json_quote(json, value);
}

void
put_word(struct buf *json, const char *key, const char *value)
{
	put_text(json, key, str_of(value));
}

void
put_number(struct buf *json, const char *key, int64_t value)
{
	put_key(json, key);
	buf_printf(json, "%lld", (long long)value);
}

void
put_bool(struct buf *json, const char *key, bool value)
{
	put_key(json, key);
	buf_add(json, value ? STR("true") : STR("false"));
}

void
put_time(struct buf *json, const char *key, int64_t wall_ms)
{
	char text[OCPI_DATETIME_LEN + 1];

	if (wall_ms == 0) {
		put_text(json, key, (struct str){ 0 });
		return;
	}
	ocpi_datetime_print(wall_ms, text);
	put_word(json, key, text);
}

void
put_open(struct buf *json, const char *key, char bracket)
{
	put_key(json, key);
	buf_addc(json, bracket);
}
