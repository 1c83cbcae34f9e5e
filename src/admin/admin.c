/* admin: the listener of the admin API on the control loop, from open to close. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "metrics.h"

enum {
	MOST_CONNECTIONS = 64,
	MOST_STREAMS = 24,
	MAX_BODY = 4 << 20, /* an import of some thousand platforms */
	HEAD_MS = 2000,
	BODY_MS = 10000,
	IDLE_MS = 60000,
	CLOSE_WAIT_MS = 5000, /* for handshakes and changes under way */
	CLOSE_SEND_MS = 500   /* for the last answers to leave */
};

static const char *const request_headers[] = { [AUTHORIZATION] = "Authorization",
	[HOST] = "Host",
	[ACCEPT] = "Accept",
	[LAST_EVENT_ID] = "Last-Event-ID",
	[COOKIE] = "Cookie",
	[ORIGIN] = "Origin",
	[CSRF] = "X-CSRF-Token",
	NULL };

static void
on_request(void *ctx, struct net_request *request)
{
	inquiry_begin(ctx, request);
}

static void
on_done(void *ctx, struct net_request *request)
{
	(void)ctx;
	inquiry_end(request->user);
}

static size_t
on_refuse(void *ctx, const struct net_refusal *refusal, char *out, size_t size)
{
	const char *why = refusal->why;
	struct admin *admin = ctx;
	CLEANUP(tree_drop) json_t *object = tree_object();
	CLEANUP(buf_free) struct buf text = { 0 };
	size_t len;

	admin->refused++;
	tree_set_text(object, "error",
	        why != NULL && why[0] != '\0' ? why : rh_err_info(refusal->err)->text);
	tree_print(object, &text);
	len = text.len < size ? text.len : 0;
	memcpy(out, text.p, len);
	return len;
}

struct admin *
admin_open(const struct admin_conf *conf, struct fault *fault)
{
	struct admin *admin = rh_alloc(sizeof *admin);
	struct net_server_conf server = {
		.listen_fd = conf->listen_fd,
		.max_body = MAX_BODY,
		.max_connections = MOST_CONNECTIONS,
		.make_room = true,
		.max_streams = MOST_STREAMS,
		.head_ms = HEAD_MS,
		.body_ms = BODY_MS,
		.idle_ms = IDLE_MS,
		.headers = request_headers,
		.request = on_request,
		.done = on_done,
		.refuse = on_refuse,
		.trusted = hub_proxies(conf->hub),
		.forwarded_7239 = hub_settings(conf->hub)->proxy_header == PROXY_FORWARDED,
		.ctx = admin,
	};

	admin->conf = *conf;
	admin->conf.token_file = NULL; /* good for this call only */
	admin->conf.tokens = NULL;
	admin->named = conf->tokens;
	admin->hub = conf->hub;
	admin->verbs = admin_verbs;
	admin->started_ms = rh_wall_ms();
	admin->refusals = refusals_new();
	admin->streams = streams_new(admin);
	admin->sessions = sessions_new();
	admin->busiest = busiest_new(BUSIEST_MOST);
	list_init(&admin->inquiries);
	list_init(&admin->pulse.waiting);
	if (admin_token_load(admin, conf->token_file, fault) == RH_OK)
		admin->server = net_server_new(hub_loop(conf->hub), &server, fault);
	else
		(void)close(conf->listen_fd);
	if (admin->server != NULL) {
		lapses_start(admin);
		return admin;
	}
	admin_tokens_free(admin->named);
	refusals_free(admin->refusals);
	streams_free(admin->streams);
	free(admin->sessions);
	busiest_free(admin->busiest);
	free(admin);
	return NULL;
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
	return admin->pulse.running || streams_work(admin->streams);
}

static void
turn_until_answered(struct admin *admin, int64_t wait_ms)
{
	int64_t until_ms = rh_mono_ms() + wait_ms, stop_by_ms = hub_stop_by_ms(admin->hub);

	if (stop_by_ms != 0 && stop_by_ms < until_ms)
		until_ms = stop_by_ms;
	while (store_works(admin) ||
	        (net_server_requests(admin->server) > 0 && rh_mono_ms() < until_ms))
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
	lapses_stop(admin);
	net_server_stop_accepting(admin->server, 0);
	turn_until_answered(admin, CLOSE_WAIT_MS);
	answer_the_rest(admin);
	turn_until_answered(admin, CLOSE_SEND_MS);
	net_server_free(admin->server);
	free_the_rest(admin);
	assert(list_empty(&admin->inquiries));
	admin_tokens_free(admin->named);
	refusals_free(admin->refusals);
	streams_free(admin->streams);
	free(admin->sessions);
	busiest_free(admin->busiest);
	free(admin);
}
