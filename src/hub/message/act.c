/* act: step 4, the flow that the route chose; comes back here after each wait. */
#include "act.h"

#include "../count.h"
#include "../parties/view.h"
#include "custom.h"
#include "forward.h"
#include "list.h"
#include "open.h"
#include "relink.h"
#include "share.h"
#include "unread.h"

/* What is as large as what is stored, whatever the size of the request (docs/adr/0021). */
static bool
may_be_large(const struct flight *flight)
{
	struct str method = flight->request->method;

	return flight->flow == FLOW_LIST || (flight->flow == FLOW_OPEN && str_is(method, "GET")) ||
	       (flight->flow == FLOW_SHARE && str_is(method, "PATCH"));
}

/* Who shares or lists asks the database itself, and hears it from there. */
static bool
is_stale(const struct flight *flight)
{
	int64_t most_ms = hub_settings(flight_hub(flight))->stale_ms;

	if (most_ms == 0)
		return false;
	if (hub_is_together(flight_hub(flight)) && view_behind_ms(flight_hub(flight)) > most_ms)
		return true;
	return flight->flow != FLOW_SHARE && flight->flow != FLOW_LIST &&
	       store_unheard_ms(hub_store(flight_hub(flight))) > most_ms;
}

enum next
flight_act(struct flight *flight)
{
	enum next (*then)(struct flight *) = flight->then;

	if (then != NULL) {
		flight->then = NULL;
		return then(flight);
	}
	if (is_stale(flight))
		return flight_refuse(flight, RH_STALE, "",
		        "it was not heard of for longer than store.stale_after");
	if (unread_admit(flight) != NEXT)
		return REPLY;
	if (may_be_large(flight) && rh_memory_short())
		return flight_refuse(flight, RH_BUSY, "", "there is no memory for this now");
	switch (flight->flow) {
	case FLOW_FORWARD:
		return flight_forward(flight);
	case FLOW_RELINK:
		return flight_relink(flight);
	case FLOW_SHARE:
		return flight_share(flight);
	case FLOW_LIST:
		return flight_list(flight);
	case FLOW_OPEN:
		return flight_open(flight);
	case FLOW_CUSTOM:
		return flight_custom(flight);
	default:
		count_add(&flight->worker->counters.total[COUNT_LOCAL], 1);
		return flight->local(flight);
	}
}
