/* act: step 4, the flow that the route chose; comes back here after each wait. */
#include "flight.h"

enum next
flight_act(struct flight *flight)
{
	enum next (*go_on)(struct flight *) = flight->resumed;

	if (go_on != NULL) {
		flight->resumed = NULL;
		return go_on(flight);
	}
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
