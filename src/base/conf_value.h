/* conf_value: one value of the configuration, between its spelling in the file and its field in the
 * settings. */
#pragma once

#include "roamhub/conf.h"

enum { CONF_WHY_BYTES = 256, CONF_BYTE_UNITS = 3 };

/* ---- conf_text.c, which conf_value.c uses for what it says was expected ---- */

struct conf_byte_unit {
	char letter;
	int shift;
};
extern const struct conf_byte_unit conf_byte_units[CONF_BYTE_UNITS]; /* largest first */

bool conf_is_text(enum conf_type type); /* kept as a char * of its own */
/** Like conf_text(), for any value of a number type, e.g. a bound. */
void conf_number_text(const struct conf_key *key, int64_t value, char *out, size_t size);

/* ---- conf_value.c ---- */

bool conf_is_address(struct str text);
bool conf_is_url(struct str text);

void conf_value_clear(const struct conf_key *key, void *settings);
/** Parse @text into the field; false leaves the field as it was and says in @why what was expected.
 */
bool conf_value_set(
        const struct conf_key *key, struct str text, void *settings, char why[CONF_WHY_BYTES]);
