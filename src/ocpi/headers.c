/* headers: the HTTP headers that OCPI gives a meaning.
 *
 * Spec: 2.2.1 transport_and_format.asciidoc "Authorization header", "Message Routing Headers",
 * "Unique message IDs". */
#include <stdio.h>

#include "roamhub/ocpi.h"

const char *const ocpi_request_headers[IN_COUNT + 1] = {
	[IN_AUTHORIZATION] = "Authorization",
	[IN_REQUEST_ID] = "X-Request-ID",
	[IN_CORRELATION_ID] = "X-Correlation-ID",
	[IN_TO_COUNTRY] = "OCPI-to-country-code",
	[IN_TO_PARTY] = "OCPI-to-party-id",
	[IN_FROM_COUNTRY] = "OCPI-from-country-code",
	[IN_FROM_PARTY] = "OCPI-from-party-id",
	[IN_TRACEPARENT] = "traceparent",
	[IN_VIA] = "Via",
};

const char *const ocpi_answer_headers[OUT_COUNT + 1] = {
	[OUT_LINK] = "Link",
	[OUT_LOCATION] = "Location",
	[OUT_TOTAL_COUNT] = "X-Total-Count",
	[OUT_LIMIT] = "X-Limit",
	[OUT_RETRY_AFTER] = "Retry-After",
	[OUT_ALLOW] = "Allow",
	[OUT_DATE] = "Date",
};

/* ---- Authorization ---- */

enum { MAX_CREDENTIALS = 256 }; /* Base64 of Base64 of 64 characters has 120 */

static bool
graphic(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return false;
	return true;
}

/** Both samples of the specification decode to the token and a line feed (TRP-01). */
static struct str
strip_newline(struct str s)
{
	if (s.len > 0 && s.p[s.len - 1] == '\n')
		s.len--;
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

enum rh_err
ocpi_authorization_read(
        struct str header, struct arena *arena, struct ocpi_authorization *out, struct fault *fault)
{
	struct str text = str_trim(header), scheme;

	*out = (struct ocpi_authorization){ 0 };
	if (text.len == 0)
		return fault_set(fault, RH_NO_TOKEN, "", "%s", "");
	scheme = str_cut(&text, ' ');
	text = str_trim(text);
	if (!str_ieq(scheme, STR("Token")) || text.len == 0)
		return fault_set(fault, RH_NO_TOKEN, "", "found another scheme or no token");
	if (text.len > MAX_CREDENTIALS || !graphic(text))
		return fault_set(fault, RH_UNKNOWN_TOKEN, "Authorization",
		        "expected at most %d printable characters without a space",
		        MAX_CREDENTIALS);
	out->raw = text;
	if (rh_unbase64(text, arena, &out->decoded))
		out->decoded = strip_newline(out->decoded);
	else
		out->decoded = (struct str){ 0 };
	return RH_OK;
}

struct str
ocpi_authorization_write(struct str token, bool plain, struct arena *arena)
{
	struct str text = plain ? token : rh_base64(token, arena);

	return arena_printf(arena, "Token %.*s", STR_ARG(text));
}

/* ---- routing ---- */

static enum rh_err
refuse_half(struct fault *fault, const char *what, const char *half, const char *why)
{
	char field[64];

	snprintf(field, sizeof(field), "OCPI-%s-%s", what, half);
	return fault_set(fault, RH_BAD_FIELD, field, "%s", why);
}

/* A header that is there and blank names nobody, so it counts as absent. */
enum rh_err
ocpi_routing_pair(struct str country, struct str party, const char *what, bool *present,
        struct ocpi_id *id, struct fault *fault)
{
	country = str_trim(country);
	party = str_trim(party);
	*present = false;
	if (country.len == 0 && party.len == 0)
		return RH_OK;
	if (country.len == 0)
		return refuse_half(fault, what, "country-code", "is missing");
	if (party.len == 0)
		return refuse_half(fault, what, "party-id", "is missing");
	if (country.len != 2 || !graphic(country))
		return refuse_half(fault, what, "country-code", "expected 2 printable characters");
	if (!ocpi_id_make(country, party, id))
		return refuse_half(fault, what, "party-id", "expected 3 printable characters");
	*present = true;
	return RH_OK;
}
