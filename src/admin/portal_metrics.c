/* portal_metrics: what partners ask at their own listener, and how many are let in there. */
#include "metrics.h"
#include "portal.h"

#include <stdio.h>

static const struct desk closed;

static void
put(struct buf *text, const char *metric, const char *label, const char *value, uint64_t count)
{
	buf_printf(text, "%s{%s=\"%s\"} %llu\n", metric, label, value, (unsigned long long)count);
}

void
portal_metrics(struct buf *text, const struct portal *portal)
{
	static const char requests[] = "roamhub_portal_requests_total",
	                  logins[] = "roamhub_portal_logins_total";
	const struct desk *desk = portal != NULL ? &portal->desk : &closed;
	char status[16];

	metrics_head(text, requests, "counter",
	        "Requests to the partners' portal, by the HTTP status that they got.");
	for (size_t i = 0; i < DESK_STATUSES; i++) {
		(void)snprintf(status, sizeof status, "%d", desk_statuses[i]);
		put(text, requests, "status", desk_statuses[i] != 0 ? status : "other",
		        desk->answers[i]);
	}
	metrics_head(text, logins, "counter",
	        "Links to the portal that were opened, by whether they were good.");
	put(text, logins, "result", "let_in", desk->came_in);
	put(text, logins, "result", "turned_away", desk->turned_away);
}
