/* partner: one request of the hub to a partner, built, counted and judged. */
#include "partner.h"

#include <stdio.h>
#include <string.h>

#include "../count.h"
#include "complaints.h"
#include "live.h"
#include "masks.h"
#include "outcome.h"
#include "redirect.h"
#include "words.h"

enum { MOST_NODES = 2000000 }; /* of an answer; its bytes are bounded by the caller */

/* ---- the request ---- */

static struct str
fresh_id(struct arena *arena)
{
	char *id = arena_take(arena, RH_UUID_LEN + 1);

	rh_uuid(id);
	return (struct str){ id, RH_UUID_LEN };
}

void
partner_prepare(struct partner_call *call, struct hub *hub, struct live *live,
        enum partner_purpose purpose, struct arena *arena)
{
	memset(call, 0, sizeof *call);
	call->hub = hub;
	call->live = live;
	call->purpose = purpose;
	call->net.arena = arena;
	call->net.patient = purpose == PARTNER_DELIVERY;
	call->net.headers = call->headers;
}

void
partner_header(struct partner_call *call, const char *name, struct str value)
{
	if (value.p == NULL || call->net.header_count == COUNT(call->headers))
		return;
	call->headers[call->net.header_count++] = (struct net_header){ str_of(name), value };
}

void
partner_address(struct partner_call *call, struct str origin, struct str target,
        struct str authorization, struct str correlation_id)
{
	struct arena *arena = call->net.arena;

	call->request_id = fresh_id(arena);
	call->correlation_id =
	        correlation_id.len > 0 ? arena_str(arena, correlation_id) : call->request_id;
	call->net.origin = arena_str(arena, origin);
	call->net.target = arena_str(arena, target);
	call->authorization = arena_str(arena, authorization);
	partner_header(call, "Authorization", call->authorization);
	partner_header(call, "X-Request-ID", call->request_id);
	partner_header(call, "X-Correlation-ID", call->correlation_id);
}

void
partner_route(struct partner_call *call, struct str to_country, struct str to_party,
        struct str from_country, struct str from_party)
{
	struct arena *arena = call->net.arena;

	partner_header(call, "OCPI-to-country-code", arena_str(arena, to_country));
	partner_header(call, "OCPI-to-party-id", arena_str(arena, to_party));
	partner_header(call, "OCPI-from-country-code", arena_str(arena, from_country));
	partner_header(call, "OCPI-from-party-id", arena_str(arena, from_party));
}

/* ---- the answer ---- */

static enum partner_result
judge_transport(enum net_result result)
{
	switch (result) {
	case NET_NO_ROOM:
	case NET_CANCELLED:
		return PARTNER_OURS;
	case NET_GARBAGE:
	case NET_ANSWER_TOO_LARGE:
		return PARTNER_UNUSABLE;
	default:
		return PARTNER_UNREACHABLE;
	}
}

/* What is wrong with an envelope that came with a success, else what came with the failure. */
static void
explain_unusable(struct partner_call *call, const struct fault *fault)
{
	struct str said = words_of(call);
	int status = call->net.status;

	if (status / 100 == 2)
		(void)snprintf(call->why, sizeof call->why,
		        "HTTP %d without a usable envelope: %s%s%.100s", status, fault->field,
		        fault->field[0] != '\0' ? ": " : "", fault->why);
	else
		(void)snprintf(call->why, sizeof call->why,
		        "HTTP %d without a usable envelope%s%.*s", status, said.len > 0 ? ": " : "",
		        STR_ARG(said));
}

static enum partner_result
judge(struct partner_call *call)
{
	struct net_call *net = &call->net;
	struct fault inner = { 0 };

	if (net->result != NET_DONE) {
		(void)snprintf(call->why, sizeof call->why, "%s", net->why);
		return judge_transport(net->result);
	}
	if (ocpi_envelope_read(net->answer, MOST_NODES, net->arena, &call->envelope, &inner) ==
	        RH_OK)
		return PARTNER_ANSWERED;
	call->result = PARTNER_UNUSABLE;
	explain_unusable(call, &inner);
	return PARTNER_UNUSABLE;
}

/* In what came: the bytes are the call's own. */
static bool
hide(struct str text, struct str secret)
{
	return masks_blot(text, secret, secret.len);
}

/* Of a delivery it stands in its ready lines. */
static struct str
sent_authorization(const struct partner_call *call)
{
	static const char name[] = "Authorization: ";
	struct str lines = call->net.lines;
	const char *at;

	if (call->authorization.p != NULL || lines.p == NULL)
		return call->authorization;
	at = memmem(lines.p, lines.len, name, sizeof name - 1);
	if (at == NULL)
		return (struct str){ 0 };
	lines = str_from(lines, (size_t)(at - lines.p) + sizeof name - 1);
	return str_cut(&lines, '\r');
}

size_t
partner_secrets(const struct partner_call *call, struct str out[PARTNER_SECRETS])
{
	struct ocpi_authorization token = { 0 };
	struct str sent = sent_authorization(call);
	struct fault none;

	if (sent.p == NULL ||
	        ocpi_authorization_read(sent, call->net.arena, &token, &none) != RH_OK)
		return 0;
	out[0] = token.raw;
	out[1] = token.decoded;
	return PARTNER_SECRETS;
}

/* A partner's error page may show the request that it failed at, with our token: what it says goes
 * into logs and traces, and to the requester, who could speak for the hub with it. One that checks
 * credentials may show the token that it was to get. */
static bool
hide_token(struct partner_call *call)
{
	struct str sent = sent_authorization(call);
	struct ocpi_authorization token;
	struct fault none;
	bool hidden = hide(call->net.answer, call->secret);

	if (sent.p == NULL ||
	        ocpi_authorization_read(sent, call->net.arena, &token, &none) != RH_OK)
		return hidden;
	for (size_t i = 0; i < COUNT(call->net.header); i++)
		hidden |= hide(call->net.header[i], token.raw) |
		          hide(call->net.header[i], token.decoded);
	return hidden | hide(call->net.answer, token.raw) | hide(call->net.answer, token.decoded);
}

/* Beside the successes, which are relayed and kept nowhere. A URL in them is kept. */
static bool
is_kept(const struct partner_call *call)
{
	return call->result != PARTNER_ANSWERED || call->net.status / 100 != 2 ||
	       call->envelope.code / 1000 != 1 || call->net.header[OUT_LINK].p != NULL ||
	       call->net.header[OUT_LOCATION].p != NULL;
}

enum live_event
partner_says(enum partner_purpose purpose, enum partner_result result, int status)
{
	if (result == PARTNER_OURS)
		return LIVE_NOTHING;
	if (result == PARTNER_ANSWERED)
		return LIVE_HEARD;
	if (result == PARTNER_UNUSABLE && (status == 429 || status == 503))
		return LIVE_SLOWER;
	if (purpose == PARTNER_ASIDE)
		return LIVE_NOTHING;
	if (purpose == PARTNER_PROBE)
		return LIVE_MISSED;
	if (purpose == PARTNER_DELIVERY && result == PARTNER_UNREACHABLE)
		return LIVE_LOST;
	return LIVE_FAILED;
}

/* Its clock, as its answers say it: the hub's own is compared with it when it jumped. A Date says
 * no more than the second, so one a second is read. */
static void
note_date(const struct partner_call *call)
{
	struct live *live = call->live;
	int64_t date_ms, second = call->net.done_us / 1000000;

	if (call->net.result != NET_DONE ||
	        atomic_load_explicit(&live->dated_s, memory_order_relaxed) == second ||
	        !ocpi_http_date_parse(call->net.header[OUT_DATE], &date_ms))
		return;
	atomic_store_explicit(&live->dated_s, second, memory_order_relaxed);
	atomic_store_explicit(&live->date_ms, date_ms - rh_boot_ms(), memory_order_relaxed);
}

static void
tell_live(const struct partner_call *call)
{
	if (call->live == NULL)
		return;
	note_date(call);
	live_note(call->live, partner_says(call->purpose, call->result, call->net.status),
	        call->net.start_us, (unsigned)hub_settings(call->hub)->offline_after);
}

/* What never left, or was given up by the hub, says nothing of the partner; a probe is no message.
 */
static void
measure(const struct partner_call *call)
{
	enum store_trace_outcome outcome = outcome_of_call(call);

	if (call->live == NULL || call->result == PARTNER_OURS || call->purpose == PARTNER_PROBE)
		return;
	series_note(&call->live->noted.out, call->net.done_us - call->net.start_us, outcome);
	if (outcome != TRACE_OK)
		series_add(&call->live->noted.out.failed, 1);
}

/* Followed once: a partner that sends us round in circles is asked no third time. */
static bool
follow(struct partner_call *call)
{
	struct net_call *net = &call->net;
	struct str target = { 0 };

	if (call->redirected_from.p != NULL || !redirect_leads(net, &target))
		return false;
	call->redirected_from = net->target;
	net->target = target;
	if (call->live != NULL)
		count_add(&call->live->redirects, 1);
	net_call_start(call->client, net); /* with what is left of its time */
	return true;
}

static void
net_done(struct net_call *net)
{
	struct partner_call *call = container_of(net, struct partner_call, net);

	if (follow(call))
		return;
	call->result = judge(call);
	if (net->result == NET_DONE && is_kept(call) && hide_token(call))
		call->result = judge(call);
	tell_live(call);
	measure(call);
	complaints_of_call(call);
	call->done(call);
}

void
partner_start(struct partner_call *call, struct net_client *client, struct str method,
        struct str body, int64_t within_ms, size_t max_answer, bool once)
{
	struct net_call *net = &call->net;

	if (body.p != NULL)
		partner_header(call, "Content-Type", STR("application/json"));
	net->method = method;
	net->body = body;
	net->deadline_ms = rh_mono_ms() + within_ms;
	net->max_answer = max_answer;
	net->once = once;
	net->done = net_done;
	call->client = client;
	if (call->live != NULL)
		count_add(&call->live->calls, 1);
	net_call_start(client, net);
}

void
partner_cut(struct partner_call *call)
{
	net_call_cancel(call->client, &call->net);
}
