/* deliver: one request of the push engine and what its answer means. */
#include <stdio.h>

#include "../count.h"
#include "../parties/live.h"
#include "../parties/may.h"
#include "push.h"

enum { MAX_ANSWER_NODES = 100000, DELIVER_HEADERS = 9, RETRY_AFTER_MOST_S = 300 };

struct delivery {
	struct net_call call;
	struct net_header headers[DELIVER_HEADERS];
	size_t header_count;
	struct store_op op;
	struct arena *arena;
	struct owed *owed;
	struct worker *worker;
	const struct store_object *object;
	bool as_it_came;
	struct str request_id;
	enum verdict verdict;
	int http, ocpi;
	char why[160];
};

static void
finish(struct delivery *delivery, enum verdict verdict, int64_t retry_after_ms)
{
	struct owed *owed = delivery->owed;

	if (verdict == DELIVERED)
		owed->delivered = delivery->object->change;
	owed->delivery = NULL;
	arena_free(delivery->arena); /* the delivery lies in it */
	receiver_delivered(owed, verdict, retry_after_ms);
}

/* The sender's, so that the log shows one story; what the hub says by itself has none. */
static struct str
correlation_of(const struct delivery *delivery)
{
	struct str sender = delivery->object->correlation_id;

	return sender.len > 0 ? sender : delivery->request_id;
}

/* ---- what stays of a delivery: the trace, and the record of a refusal ---- */

static void
trace(const struct delivery *delivery)
{
	const struct store_object *object = delivery->object;
	struct arena *arena = delivery->arena;
	struct buf doc = { .arena = arena };
	struct store_trace leg = { 0 }, *row;
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];

	buf_printf(&doc,
	        "{\"leg\":\"push\",\"method\":\"%.*s\",\"path\":", STR_ARG(delivery->call.method));
	json_quote(&doc, delivery->call.target);
	buf_printf(&doc, ",\"change\":%lld,\"http\":%d,\"ocpi\":%d,\"us\":%lld",
	        (long long)object->change, delivery->http, delivery->ocpi,
	        (long long)(delivery->call.done_us - delivery->call.start_us));
	if (delivery->verdict != DELIVERED) {
		buf_add(&doc, STR(",\"why\":"));
		json_quote(&doc, str_of(delivery->why));
	}
	buf_addc(&doc, '}');
	leg.at_ms = rh_wall_ms();
	leg.correlation_id = correlation_of(delivery);
	leg.request_id = delivery->request_id;
	leg.from = str_of(ocpi_id_key(&delivery->worker->hub->id, from));
	leg.to = str_of(ocpi_id_key(&delivery->owed->to, to));
	leg.object = arena_printf(arena, "%.*s/%.*s/%.*s", STR_ARG(object->key.module),
	        STR_ARG(object->key.owner), STR_ARG(object->key.id));
	leg.doc = buf_str(&doc);
	row = store_trace_new(&leg);
	store_trace_put(delivery->worker->hub->store, &row);
}

static void
failure_kept(struct store_op *op)
{
	finish(container_of(op, struct delivery, op), REFUSED, 0);
}

/* A final refusal is recorded with the answer: visible to the operator, redriven on command. */
static void
record_failure(struct delivery *delivery)
{
	struct store_failure *failure = arena_alloc(delivery->arena, sizeof *failure);

	*failure = (struct store_failure){
		.receiver = arena_str(delivery->arena, str_of(delivery->owed->receiver->key)),
		.key = delivery->object->key,
		.change = delivery->object->change,
		.at_ms = rh_wall_ms(),
		.http = delivery->http,
		.ocpi = delivery->ocpi,
		.why = str_of(delivery->why),
	};
	delivery->op = (struct store_op){ .verb = STORE_FAILURE_PUT, .done = failure_kept };
	delivery->op.u.failures.failures = failure;
	delivery->op.u.failures.count = 1;
	store_submit(delivery->worker->session, &delivery->op);
}

/* ---- the verdict: interface.md, "retried when pushing" ---- */

static enum verdict
judge_status(const struct delivery *delivery)
{
	int http = delivery->http;

	if (http == 401 || http == 403 || http == 429 || http >= 500)
		return TRY_AGAIN;
	if (delivery->ocpi / 1000 == 3 || (http >= 300 && http < 400))
		return TRY_AGAIN;
	if (http >= 200 && http < 300 && delivery->ocpi / 1000 == 1)
		return DELIVERED;
	return delivery->as_it_came ? TRY_WHOLE
	                            : REFUSED; /* a PATCH it cannot apply: PUT (TRN-041) */
}

static enum verdict
judge(struct delivery *delivery)
{
	struct net_call *call = &delivery->call;
	struct ocpi_envelope envelope = { 0 };
	struct fault fault = { 0 };

	if (call->result != NET_DONE) {
		(void)snprintf(delivery->why, sizeof delivery->why, "%s", call->why);
		return TRY_AGAIN;
	}
	delivery->http = call->status;
	if (ocpi_envelope_read(
	            call->answer, MAX_ANSWER_NODES, delivery->arena, &envelope, &fault) == RH_OK)
		delivery->ocpi = envelope.code;
	(void)snprintf(delivery->why, sizeof delivery->why, "HTTP %d, OCPI %d: %.*s",
	        delivery->http, delivery->ocpi,
	        (int)(envelope.message.len > 100 ? 100 : envelope.message.len),
	        envelope.message.p != NULL ? envelope.message.p : "");
	if (delivery->ocpi == 0 && delivery->http < 400)
		return TRY_AGAIN; /* an answer without a usable envelope */
	return judge_status(delivery);
}

static int64_t
retry_after_ms(const struct delivery *delivery)
{
	uint64_t seconds;

	if (!str_to_u64(str_trim(delivery->call.header[OUT_RETRY_AFTER]), 1000000, &seconds))
		return 0;
	return (int64_t)(seconds > RETRY_AFTER_MOST_S ? RETRY_AFTER_MOST_S : seconds) * 1000;
}

static void
called(struct net_call *call)
{
	struct delivery *delivery = container_of(call, struct delivery, call);
	struct live *live = delivery->owed->receiver->live;
	struct counters *counters = &delivery->worker->counters;

	delivery->verdict = judge(delivery);
	count_add(&live->calls, 1);
	if (delivery->verdict == TRY_AGAIN) {
		count_add(&counters->total[COUNT_PUSH_FAILED], 1);
		live_failed(live);
	} else {
		count_add(&counters->total[COUNT_PUSHED], 1);
		live_seen(live);
	}
	trace(delivery);
	if (delivery->verdict == REFUSED)
		record_failure(delivery);
	else
		finish(delivery, delivery->verdict, retry_after_ms(delivery));
}

/* ---- the request ---- */

static void
add_header(struct delivery *delivery, const char *name, struct str value)
{
	delivery->headers[delivery->header_count++] = (struct net_header){ str_of(name), value };
}

static void
add_headers(struct delivery *delivery, const struct platform *platform)
{
	const struct hub *hub = delivery->worker->hub;
	struct arena *arena = delivery->arena;
	char *id = arena_alloc(arena, RH_UUID_LEN + 1);

	rh_uuid(id);
	delivery->request_id = str_of(id);
	add_header(delivery, "Authorization", arena_str(arena, platform_authorization(platform)));
	add_header(delivery, "X-Request-ID", delivery->request_id);
	add_header(delivery, "X-Correlation-ID", correlation_of(delivery));
	if (!delivery->owed->announces) { /* hubclientinfo carries none */
		add_header(delivery, "OCPI-to-country-code", str_of(delivery->owed->to.country));
		add_header(delivery, "OCPI-to-party-id", str_of(delivery->owed->to.party));
		add_header(
		        delivery, "OCPI-from-country-code", str_of(hub->id.country)); /* RTE-031 */
		add_header(delivery, "OCPI-from-party-id", str_of(hub->id.party));
	}
	if (delivery->call.body.p != NULL)
		add_header(delivery, "Content-Type", STR("application/json"));
}

/* The path of the whole object: owner and id as they were written, without EVSE and Connector. */
static struct str
whole_path(const struct store_object *object, bool announces, struct arena *arena)
{
	struct str query = object->suffix, path = str_cut(&query, '?'), left = path;
	size_t segments = announces ? 2 : 3, len = 0;

	for (size_t i = 0; i < segments && left.p != NULL; i++)
		len += str_cut(&left, '/').len + (i > 0);
	return arena_printf(arena, "%.*s%s%.*s", (int)len, path.p, query.p != NULL ? "?" : "",
	        (int)query.len, query.p != NULL ? query.p : "");
}

/* A change goes on as it came when the receiver has what it builds upon; else it gets the newest
 * version whole. */
static bool
may_go_as_it_came(const struct owed *owed, const struct store_object *object)
{
	return !owed->whole && object->patch.p != NULL && object->body.p != NULL &&
	       object->previous != 0;
}

static void
deliver_now(
        struct delivery *delivery, const struct platform *platform, const struct endpoint *endpoint)
{
	const struct store_object *object = delivery->object;
	struct net_call *call = &delivery->call;
	struct arena *arena = delivery->arena;
	struct str path;

	delivery->as_it_came = may_go_as_it_came(delivery->owed, object);
	if (delivery->as_it_came) {
		call->method = object->method;
		call->body = object->patch;
		path = object->suffix;
	} else {
		call->method = object->body.p != NULL ? STR("PUT") : STR("DELETE");
		call->body = object->body;
		path = whole_path(object, delivery->owed->announces, arena);
	}
	call->origin = arena_str(arena, endpoint->origin);
	call->target = ocpi_join(endpoint->target, path, (struct str){ 0 }, arena);
	add_headers(delivery, platform);
	call->headers = delivery->headers;
	call->header_count = delivery->header_count;
	call->deadline_ms = rh_mono_ms() + hub_settings(delivery->worker->hub)->call_ms;
	call->max_answer = 64 * 1024;
	call->arena = arena;
	call->done = called;
	net_call_start(delivery->worker->client, call);
}

static void
object_known(struct delivery *delivery)
{
	const struct directory *directory = hub_directory(delivery->worker->hub);
	const struct platform *platform =
	        directory_platform(directory, delivery->owed->receiver->platform);
	const struct endpoint *endpoint =
	        platform == NULL
	                ? NULL
	                : platform_endpoint(platform, delivery->object->key.module, IFACE_RECEIVER);

	if (endpoint == NULL || platform->token.p == NULL)
		finish(delivery, REFUSED,
		        0); /* it went away or stopped taking these: nothing is owed any more */
	else
		deliver_now(delivery, platform, endpoint);
}

static void
first_step(struct mail *mail)
{
	object_known(container_of(mail, struct delivery, op.mail));
}

void
deliver_start(struct owed *owed)
{
	struct arena *arena = arena_new(4096);
	struct delivery *delivery = arena_alloc(arena, sizeof *delivery);

	delivery->arena = arena;
	delivery->owed = owed;
	delivery->worker = owed->receiver->worker;
	owed->delivery = delivery;
	delivery->object = owed->object;
	delivery->op.mail.deliver = first_step; /* on a later turn, as every other way here */
	mailbox_post(net_loop_mailbox(delivery->worker->loop), &delivery->op.mail);
}
