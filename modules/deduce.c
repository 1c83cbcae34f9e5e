/* deduce: where a request without TO leads, and what messages leave behind for it;
 * transport_and_format.asciidoc "Open Routing Request". */
#include "routes.h"

#define RESERVATION "reservation"
#define PROFILE     "profile"

const struct ocpi_deduction ocpi_deduce_cdr_token = {
	.by = DEDUCE_BY_PARTY, .what = "cdr_token names the eMSP", .field = "cdr_token"
};
const struct ocpi_deduction ocpi_deduce_location = {
	.by = DEDUCE_BY_OWNER, .what = "location_id", .module = "locations", .field = "location_id"
};
const struct ocpi_deduction ocpi_deduce_session = {
	.by = DEDUCE_BY_OWNER, .what = "session_id", .module = "sessions", .field = "session_id"
};
const struct ocpi_deduction ocpi_deduce_session_holder = { .by = DEDUCE_BY_HOLDER,
	.what = "the session's earlier receiver" };
/* CHP-011: an active charging profile goes to who set a profile on the session. */
const struct ocpi_deduction ocpi_deduce_profile = {
	.by = DEDUCE_BY_HINT, .what = "who set a profile on the session", .hint = PROFILE
};
/* CMD-022 */
const struct ocpi_deduction ocpi_deduce_reservation = { .by = DEDUCE_BY_HINT,
	.what = "reservation_id",
	.field = "reservation_id",
	.hint = RESERVATION };
const struct ocpi_deduction ocpi_deduce_token = { .by = DEDUCE_BY_OWNER, .what = "the token" };
const struct ocpi_deduction ocpi_deduce_object = { .by = DEDUCE_BY_OWNER,
	.what = "the object's id" };
const struct ocpi_deduction ocpi_deduce_holder = { .by = DEDUCE_BY_HOLDER,
	.what = "the object's id" };

const struct ocpi_memory ocpi_remember_reservation = { .hint = RESERVATION,
	.field = "reservation_id" };
const struct ocpi_memory ocpi_remember_profile = { .hint = PROFILE, .back = true };
