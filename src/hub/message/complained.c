/* complained: what the hub refused of a platform is kept among the last of it. */
#include "complained.h"

#include "../parties/complaints.h"

/* What nobody knows is asked for every day; what others are to blame for is no fault of its own. */
static bool
is_its_fault(enum rh_err err)
{
	return rh_err_info(err)->blame == BLAME_CALLER && err != RH_UNKNOWN_OBJECT &&
	       err != RH_UNKNOWN_AUTH_TOKEN;
}

void
complained_flight(struct flight *flight, struct str text)
{
	struct complaint complaint = { .http = flight->http, .ocpi = flight->ocpi };
	struct str query = flight->shown, path = str_cut(&query, '?');

	if (flight->live == NULL || !is_its_fault(flight->fault.err))
		return;
	complaints_text(complaint.method, sizeof complaint.method, flight->request->method);
	complaints_text(complaint.path, sizeof complaint.path, path);
	complaints_text(complaint.words, sizeof complaint.words, text);
	complaints_note(flight->live, COMPLAINT_OURS, &complaint);
}
