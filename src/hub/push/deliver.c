/* deliver: one request of the push engine and what its answer means. */
#include <stdio.h>

#include "../count.h"
#include "../parties/directory.h"
#include "../parties/partner.h"
#include "push.h"

enum { MOST_ANSWER_BYTES = 64 * 1024, RETRY_AFTER_MOST_S = 300 };

struct delivery {
	struct partner_call call;
	struct store_op op;
	struct arena *arena;
	struct owed *owed;
	struct worker *worker;
	const struct store_object *object;
	bool as_it_came;
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

/* ---- what stays of a delivery: the trace, and the record of a refusal ---- */

static void
trace(const struct delivery *delivery)
{
	const struct store_object *object = delivery->object;
	struct arena *arena = delivery->arena;
	struct buf doc = { .arena = arena };
	struct store_trace leg = { 0 }, *row;
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];

	buf_printf(&doc, "{\"leg\":\"push\",\"method\":\"%.*s\",\"path\":",
	        STR_ARG(delivery->call.net.method));
	json_quote(&doc, delivery->call.net.target);
	buf_printf(&doc, ",\"change\":%lld,\"http\":%d,\"ocpi\":%d,\"us\":%lld",
	        (long long)object->change, delivery->http, delivery->ocpi,
	        (long long)(delivery->call.net.done_us - delivery->call.net.start_us));
	if (delivery->verdict != DELIVERED) {
		buf_add(&doc, STR(",\"why\":"));
		json_quote(&doc, str_of(delivery->why));
	}
	buf_addc(&doc, '}');
	leg.at_ms = rh_wall_ms();
	leg.correlation_id = delivery->call.correlation_id;
	leg.request_id = delivery->call.request_id;
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
	const struct partner_call *call = &delivery->call;
	struct str message = call->envelope.message;

	if (call->net.result != NET_DONE) {
		(void)snprintf(delivery->why, sizeof delivery->why, "%.150s", call->why);
		return TRY_AGAIN;
	}
	delivery->http = call->net.status;
	delivery->ocpi = call->result == PARTNER_ANSWERED ? call->envelope.code : 0;
	(void)snprintf(delivery->why, sizeof delivery->why, "HTTP %d, OCPI %d: %.*s",
	        delivery->http, delivery->ocpi, (int)(message.len > 100 ? 100 : message.len),
	        message.p != NULL ? message.p : "");
	if (delivery->ocpi == 0 && delivery->http < 400)
		return TRY_AGAIN; /* an answer without a usable envelope */
	return judge_status(delivery);
}

static int64_t
retry_after_ms(const struct delivery *delivery)
{
	uint64_t seconds;

	if (!str_to_u64(str_trim(delivery->call.net.header[OUT_RETRY_AFTER]), 1000000, &seconds))
		return 0;
	return (int64_t)(seconds > RETRY_AFTER_MOST_S ? RETRY_AFTER_MOST_S : seconds) * 1000;
}

static void
called(struct partner_call *call)
{
	struct delivery *delivery = container_of(call, struct delivery, call);
	struct counters *counters = &delivery->worker->counters;

	delivery->verdict = judge(delivery);
	count_add(
	        &counters->total[delivery->verdict == TRY_AGAIN ? COUNT_PUSH_FAILED : COUNT_PUSHED],
	        1);
	trace(delivery);
	if (delivery->verdict == REFUSED)
		record_failure(delivery);
	else
		finish(delivery, delivery->verdict, retry_after_ms(delivery));
}

/* ---- the request ---- */

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

/* What is written of the object, to where behind the endpoint. */
static void
choose_form(struct delivery *delivery, struct str *method, struct str *body, struct str *path)
{
	const struct store_object *object = delivery->object;

	delivery->as_it_came = may_go_as_it_came(delivery->owed, object);
	if (delivery->as_it_came) {
		*method = object->method;
		*body = object->patch;
		*path = object->suffix;
	} else {
		*method = object->body.p != NULL ? STR("PUT") : STR("DELETE");
		*body = object->body;
		*path = whole_path(object, delivery->owed->announces, delivery->arena);
	}
}

static void
deliver_now(
        struct delivery *delivery, const struct platform *platform, const struct endpoint *endpoint)
{
	struct hub *hub = delivery->worker->hub;
	const struct owed *owed = delivery->owed;
	struct partner_call *call = &delivery->call;
	struct str method, body, path;

	choose_form(delivery, &method, &body, &path);
	partner_prepare(call, hub, platform->live, PARTNER_DELIVERY, delivery->arena);
	partner_address(call, endpoint->origin,
	        ocpi_join(endpoint->target, path, (struct str){ 0 }, delivery->arena),
	        platform_authorization(platform), delivery->object->correlation_id);
	if (!owed->announces) /* hubclientinfo carries none; RTE-031 */
		partner_route(call, str_of(owed->to.country), str_of(owed->to.party),
		        str_of(hub->id.country), str_of(hub->id.party));
	call->done = called;
	partner_start(call, delivery->worker->client, method, body, hub_settings(hub)->call_ms,
	        MOST_ANSWER_BYTES, false);
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
