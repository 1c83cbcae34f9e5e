/* client: the pooled client as the settings want it, of workers and of the control thread. */
#include "client.h"

enum { IDLE_CALL_MS = 60000 };

static struct net_client_conf
client_conf(struct hub *hub, struct net_egress *egress, const char *const *headers)
{
	const struct settings *settings = hub_settings(hub);
	bool passive = atomic_load(&hub->passive); /* then there is no room for any call */

	return (struct net_client_conf){
		.connect_ms = settings->connect_ms,
		.egress = egress,
		.exempt = &hub->exempt,
		.ca_file = settings->ca_file,
		.headers = headers,
		.max_per_origin = passive ? 0 : (size_t)settings->connections_per_party,
		.max_waiting = passive ? 0 : (size_t)settings->waiting_per_party,
		.spare = SPARE_DESCRIPTORS,
		.idle_ms = IDLE_CALL_MS,
	};
}

struct net_client *
client_make(struct hub *hub, struct net_loop *loop, struct net_egress **egress, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);
	struct net_client_conf conf;

	*egress = net_egress_new(settings->allow_private, settings->egress_allow, fault);
	if (*egress == NULL)
		return NULL;
	conf = client_conf(hub, *egress, ocpi_answer_headers);
	return net_client_new(loop, &conf, fault);
}

struct net_client *
client_make_alone(struct hub *hub, struct net_loop *loop, const char *const *headers,
        struct net_egress **egress, struct fault *fault)
{
	const struct settings *settings = hub_settings(hub);
	struct net_client_conf conf;

	*egress = net_egress_new(settings->allow_private, settings->egress_allow, fault);
	if (*egress == NULL)
		return NULL;
	conf = client_conf(hub, *egress, headers);
	conf.max_per_origin = conf.max_waiting = 1;
	return net_client_new(loop, &conf, fault);
}

void
client_configure(struct hub *hub, struct net_client *client, struct net_egress **egress)
{
	const struct settings *settings = hub_settings(hub);
	struct net_egress *fresh =
	        net_egress_new(settings->allow_private, settings->egress_allow, NULL);
	struct net_client_conf conf;

	if (fresh == NULL)
		return; /* checked before the settings were taken over */
	conf = client_conf(hub, fresh, ocpi_answer_headers);
	net_client_configure(client, &conf);
	net_egress_free(*egress);
	*egress = fresh;
}
