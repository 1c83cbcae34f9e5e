/* conf_text: printing of configuration values.
 * In the spelling that conf_value_set() reads back to the same value. */
#include "conf_value.h"

#include <inttypes.h>

const struct conf_byte_unit conf_byte_units[CONF_BYTE_UNITS] = {
	{ 'G', 30 },
	{ 'M', 20 },
	{ 'K', 10 },
};

bool
conf_is_text(enum conf_type type)
{
	return type == CONF_TEXT || type == CONF_PATH || type == CONF_ADDRESS || type == CONF_URL;
}

static const void *
field_peek(const struct conf_key *key, const void *settings)
{
	return (const char *)settings + key->offset;
}

static int64_t
number_load(const struct conf_key *key, const void *settings)
{
	if (key->type == CONF_BOOL)
		return *(const bool *)field_peek(key, settings);
	if (key->type == CONF_ENUM)
		return *(const int *)field_peek(key, settings);
	return *(const int64_t *)field_peek(key, settings);
}

static void
bytes_text(int64_t value, char *out, size_t size)
{
	for (size_t i = 0; i < CONF_BYTE_UNITS; i++) {
		int64_t unit = (int64_t)1 << conf_byte_units[i].shift;

		if (value == 0 || value % unit != 0)
			continue;
		snprintf(out, size, "%" PRId64 "%c", value / unit, conf_byte_units[i].letter);
		return;
	}
	snprintf(out, size, "%" PRId64, value);
}

static void
seconds_text(int64_t ms, char *out, size_t size)
{
	int len = snprintf(out, size, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));

	if (len < 0 || (size_t)len >= size)
		return;
	while (out[len - 1] == '0')
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[len - 1] = '\0';
}

void
conf_number_text(const struct conf_key *key, int64_t value, char *out, size_t size)
{
	switch (key->type) {
	case CONF_BYTES:
		bytes_text(value, out, size);
		break;
	case CONF_SECONDS:
		seconds_text(value, out, size);
		break;
	case CONF_BOOL:
		snprintf(out, size, "%s", value != 0 ? "true" : "false");
		break;
	case CONF_ENUM:
		snprintf(out, size, "%s", key->values[value]);
		break;
	default:
		snprintf(out, size, "%" PRId64, value);
	}
}

bool
conf_text(const struct conf_key *key, const void *settings, char *out, size_t size)
{
	const char *text;

	if (!conf_is_text(key->type)) {
		conf_number_text(key, number_load(key, settings), out, size);
		return true;
	}
	text = *(char *const *)field_peek(key, settings);
	snprintf(out, size, "%s", text == NULL ? "" : text);
	return text != NULL;
}
