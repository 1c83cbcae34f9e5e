/* desk: what all listeners of the operator's side have in common: on the control loop, from open to
 * close. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

enum { HEAD_MS = 2000, BODY_MS = 10000, IDLE_MS = 60000 };

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
	struct desk *desk = ctx;
	CLEANUP(tree_drop) json_t *object = tree_object();
	CLEANUP(buf_free) struct buf text = { 0 };
	size_t len;

	desk->refused++;
	desk_count(desk, rh_err_info(refusal->err)->http);
	tree_set_text(object, "error",
	        why != NULL && why[0] != '\0' ? why : rh_err_info(refusal->err)->text);
	tree_print(object, &text);
	len = text.len < size ? text.len : 0;
	memcpy(out, text.p, len);
	return len;
}

bool
desk_open(struct desk *desk, int listen_fd, struct fault *fault)
{
	struct hub *hub = desk->admin->hub;
	struct net_server_conf conf = {
		.listen_fd = listen_fd,
		.max_body = desk->max_body,
		.max_connections = desk->max_connections,
		.make_room = true,
		.max_streams = desk->max_streams,
		.spare = desk->spare,
		.head_ms = HEAD_MS,
		.body_ms = BODY_MS,
		.idle_ms = IDLE_MS,
		.headers = request_headers,
		.most_body = desk->most_body,
		.request = on_request,
		.done = on_done,
		.refuse = on_refuse,
		.trusted = hub_proxies(hub),
		.forwarded_7239 = hub_settings(hub)->proxy_header == PROXY_FORWARDED,
		.ctx = desk,
	};

	desk->sessions = sessions_new();
	desk->server = net_server_new(hub_loop(hub), &conf, fault);
	if (desk->server != NULL)
		return true;
	(void)close(listen_fd);
	free(desk->sessions);
	desk->sessions = NULL;
	return false;
}

size_t
desk_requests(const struct desk *desk)
{
	return desk->server != NULL ? net_server_requests(desk->server) : 0;
}

void
desk_stop_accepting(struct desk *desk)
{
	if (desk->server != NULL)
		net_server_stop_accepting(desk->server, 0);
}

void
desk_close(struct desk *desk)
{
	if (desk->server == NULL)
		return;
	net_server_free(desk->server);
	free(desk->sessions);
	desk->server = NULL;
	desk->sessions = NULL;
}
