/* act: step 4, the flow that the route chose; comes back here after each wait. */
#include "act.h"

#include "../count.h"
#include "forward.h"
#include "list.h"
#include "open.h"
#include "relink.h"
#include "share.h"
#include "unread.h"

enum next
flight_act(struct flight *flight)
{
	enum next (*then)(struct flight *) = flight->then;

	if (then != NULL) {
		flight->then = NULL;
		return then(flight);
	}
	if (unread_admit(flight) != NEXT)
		return REPLY;
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
	default:
		count_add(&flight->worker->counters.total[COUNT_LOCAL], 1);
		return flight->local(flight);
	}
}
