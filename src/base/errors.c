/* errors: the registry as a table, and the fault that travels with an error.
 * Codes and texts are in errors.def; nothing here knows a single one of them. */
#include "roamhub/base.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct rh_err_info infos[RH_ERR_COUNT] = {
	[RH_OK] = { "OK", 200, 1000, BLAME_HUB, "success" },
#define ERR(err_name, err_http, err_ocpi, err_blame, err_text) \
	[RH_##err_name] = { #err_name, err_http, err_ocpi, err_blame, err_text },
#include "roamhub/errors.def"
#undef ERR
};

const struct rh_err_info *
rh_err_info(enum rh_err err)
{
	assert((unsigned)err < RH_ERR_COUNT);
	return &infos[err];
}

/* A text that did not fit must not end in half a UTF-8 character: it goes into JSON answers. */
static void
drop_half_character(char *text)
{
	size_t end = strlen(text);

	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && ((unsigned char)text[end - 1] & 0x80) != 0)
		text[end - 1] = '\0';
}

/* Through a copy, because callers wrap: the arguments may be texts of the very fault that is
 * filled. */
enum rh_err
fault_set(struct fault *fault, enum rh_err err, const char *field, const char *fmt, ...)
{
	struct fault next = { .err = err };
	va_list args;
	int len;

	if (fault == NULL)
		return err;
	len = snprintf(next.field, sizeof(next.field), "%s", field == NULL ? "" : field);
	if (len >= (int)sizeof(next.field))
		drop_half_character(next.field);
	va_start(args, fmt);
	len = vsnprintf(next.why, sizeof(next.why), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(next.why))
		drop_half_character(next.why);
	*fault = next;
	return err;
}
