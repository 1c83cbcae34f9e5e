/* lines: the headers that are the same in every delivery to a party, as they are written.
 *
 * What they are made of is compared each time, which costs less than to make them: so nobody has to
 * tell of a new token. */
#include "lines.h"

#include <string.h>

#define AUTHORIZATION "Authorization"

static bool
still_hold(const struct lines *lines, const struct ocpi_id *from, const struct ocpi_id *to,
        bool announces, struct str authorization)
{
	return lines->announces == announces && lines->authorization.p != NULL &&
	       str_eq(lines->authorization, authorization) &&
	       (announces || (memcmp(&lines->to, to, sizeof *to) == 0 &&
	                             memcmp(&lines->from, from, sizeof *from) == 0));
}

static bool
make(struct lines *lines)
{
	const struct net_header headers[] = {
		{ STR(AUTHORIZATION), lines->authorization },
		{ STR("OCPI-to-country-code"), str_of(lines->to.country) },
		{ STR("OCPI-to-party-id"), str_of(lines->to.party) },
		{ STR("OCPI-from-country-code"), str_of(lines->from.country) },
		{ STR("OCPI-from-party-id"), str_of(lines->from.party) },
	};

	return net_header_lines(&lines->text, headers, lines->announces ? 1 : COUNT(headers));
}

struct str
lines_of(struct lines *lines, const struct ocpi_id *from, const struct ocpi_id *to, bool announces,
        struct str authorization)
{
	if (still_hold(lines, from, to, announces, authorization))
		return buf_str(&lines->text);
	lines_free(lines);
	lines->to = *to;
	lines->from = *from;
	lines->announces = announces;
	lines->authorization = authorization;
	if (authorization.p == NULL || !make(lines)) {
		lines_free(lines);
		return (struct str){ 0 };
	}
	lines->authorization.p = lines->text.p + sizeof "\r\n" AUTHORIZATION ": " - 1;
	return buf_str(&lines->text);
}

void
lines_free(struct lines *lines)
{
	if (lines->text.p != NULL)
		rh_wipe(lines->text.p, lines->text.cap);
	buf_free(&lines->text);
	*lines = (struct lines){ 0 };
}
