/* deliver: one request of the push engine and what its answer means. */
#include "deliver.h"

#include <stdio.h>

#include "../count.h"
#include "../parties/bodies.h"
#include "../parties/outcome.h"
#include "../parties/words.h"
#include "retry_after.h"
#include "tidings.h"

enum { MOST_ANSWER_BYTES = 64 * 1024, ARENA_BYTES = 4096, ARENA_KEEP_BYTES = 16 * 1024 };

struct delivery {
	struct partner_call call;
	struct list node; /* pusher->air */
	struct store_op op;
	struct arena *arena;
	struct channel *channel;
	struct owed *owed;
	struct worker *worker;
	const struct store_object *object;
	struct ocpi_id from;
	bool as_it_came;
	enum verdict verdict;
	int http, ocpi;
	char why[400];
	deliver_done_fn done;
};

/* ---- the memory of a delivery: its arena is used again by the next one of the worker ---- */

static struct arena *
take_arena(struct pusher *pusher)
{
	return pusher->spare_count > 0 ? pusher->spare[--pusher->spare_count]
	                               : arena_new(ARENA_BYTES);
}

static void
give_arena(struct pusher *pusher, struct arena *arena)
{
	if (pusher->spare_count == COUNT(pusher->spare) || arena_bytes(arena) > ARENA_KEEP_BYTES) {
		arena_free(arena);
		return;
	}
	arena_reset(arena);
	pusher->spare[pusher->spare_count++] = arena;
}

static void
finish(struct delivery *delivery, enum verdict verdict)
{
	struct str retry_after = delivery->call.net.header[OUT_RETRY_AFTER];
	struct answer answer = {
		.retry_after_ms =
		        retry_after.p != NULL ? retry_after_ms(retry_after, rh_wall_ms()) : 0,
		.http = delivery->http,
		.ocpi = delivery->ocpi,
		.why = delivery->why,
	};
	struct pusher *pusher = delivery->worker->pusher;

	delivery->done(delivery->channel, delivery->owed, verdict, &answer);
	give_arena(pusher, delivery->arena); /* the delivery lies in it */
}

/* ---- what stays of a delivery: the trace, and the record of a refusal ---- */

static void
add_bodies(const struct partner_call *call, struct buf *doc)
{
	struct str secrets[PARTNER_SECRETS];
	const struct bodies bodies = { call->net.body, call->net.answer, secrets,
		partner_secrets(call, secrets) };

	bodies_put(doc, &bodies, call->net.arena);
}

static struct str
trace_doc(const struct delivery *delivery)
{
	const struct partner_call *call = &delivery->call;
	bool failed = delivery->verdict != DELIVERED;
	struct buf doc = { .arena = delivery->arena };

	buf_printf(
	        &doc, "{\"leg\":\"push\",\"method\":\"%.*s\",\"path\":", STR_ARG(call->net.method));
	json_quote(&doc, call->net.target);
	buf_printf(&doc, ",\"change\":%lld,\"http\":%d,\"ocpi\":%d,\"us\":%lld",
	        (long long)delivery->object->change, delivery->http, delivery->ocpi,
	        (long long)(call->net.done_us - call->net.start_us));
	json_put_text(&doc, "redirected_from", call->redirected_from);
	if (failed) {
		buf_add(&doc, STR(",\"why\":"));
		json_quote(&doc, str_of(delivery->why));
	}
	if (bodies_wanted(delivery->worker->hub, failed))
		add_bodies(call, &doc);
	buf_addc(&doc, '}');
	return buf_str(&doc);
}

static void
trace(const struct delivery *delivery)
{
	const struct store_object *object = delivery->object;
	struct store_trace leg = { 0 }, *row;
	char from[OCPI_ID_TEXT], to[OCPI_ID_TEXT];
	const struct store_trace_claim claim = { object->sender_platform, .pushed = true,
		.failed = delivery->verdict != DELIVERED, .rows = 1 };

	if (!store_trace_wanted(delivery->worker->hub->store, &claim))
		return;
	leg.at_ms = rh_wall_ms();
	leg.platform = delivery->channel->platform;
	leg.outcome = delivery->verdict == DELIVERED ? TRACE_OK : outcome_of_call(&delivery->call);
	leg.module = object->key.module;
	leg.correlation_id = delivery->call.correlation_id;
	leg.request_id = delivery->call.request_id;
	leg.from = str_of(ocpi_id_key(&delivery->from, from));
	leg.to = str_of(ocpi_id_key(&delivery->owed->to, to));
	leg.object = arena_printf(delivery->arena, "%.*s/%.*s/%.*s", STR_ARG(object->key.module),
	        STR_ARG(object->key.owner), STR_ARG(object->key.id));
	leg.doc = trace_doc(delivery);
	row = store_trace_new(&leg);
	store_trace_put(delivery->worker->hub->store, &row);
}

static void
tell_refused(const struct delivery *delivery, const struct store_failure *failure)
{
	tidings_refused(delivery->channel, &(struct tiding){ .key = &failure->key,
	                                           .to = failure->to,
	                                           .change = failure->change,
	                                           .http = failure->http,
	                                           .ocpi = failure->ocpi,
	                                           .why = failure->why });
}

static void
failure_kept(struct store_op *op)
{
	struct delivery *delivery = container_of(op, struct delivery, op);

	if (op->err == RH_OK && !delivery->channel->removed)
		tell_refused(delivery, &op->u.failures.failures[0]);
	finish(delivery, op->err == RH_OK ? REFUSED : FAILED);
}

/* A final refusal is recorded with the answer: visible to the operator, redriven on command. */
static void
record_failure(struct delivery *delivery)
{
	struct store_failure *failure = arena_alloc(delivery->arena, sizeof *failure);
	const struct owed *owed = delivery->owed;
	char to[OCPI_ID_TEXT] = "";

	if (!owed->announces)
		(void)ocpi_id_key(&owed->to, to);
	*failure = (struct store_failure){
		.receiver = arena_str(delivery->arena, str_of(delivery->channel->key)),
		.to = arena_str(delivery->arena, str_of(to)),
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

/* ---- the verdict: docs/operations.md, "Pushes" ---- */

static enum verdict
judge_refusal(const struct delivery *delivery)
{
	if (delivery->as_it_came)
		return TRY_WHOLE; /* a PATCH it cannot apply: PUT (TRN-041) */
	if (delivery->object->body.p == NULL && delivery->http == 404)
		return DELIVERED; /* it shall not be there, and it is not */
	return REFUSED;
}

static enum verdict
judge_status(const struct delivery *delivery)
{
	int http = delivery->http;

	if (http == 429 || http == 503)
		return SLOWER;
	if (delivery->owed->announces && (http == 404 || http == 405 || http == 501))
		return REFUSED; /* it takes no ClientInfo; its objects are another matter */
	if (http == 401 || http == 403 || http >= 500)
		return FAILED;
	if (delivery->ocpi / 1000 == 3 || (http >= 300 && http < 400))
		return FAILED;
	if (http >= 200 && http < 300 && delivery->ocpi / 1000 == 1)
		return DELIVERED;
	if (delivery->ocpi == 0 && http < 400)
		return FAILED; /* an answer without a usable envelope */
	return judge_refusal(delivery);
}

static enum verdict
judge_transport(const struct partner_call *call)
{
	if (call->result == PARTNER_OURS)
		return OURS;
	if (call->result == PARTNER_UNUSABLE)
		return FAILED;
	return call->net.result == NET_NO_CONNECTION || call->net.result == NET_FORBIDDEN
	               ? UNREACHED
	               : LATE;
}

static void
explain(struct delivery *delivery)
{
	struct str said = words_of(&delivery->call);

	if (delivery->ocpi == 0)
		(void)snprintf(delivery->why, sizeof delivery->why, "%s", delivery->call.why);
	else
		(void)snprintf(delivery->why, sizeof delivery->why, "HTTP %d, OCPI %d%s%.*s",
		        delivery->http, delivery->ocpi, said.len > 0 ? ": " : "", STR_ARG(said));
}

/* Most are delivered, and nobody reads why. */
static enum verdict
judge(struct delivery *delivery)
{
	const struct partner_call *call = &delivery->call;
	enum verdict verdict;

	if (call->net.result != NET_DONE) {
		(void)snprintf(delivery->why, sizeof delivery->why, "%.150s", call->why);
		return judge_transport(call);
	}
	delivery->http = call->net.status;
	delivery->ocpi = call->result == PARTNER_ANSWERED ? call->envelope.code : 0;
	verdict = judge_status(delivery);
	if (verdict != DELIVERED)
		explain(delivery);
	return verdict;
}

static void
count(const struct delivery *delivery)
{
	struct counters *counters = &delivery->worker->counters;
	enum verdict verdict = delivery->verdict;
	bool pushed = verdict == DELIVERED || verdict == REFUSED || verdict == TRY_WHOLE;

	if (verdict != OURS)
		count_add(&counters->total[pushed ? COUNT_PUSHED : COUNT_PUSH_FAILED], 1);
}

static void
called(struct partner_call *call)
{
	struct delivery *delivery = container_of(call, struct delivery, call);

	list_remove(&delivery->node);
	delivery->verdict = judge(delivery);
	count(delivery);
	if (delivery->verdict != OURS)
		trace(delivery);
	if (delivery->verdict == REFUSED)
		record_failure(delivery);
	else
		finish(delivery, delivery->verdict);
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
	if (len == path.len)
		return object->suffix;
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
	} else if (str_is(object->method, "POST")) { /* its URL is the receiver's to choose */
		*method = object->method;
		*body = object->body;
		*path = STR("");
	} else {
		*method = object->body.p != NULL ? STR("PUT") : STR("DELETE");
		*body = object->body;
		*path = whole_path(object, delivery->owed->announces, delivery->arena);
	}
}

/* A broadcast is the hub's (RTE-030), but for a receiver that wants FROM to be who its URL names
 * (TRP-09). An owner is written "DE*ABC". */
static void
choose_from(struct delivery *delivery, const struct platform *platform)
{
	if (!platform->from_owner || !ocpi_id_parse(delivery->object->key.owner, &delivery->from))
		delivery->from = delivery->worker->hub->id;
}

void
deliver_start(struct channel *channel, struct owed *owed, const struct platform *platform,
        const struct endpoint *endpoint, deliver_done_fn done)
{
	struct worker *worker = channel->pusher->worker;
	struct hub *hub = worker->hub;
	struct arena *arena = take_arena(channel->pusher);
	struct delivery *delivery = arena_take(arena, sizeof *delivery);
	struct partner_call *call = &delivery->call;
	struct str method, body, path, authorization = platform_authorization(platform), lines;

	delivery->arena = arena;
	delivery->channel = channel;
	delivery->owed = owed;
	delivery->worker = worker;
	delivery->object = owed->object;
	delivery->http = delivery->ocpi = 0;
	delivery->why[0] = '\0';
	delivery->done = done;
	choose_form(delivery, &method, &body, &path);
	choose_from(delivery, platform);
	partner_prepare(call, hub, platform->live, PARTNER_DELIVERY, arena);
	lines = lines_of(
	        &channel->lines, &delivery->from, &owed->to, owed->announces, authorization);
	if (lines.p != NULL)
		authorization.p = NULL; /* else it is unfit, and the call says so */
	partner_address(call, endpoint->origin,
	        ocpi_join(endpoint->target, path, (struct str){ 0 }, arena), authorization,
	        delivery->object->correlation_id);
	call->net.lines = arena_str(arena, lines); /* others may be made before it is sent */
	call->done = called;
	list_add_tail(&channel->pusher->air, &delivery->node);
	partner_start(call, worker->client, method, body, hub_settings(hub)->call_ms,
	        MOST_ANSWER_BYTES, false);
}

void
deliver_cut(struct pusher *pusher, bool closing)
{
	list_each (node, &pusher->air) {
		struct delivery *delivery = container_of(node, struct delivery, node);

		if (!closing || delivery->channel->closing)
			partner_cut(&delivery->call);
	}
}
