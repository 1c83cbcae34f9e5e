/* ctl_client: one request to the admin API, one answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "roamhub/tree.h"

#include "ctl.h"

enum { CONNECT_MS = 3000, MOST_ANSWER = 256 << 20, TOKEN_FILE_MAX = 4096 };

struct exchange {
	struct net_loop *loop;
	struct net_egress *egress;
	struct net_client *client;
	struct net_call call;
	struct net_header headers[2];
	bool done;
};

static void
on_done(struct net_call *call)
{
	container_of(call, struct exchange, call)->done = true;
}

/* Where a hub that listens everywhere can be called: on this machine. */
struct str
ctl_origin(struct ctl *ctl)
{
	char address[512];
	const char *port;

	config_file_admin_address(&ctl->file->settings, address, sizeof address);
	port = strrchr(address, ':');
	if (port != NULL && strncmp(address, "0.0.0.0:", 8) == 0)
		return arena_printf(ctl->arena, "http://127.0.0.1%s", port);
	if (port != NULL && strncmp(address, "[::]:", 5) == 0)
		return arena_printf(ctl->arena, "http://[::1]%s", port);
	return arena_printf(ctl->arena, "http://%s", address);
}

bool
ctl_authorization(struct ctl *ctl, struct str *authorization)
{
	char path[TOKEN_FILE_MAX], text[TOKEN_FILE_MAX];
	FILE *in;
	bool read;

	if (ctl->token_file != NULL)
		(void)snprintf(path, sizeof path, "%s", ctl->token_file);
	else
		config_file_admin_token(&ctl->file->settings, path, sizeof path);
	in = fopen(path, "re");
	read = in != NULL && fgets(text, sizeof text, in) != NULL;
	if (!read)
		ctl_complain("cannot read the admin token %s: %s", path,
		        in != NULL ? "it is empty" : strerror(errno));
	if (in != NULL)
		(void)fclose(in);
	if (!read)
		return false;
	text[strcspn(text, "\r\n")] = '\0';
	*authorization = arena_printf(ctl->arena, "Bearer %s", text);
	return true;
}

static bool
exchange_open(struct ctl *ctl, struct exchange *exchange, struct str text, struct fault *fault)
{
	static const char *const answer_headers[] = { "Content-Type", NULL };
	struct net_client_conf conf = {
		.connect_ms = CONNECT_MS,
		.ca_file = ctl->file->settings.ca_file,
		.headers = answer_headers,
		.max_per_origin = 1,
		.max_waiting = 1,
		.idle_ms = 1000,
	};
	struct net_url url;

	exchange->loop = net_loop_new();
	exchange->egress = net_egress_new(true, NULL, fault);
	if (exchange->egress == NULL || net_url_parse(text, ctl->arena, &url, fault) != RH_OK)
		return false;
	exchange->call.origin = url.origin;
	exchange->call.target = url.target;
	conf.egress = exchange->egress;
	exchange->client = net_client_new(exchange->loop, &conf, fault);
	return exchange->client != NULL;
}

static void
exchange_close(struct exchange *exchange)
{
	if (exchange->client != NULL)
		net_client_free(exchange->client);
	net_egress_free(exchange->egress);
	net_loop_free(exchange->loop);
}

static void
exchange_wait(struct ctl *ctl, struct exchange *exchange)
{
	struct net_call *call = &exchange->call;

	call->deadline_ms = rh_mono_ms() + 1000 * (ctl->verb->wait_s > 0 ? ctl->verb->wait_s : 20);
	call->max_answer = MOST_ANSWER;
	call->arena = ctl->arena;
	call->done = on_done;
	net_call_start(exchange->client, call);
	while (!exchange->done)
		net_loop_turn(exchange->loop, 1000);
}

static void
exchange_run(struct ctl *ctl, struct exchange *exchange, const struct ctl_request *request,
        struct str authorization)
{
	struct net_call *call = &exchange->call;
	struct buf body = { .arena = ctl->arena };

	if (request->body != NULL)
		tree_print(request->body, &body);
	exchange->headers[0] = (struct net_header){ STR("Authorization"), authorization };
	exchange->headers[1] = (struct net_header){ STR("Content-Type"), STR("application/json") };
	call->method = str_of(request->method);
	call->target = request->target;
	call->headers = exchange->headers;
	call->header_count = body.len > 0 ? 2 : 1;
	call->body = buf_str(&body);
	exchange_wait(ctl, exchange);
}

/** The "error" of a refusal on one line, and on lines of their own the faults that it names. */
static void
report_refusal(struct ctl *ctl, const struct net_call *call)
{
	CLEANUP(tree_drop) json_t *answer = tree_read(call->answer, NULL);
	struct val root = { .node = answer }, fault = { 0 };
	const char *why;

	why = val_text(ctl, root, "error");
	if (why != NULL)
		ctl_complain("%s", why);
	else
		ctl_complain("the hub answered HTTP %d", call->status);
	while (val_each(val_get(root, "config_faults"), &fault)) /* of a reload */
		(void)fprintf(stderr, "%s\n", val_string(ctl, fault));
}

static int
judge(struct ctl *ctl, const struct net_call *call, struct str *answer)
{
	*answer = call->answer;
	if (call->result == NET_DONE && call->status >= 200 && call->status < 300)
		return CTL_OK;
	if (call->result == NET_NO_CONNECTION)
		ctl_complain("no hub answers on %.*s (%s): is roamhubd running?",
		        STR_ARG(call->origin), call->why);
	else if (call->result != NET_DONE)
		ctl_complain(
		        "no answer from the hub on %.*s: %s", STR_ARG(call->origin), call->why);
	else
		report_refusal(ctl, call);
	return ctl->verb->unreachable != 0 ? ctl->verb->unreachable : CTL_FAILED;
}

int
ctl_call(struct ctl *ctl, const struct ctl_request *request, struct str *answer)
{
	struct exchange exchange = { 0 };
	struct fault fault = { 0 };
	struct str authorization;
	int status = CTL_FAILED;

	if (!ctl_authorization(ctl, &authorization))
		return ctl->verb->unreachable != 0 ? ctl->verb->unreachable : CTL_FAILED;
	if (exchange_open(ctl, &exchange, ctl_origin(ctl), &fault)) {
		exchange_run(ctl, &exchange, request, authorization);
		status = judge(ctl, &exchange.call, answer);
	} else {
		ctl_complain("%s: %s", fault.field, fault.why);
	}
	exchange_close(&exchange);
	return status;
}

int
ctl_get(struct ctl *ctl, struct str url, struct str *why)
{
	struct exchange exchange = { 0 };
	struct fault fault = { 0 };
	int status = 0;

	if (exchange_open(ctl, &exchange, url, &fault)) {
		exchange.call.method = STR("GET");
		exchange_wait(ctl, &exchange);
		if (exchange.call.result == NET_DONE)
			status = exchange.call.status;
		else
			*why = arena_str(ctl->arena, str_of(exchange.call.why));
	} else {
		*why = arena_str(ctl->arena, str_of(fault.why));
	}
	exchange_close(&exchange);
	return status;
}
