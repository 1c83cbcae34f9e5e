/* service: what the daemon tells systemd of itself: that it is ready, that it stops, that it lives.
 */
#pragma once

#include "roamhub/hub.h"

struct service {
	struct hub *hub;
	int64_t beat_ms; /* how often it says that it lives; 0: nobody asked */
	struct net_timer beat;
};
/** The hub takes requests: READY=1 and, when WATCHDOG_USEC asks for it, a sign of life from the
 * control loop from now on, as long as all workers turn. sd_notify(3), sd_watchdog_enabled(3).
 * Without NOTIFY_SOCKET nothing is done. */
void service_ready(struct service *service, struct hub *hub);
/** It does all that it is there for until another hub is gone: READY=1, and a STATUS. */
void service_stands_by(void);
void service_leads(void); /* not any more: STATUS */
void service_beat(void);  /* WATCHDOG=1 */
/** It begins to stop: STOPPING=1. It goes on to say that it lives. */
void service_stopping(void);
void service_end(struct service *service); /* before hub_close() */
