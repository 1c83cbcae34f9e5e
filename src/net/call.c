/* call: the start, the deadline and the cancelling of calls, and the client that they belong to. */
#include "client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls ---- */

static void
deadline_passed(struct net_timer *timer)
{
	struct job *job = container_of(timer, struct job, deadline);
	struct net_call *call = job->call;
	const char *why = "deadline passed while waiting for the answer";

	if (job->link == NULL)
		why = "deadline passed while waiting for a connection";
	else if (!job->link->wire.stands)
		why = "deadline passed while connecting";
	else if (call->sent_us == 0)
		why = "deadline passed while sending";
	call_set_result(call, NET_LATE, why);
	pool_detach(call);
	call_finish(call);
}

static void
clear_results(struct net_call *call)
{
	call->status = 0;
	call->answer = (struct str){ 0 };
	call->connected_anew = false;
	call->sent_us = call->done_us = 0;
	memset(call->header, 0, sizeof(call->header));
	list_init(&call->node);
}

void
net_call_start(struct net_client *client, struct net_call *call)
{
	struct job *job = arena_alloc(call->arena, sizeof(*job));
	const char *why = request_fault(call);

	clear_results(call);
	call->start_us = rh_mono_us();
	call->priv = job;
	job->call = call;
	job->client = client;
	job->deadline.fire = deadline_passed;
	client->calls++;
	list_add_tail(&client->jobs, &job->node);
	if (why == NULL)
		job->pool = pool_get(client, call->origin);
	if (job->pool == NULL) {
		call_finish_later(call, NET_BROKEN, why != NULL ? why : "origin is not a URL");
		return;
	}
	if (client->ending) {
		call_finish_later(call, NET_CANCELLED, "the hub stops");
		return;
	}
	net_timer_set(client->loop, &job->deadline, call->deadline_ms);
	pool_place(job->pool, call);
}

void
net_call_cancel(struct net_client *client, struct net_call *call)
{
	struct job *job = job_of(call);

	assert(job != NULL && job->client == client); /* a call that is done cannot be cancelled */
	if (job->ended) {
		call_set_result(call, NET_CANCELLED, "cancelled");
		return;
	}
	pool_detach(call);
	call_finish_later(call, NET_CANCELLED, "cancelled");
}

void
net_client_end(struct net_client *client)
{
	client->ending = true;
	list_each (node, &client->jobs) {
		struct job *job = container_of(node, struct job, node);

		if (job->ended)
			continue;
		pool_detach(job->call);
		call_finish_later(job->call, NET_CANCELLED, "the hub stops");
	}
}

size_t
net_client_calls(const struct net_client *client)
{
	return client->calls;
}

/* ---- the client ---- */

static void
take_conf(struct net_client *client, const struct net_client_conf *conf)
{
	const char *const *names = conf->headers;

	client->conf = *conf;
	client->header_count = 0;
	for (size_t i = 0; i < NET_ANSWER_HEADERS && names != NULL && names[i] != NULL; i++)
		client->headers[client->header_count++] = str_of(names[i]);
}

struct net_client *
net_client_new(struct net_loop *loop, const struct net_client_conf *conf, struct fault *fault)
{
	struct net_client *client;
	struct door *door = door_new(loop, conf, fault);

	if (door == NULL)
		return NULL;
	client = rh_alloc(sizeof(*client));
	client->loop = loop;
	take_conf(client, conf);
	client->door = door;
	client->pools = table_new(64);
	client->ended_timer.fire = calls_finish_ended;
	list_init(&client->jobs);
	list_init(&client->ended);
	return client;
}

void
net_client_configure(struct net_client *client, const struct net_client_conf *conf)
{
	struct fault fault = { 0 };

	take_conf(client, conf);
	if (door_configure(client->door, conf, &fault) != RH_OK)
		LOG(LOG_ERROR, "ca-file-unusable", KV("why", fault.why),
		        KV("instead", "the bundle read before"));
}

void
net_client_free(struct net_client *client)
{
	size_t cursor = 0;
	struct str origin;
	void *pool;

	assert(client->calls == 0);
	while (table_next(client->pools, &cursor, &origin, &pool))
		pool_close_idle(pool);
	table_free(client->pools);
	door_free(client->door);
	free(client);
}
