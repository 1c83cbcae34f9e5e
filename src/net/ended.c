/* ended: calls that are over and have to be told.
 *
 * done() is the last thing that is done for a call, for it may start, cancel or configure anything.
 * Where it would come from inside the caller's own net_call_start() or net_call_cancel(), a timer
 * ends the call. */
#include "client.h"

#include <stdio.h>

struct job *
job_of(const struct net_call *call)
{
	return call->priv;
}

void
call_set_result(struct net_call *call, enum net_result result, const char *why)
{
	call->result = result;
	call->why[0] = '\0';
	if (why[0] != '\0')
		snprintf(call->why, sizeof(call->why), "%s", why);
}

void
call_finish(struct net_call *call)
{
	struct job *job = job_of(call);

	net_timer_stop(job->client->loop, &job->deadline);
	job->client->calls--;
	list_remove(&job->node);
	call->done_us = rh_mono_us();
	call->priv = NULL;
	call->done(call);
}

void
calls_finish_ended(struct net_timer *timer)
{
	struct net_client *client = container_of(timer, struct net_client, ended_timer);
	struct list due;

	list_init(&due);
	while (!list_empty(&client->ended)) {
		struct list *node = client->ended.next;

		list_remove(node);
		list_add_tail(&due, node);
	}
	while (!list_empty(&due)) {
		struct net_call *call = container_of(due.next, struct net_call, node);

		list_remove(&call->node);
		call_finish(call);
	}
}

/** The clock of a turn stands still, so one millisecond ahead is a later turn. */
void
call_finish_later(struct net_call *call, enum net_result result, const char *why)
{
	struct job *job = job_of(call);
	struct net_client *client = job->client;

	call_set_result(call, result, why);
	net_timer_stop(client->loop, &job->deadline);
	job->ended = true;
	list_add_tail(&client->ended, &call->node);
	if (client->ended_timer.slot == 0)
		net_timer_set(client->loop, &client->ended_timer, net_loop_now(client->loop) + 1);
}
