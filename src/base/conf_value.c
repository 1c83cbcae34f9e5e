/* conf_value: parsing of configuration values.
 * An optional path, address or URL (one without a default) that is given as nothing is unset. */
#include "conf_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 }; /* bytes of a wrong value that are worth repeating */

static const struct {
	const char *word;
	bool value;
} bool_words[] = {
	{ "true", true },
	{ "false", false },
	{ "yes", true },
	{ "no", false },
	{ "on", true },
	{ "off", false },
};

static void *
field_of(const struct conf_key *key, void *settings)
{
	return (char *)settings + key->offset;
}

static void
number_store(const struct conf_key *key, void *settings, int64_t value)
{
	if (key->type == CONF_BOOL)
		*(bool *)field_of(key, settings) = value != 0;
	else if (key->type == CONF_ENUM)
		*(int *)field_of(key, settings) = (int)value;
	else
		*(int64_t *)field_of(key, settings) = value;
}

void
conf_value_clear(const struct conf_key *key, void *settings)
{
	if (conf_is_text(key->type))
		*(char **)field_of(key, settings) = NULL;
	else
		number_store(key, settings, 0);
}

/* Always false, so that a parser can end with it. */
static bool
expected(char why[CONF_WHY_BYTES], const char *what, struct str found)
{
	struct str shown = { found.p, found.len < SHOWN ? found.len : SHOWN };

	snprintf(why, CONF_WHY_BYTES, "expected %s, found '%.*s%s'", what, STR_ARG(shown),
	        found.len > SHOWN ? "..." : "");
	return false;
}

/* ---- numbers ---- */

static bool
parse_int(struct str text, int64_t *out)
{
	bool negative = str_starts(text, "-");
	uint64_t value;

	if (!str_to_u64(str_from(text, negative), INT64_MAX, &value))
		return false;
	*out = negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static bool
parse_bytes(struct str text, int64_t *out)
{
	uint64_t value;
	int shift = 0;

	for (size_t i = 0; i < CONF_BYTE_UNITS && text.len > 0; i++)
		if ((text.p[text.len - 1] & ~0x20) == conf_byte_units[i].letter)
			shift = conf_byte_units[i].shift;
	if (shift > 0)
		text.len--;
	if (!str_to_u64(text, (uint64_t)INT64_MAX >> shift, &value))
		return false;
	*out = (int64_t)(value << shift);
	return true;
}

static bool
parse_seconds(struct str text, int64_t *out)
{
	struct str whole = str_cut(&text, '.');
	uint64_t seconds, thousandths = 0;

	if (!str_to_u64(whole, INT64_MAX / 1000 - 1, &seconds))
		return false;
	if (text.p != NULL && (text.len > 3 || !str_to_u64(text, 999, &thousandths)))
		return false;
	for (size_t digits = text.len; text.p != NULL && digits < 3; digits++)
		thousandths *= 10;
	*out = (int64_t)(seconds * 1000 + thousandths);
	return true;
}

static bool
parse_bool(struct str text, int64_t *out)
{
	for (size_t i = 0; i < COUNT(bool_words); i++) {
		if (!str_is(text, bool_words[i].word))
			continue;
		*out = bool_words[i].value;
		return true;
	}
	return false;
}

static bool
parse_word(const struct conf_key *key, struct str text, int64_t *out)
{
	for (int i = 0; key->values[i] != NULL; i++) {
		if (!str_is(text, key->values[i]))
			continue;
		*out = i;
		return true;
	}
	return false;
}

static bool
parse_number(const struct conf_key *key, struct str text, int64_t *out)
{
	switch (key->type) {
	case CONF_INT:
		return parse_int(text, out);
	case CONF_BYTES:
		return parse_bytes(text, out);
	case CONF_SECONDS:
		return parse_seconds(text, out);
	case CONF_BOOL:
		return parse_bool(text, out);
	default:
		return parse_word(key, text, out);
	}
}

static void
describe_words(const struct conf_key *key, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "one of");

	for (size_t i = 0; key->values[i] != NULL && len < size; i++)
		len += (size_t)snprintf(
		        out + len, size - len, "%s %s", i == 0 ? "" : ",", key->values[i]);
}

static void
describe_number(const struct conf_key *key, char *out, size_t size)
{
	if (key->type == CONF_INT)
		snprintf(out, size, "a whole number");
	else if (key->type == CONF_BYTES)
		snprintf(out, size, "bytes, like 4096, 16K, 1M or 1G");
	else if (key->type == CONF_SECONDS)
		snprintf(out, size, "seconds, with at most three decimals");
	else if (key->type == CONF_BOOL)
		snprintf(out, size, "true, false, yes, no, on or off");
	else
		describe_words(key, out, size);
}

static bool
is_scalar(enum conf_type type)
{
	return type == CONF_INT || type == CONF_BYTES || type == CONF_SECONDS;
}

/* A @max below @min is no bound: rows give a lower bound alone by leaving @max out. */
static bool
in_bounds(const struct conf_key *key, int64_t value)
{
	if (key->min == 0 && key->max == 0)
		return true;
	return value >= key->min && (key->max < key->min || value <= key->max);
}

static bool
check_bounds(const struct conf_key *key, int64_t value, struct str text, char why[CONF_WHY_BYTES])
{
	char min[32], max[32], what[96];

	if (!is_scalar(key->type) || in_bounds(key, value))
		return true;
	conf_number_text(key, key->min, min, sizeof(min));
	conf_number_text(key, key->max, max, sizeof(max));
	if (key->max < key->min)
		snprintf(what, sizeof(what), "at least %s", min);
	else
		snprintf(what, sizeof(what), "%s to %s", min, max);
	return expected(why, what, text);
}

static bool
set_number(const struct conf_key *key, struct str text, void *settings, char why[CONF_WHY_BYTES])
{
	char what[160];
	int64_t value;

	if (!parse_number(key, text, &value)) {
		describe_number(key, what, sizeof(what));
		return expected(why, what, text);
	}
	if (!check_bounds(key, value, text, why))
		return false;
	number_store(key, settings, value);
	return true;
}

/* ---- texts ---- */

static bool
check_spelling(const struct conf_key *key, struct str text, char why[CONF_WHY_BYTES])
{
	if (key->type == CONF_PATH && text.len == 0)
		return expected(why, "a path", text);
	if (key->type == CONF_ADDRESS && !conf_is_address(text))
		return expected(why,
		        "ADDRESS:PORT with an IPv4 address, or an IPv6 address in brackets", text);
	if (key->type == CONF_URL && !conf_is_url(text))
		return expected(why, "an http:// or https:// URL without query and fragment", text);
	return true;
}

/* Lengths, not contents: a text may hold a password. */
static bool
check_length(const struct conf_key *key, struct str text, char why[CONF_WHY_BYTES])
{
	if (in_bounds(key, (int64_t)text.len))
		return true;
	if (key->max < key->min)
		snprintf(why, CONF_WHY_BYTES, "expected at least %" PRId64 " bytes, found %zu",
		        key->min, text.len);
	else if (key->min == key->max)
		snprintf(why, CONF_WHY_BYTES, "expected %" PRId64 " bytes, found %zu", key->max,
		        text.len);
	else if (key->min > 0)
		snprintf(why, CONF_WHY_BYTES,
		        "expected %" PRId64 " to %" PRId64 " bytes, found %zu", key->min, key->max,
		        text.len);
	else
		snprintf(why, CONF_WHY_BYTES, "expected at most %" PRId64 " bytes, found %zu",
		        key->max, text.len);
	return false;
}

static char *
copy_of(struct str text)
{
	char *copy = rh_alloc(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	return copy;
}

static bool
set_text(const struct conf_key *key, struct str text, void *settings, char why[CONF_WHY_BYTES])
{
	char **field = field_of(key, settings);
	bool unset = key->type != CONF_TEXT && key->preset == NULL && text.len == 0;
	char *value;

	if (!unset && !check_spelling(key, text, why))
		return false;
	while (key->type == CONF_URL && text.len > 0 && text.p[text.len - 1] == '/')
		text.len--;
	if (!unset && !check_length(key, text, why))
		return false;
	value = unset ? NULL : copy_of(text);
	why[0] = '\0';
	if (value != NULL && key->check != NULL && !key->check(value, why, CONF_WHY_BYTES)) {
		free(value);
		return false;
	}
	free(*field);
	*field = value;
	return true;
}

static bool
has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.p[i] < ' ' && text.p[i] != '\t') || text.p[i] == 0x7f)
			return true;
	return false;
}

bool
conf_value_set(
        const struct conf_key *key, struct str text, void *settings, char why[CONF_WHY_BYTES])
{
	if (has_control(text)) {
		snprintf(why, CONF_WHY_BYTES, "expected text, found a control character");
		return false;
	}
	if (conf_is_text(key->type))
		return set_text(key, text, settings, why);
	return set_number(key, text, settings, why);
}
