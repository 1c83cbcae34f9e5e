/* admin: the listener of the admin API on the control loop, from open to close. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "metrics.h"
#include "portal.h"
#include "session.h"
#include "tally.h"

enum {
	MOST_CONNECTIONS = 64,
	MOST_STREAMS = 24,
	MAX_BODY = 1 << 20,
	MAX_IMPORT = 64 << 20, /* of who is known, and may */
	CLOSE_WAIT_MS = 5000,  /* for handshakes and changes under way */
	CLOSE_SEND_MS = 500    /* for the last answers to leave */
};

/* ---- open and close ---- */

/* A document of registrations is as large as they are many. */
static size_t
most_body(void *ctx, const struct net_request *request)
{
	const struct desk *desk = ctx;

	return str_is(request->method, "POST") && str_is(request->target, "/admin/v1/import") &&
	                       token_may_change(desk->admin, request->header[AUTHORIZATION])
	               ? MAX_IMPORT
	               : MAX_BODY;
}

static struct desk
make_desk(struct admin *admin)
{
	return (struct desk){
		.admin = admin,
		.name = "admin",
		.cookie = "roamhub",
		.verbs = admin_verbs,
		.nothing = "no such resource: GET /admin/v1 lists what there is",
		.let_in = door_lets_in,
		.holds = token_still_holds,
		.max_body = MAX_BODY,
		.most_body = most_body,
		.max_connections = MOST_CONNECTIONS,
		.max_streams = MOST_STREAMS,
	};
}

static void
drop(struct admin *admin)
{
	portal_close(admin->portal);
	desk_close(&admin->desk);
	admin_tokens_free(admin->named);
	refusals_free(admin->refusals);
	streams_free(admin->streams);
	busiest_free(admin->busiest);
	census_free(admin->census);
	free(admin);
}

static bool
open_desks(struct admin *admin, const struct admin_conf *conf, struct fault *fault)
{
	if (admin_token_load(admin, conf->token_file, fault) != RH_OK) {
		(void)close(conf->listen_fd);
		if (conf->portal_fd >= 0)
			(void)close(conf->portal_fd);
		return false;
	}
	if (!desk_open(&admin->desk, conf->listen_fd, fault)) {
		if (conf->portal_fd >= 0)
			(void)close(conf->portal_fd);
		return false;
	}
	return conf->portal_fd < 0 || portal_open(admin, conf->portal_fd, fault);
}

struct admin *
admin_open(const struct admin_conf *conf, struct fault *fault)
{
	struct admin *admin = rh_alloc(sizeof *admin);

	admin->conf = *conf;
	admin->conf.token_file = NULL; /* good for this call only */
	admin->conf.tokens = NULL;
	admin->named = conf->tokens;
	admin->hub = conf->hub;
	admin->desk = make_desk(admin);
	admin->started_ms = rh_wall_ms();
	admin->refusals = refusals_new();
	admin->streams = streams_new(admin);
	admin->busiest = busiest_new(BUSIEST_MOST);
	admin->census = census_new(admin);
	list_init(&admin->inquiries);
	list_init(&admin->pulse.waiting);
	if (!open_desks(admin, conf, fault)) {
		drop(admin);
		return NULL;
	}
	lapses_start(admin);
	tally_open(admin);
	return admin;
}

void
admin_reloaded(struct admin *admin, bool taken_over, struct str who, const struct json_t *report)
{
	CLEANUP(buf_free) struct buf data = { 0 };
	struct store_event event = { .type = STR("config.reload"), .who = who };

	admin->reloaded_ms = rh_wall_ms();
	admin->reload_refused = !taken_over;
	tree_print(report, &data);
	event.what = taken_over ? STR("taken over") : STR("refused");
	event.subject = STR("configuration");
	event.data = buf_str(&data);
	hub_event(admin->hub, &event);
}

/* Health and metrics go on being answered while the hub drains. */
void
admin_stop(struct admin *admin)
{
	if (admin->stopping)
		return;
	admin->stopping = true;
	admin->stopping_since_ms = rh_wall_ms();
	streams_end(admin->streams);
}

/* The writer of the store fills what was submitted: that memory stays until it has. */
static bool
store_works(const struct admin *admin)
{
	list_each (node, &admin->inquiries) {
		const struct inquiry *inquiry = container_of(node, struct inquiry, node);

		if (inquiry->audit.running || (inquiry->pending && inquiry->op.done != NULL))
			return true;
	}
	return admin->pulse.running || admin->trouble.running || streams_work(admin->streams) ||
	       census_works(admin->census);
}

static size_t
requests(const struct admin *admin)
{
	return desk_requests(&admin->desk) +
	       (admin->portal != NULL ? desk_requests(&admin->portal->desk) : 0);
}

static void
turn_until_answered(struct admin *admin, int64_t wait_ms)
{
	int64_t until_ms = rh_mono_ms() + wait_ms, stop_by_ms = hub_stop_by_ms(admin->hub);

	if (stop_by_ms != 0 && stop_by_ms < until_ms)
		until_ms = stop_by_ms;
	while (store_works(admin) || (requests(admin) > 0 && rh_mono_ms() < until_ms))
		net_loop_turn(hub_loop(admin->hub), 50);
}

/* What still waits is told so; its completion will not come any more. */
static void
answer_the_rest(struct admin *admin)
{
	list_each (node, &admin->inquiries) {
		struct inquiry *inquiry = container_of(node, struct inquiry, node);

		if (!inquiry->answered)
			inquiry_refuse(inquiry, 503, "the hub stopped before this was done");
	}
}

static void
free_the_rest(struct admin *admin)
{
	list_each_safe (node, next, &admin->inquiries) {
		struct inquiry *inquiry = container_of(node, struct inquiry, node);

		assert(inquiry->answered && inquiry->request == NULL);
		inquiry_free(inquiry);
	}
}

void
admin_close(struct admin *admin)
{
	admin_stop(admin);
	tally_close(admin);
	lapses_stop(admin);
	desk_stop_accepting(&admin->desk);
	if (admin->portal != NULL)
		desk_stop_accepting(&admin->portal->desk);
	turn_until_answered(admin, CLOSE_WAIT_MS);
	answer_the_rest(admin);
	turn_until_answered(admin, CLOSE_SEND_MS);
	portal_close(admin->portal);
	admin->portal = NULL;
	desk_close(&admin->desk);
	free_the_rest(admin);
	assert(list_empty(&admin->inquiries));
	trouble_close(&admin->trouble);
	drop(admin);
}
