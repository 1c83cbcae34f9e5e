/* initiate: the hub begins the handshake itself (CRD-035..046), on the control thread, for
 * `roamhubctl party connect` and for the exchange of tokens.
 *
 * Order matters: our token B is committed and published before anything is sent, because the
 * partner calls our versions and details while our POST is still open (CRD-037). When anything
 * fails it is withdrawn again (CRD-042), unless it was sent in a PUT of which nobody knows what
 * became of it: then both our tokens stay good, and the partner is asked which of its own it takes
 * (CRD-043). So it is after a crash in the middle, of which the pending token tells: there is no
 * other journal. Who said yes to a POST that leads to nothing is told by DELETE (fault O8). */
#include "callable.h"
#include "due.h"
#include "farewell.h"
#include "peer_step.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct connect {
	struct hub *hub;
	struct arena *arena;
	struct peer_fetch fetch;
	struct peer_credentials partner;
	struct registration registration;
	struct str token_b;
	uint8_t token_b_digest[RH_DIGEST_BYTES];
	enum store_token_kind token_b_kind; /* as the registry has it now */
	int64_t platform;
	struct live *live;    /* of a platform that is registered; NULL: it is not */
	bool update, made;    /* made: the platform was created for this attempt */
	bool outcome_unknown; /* our credentials were sent, and no answer says what became of them
	                       */
	struct fault fault;
	registry_done_fn done;
	void *ctx;
};

static struct str
success_of(const struct connect *connect)
{
	return arena_printf(connect->arena, "%s: %.*s",
	        connect->update ? "the tokens were exchanged" : "connected",
	        STR_ARG(peer_credentials_roles(&connect->partner, connect->arena)));
}

static void
connect_end(struct connect *connect)
{
	peer_step_end(&connect->fetch, &connect->fault, success_of(connect));
	connect->hub->control_work--;
	if (connect->live != NULL) {
		connect->live->rotation.under_way = false;
		due_note(connect->hub, connect->live, &connect->fault);
	}
	connect->done(connect->ctx, connect->fault.err, &connect->fault, connect->platform,
	        (struct str){ 0 });
	arena_free(connect->arena);
	free(connect);
}

/* What it failed for stands in its fault. */
static void
on_cleared(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	(void)err, (void)fault, (void)platform, (void)token;
	connect_end(ctx);
}

static void
add_to_fault(struct connect *connect, const char *what)
{
	struct fault *fault = &connect->fault;

	(void)fault_set(fault, fault->err, fault->field, "%.120s; %s", fault->why, what);
}

static void connect_probe(struct connect *connect);

static void
on_overlapped(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct connect *connect = ctx;

	(void)fault, (void)platform, (void)token;
	if (err != RH_OK) {
		connect_end(connect);
		return;
	}
	connect->token_b_kind = TOKEN_CURRENT;
	connect_probe(connect);
}

static void
connect_fail(struct connect *connect)
{
	if (connect->update && connect->outcome_unknown)
		registry_overlap(connect->hub, connect->platform, connect->token_b_digest,
		        (struct str){ 0 }, on_overlapped, connect);
	else
		registry_withdraw(
		        connect->hub, connect->platform, connect->made, on_cleared, connect);
}

/* ---- the partner said yes, and the hub cannot take it ---- */

static void
on_farewell(void *ctx, const char *outcome)
{
	struct connect *connect = ctx;

	add_to_fault(connect, outcome);
	connect_fail(connect);
}

/* To a POST: it is told that nothing came of it. To a PUT: it goes on with the new tokens, and so
 * does the hub, with the parties and endpoints it had. */
static void
connect_give_up(struct connect *connect, struct str theirs)
{
	const struct farewell_to to = {
		.platform = connect->platform,
		.credentials_url = connect->fetch.credentials_url,
		.token = theirs,
		.plain = connect->fetch.plain,
	};

	if (connect->update)
		registry_overlap(connect->hub, connect->platform, connect->token_b_digest, theirs,
		        on_cleared, connect);
	else
		farewell_send(connect->hub, &to, on_farewell, connect);
}

static void
on_registered(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct connect *connect = ctx;

	(void)platform, (void)token;
	if (err != RH_OK) {
		connect->fault = *fault;
		connect_give_up(connect, connect->partner.token);
		return;
	}
	connect_end(connect);
}

static void
connect_register(struct connect *connect)
{
	struct registration *registration = &connect->registration;

	*registration = (struct registration){
		.platform = connect->platform,
		.version = STR(OCPI_VERSION),
		.versions_url = connect->partner.url,
		.token = connect->partner.token,
		.plain_token = connect->fetch.plain,
		.parties = connect->partner.parties,
		.party_count = connect->partner.party_count,
		.endpoints = connect->fetch.endpoints,
		.endpoint_count = connect->fetch.endpoint_count,
		.update = connect->update,
		.keep_accepted = true,
		.presented_kind = connect->token_b_kind,
	};

	memcpy(registration->presented, connect->token_b_digest, RH_DIGEST_BYTES);
	registry_register(connect->hub, registration, on_registered, connect);
}

/* The partner's Credentials out of its answer; TRP-52: a list of one is unwrapped. */
static enum rh_err
read_credentials(struct connect *connect, const struct ocpi_envelope *envelope, struct fault *fault)
{
	uint32_t data = envelope->data;

	if (data != 0 && envelope->doc.nodes[data].type == JSON_ARRAY &&
	        envelope->doc.nodes[data].count == 1)
		data++;
	return peer_credentials_read(connect->hub, connect->platform, &envelope->doc, data,
	        connect->arena, &connect->partner, fault);
}

static bool
is_success(const struct partner_call *call)
{
	return call->result == PARTNER_ANSWERED && call->net.status >= 200 &&
	       call->net.status <= 299 && call->envelope.code / 1000 == 1;
}

/* ---- nobody knows whether the partner took our PUT ---- */

/* After a crash our new token is known by its digest in the registry alone. */
static void
connect_take(struct connect *connect)
{
	if (connect->token_b.p != NULL)
		connect_register(connect);
	else
		registry_overlap(connect->hub, connect->platform, NULL, connect->partner.token,
		        on_cleared, connect);
}

/* What it answers to the token that we have of it says which one it took. */
static void
probed(struct partner_call *call)
{
	struct connect *connect = container_of(call, struct connect, fetch.call);
	struct str ours = connect->fetch.token;
	struct fault ignored = { 0 };

	connect->outcome_unknown = false;
	if (call->net.result == NET_DONE && call->net.status == 401) {
		add_to_fault(connect, "it took the change and knows our former token no more: "
		                      "its new one is lost, connect it anew");
	} else if (!is_success(call) ||
	           read_credentials(connect, &call->envelope, &ignored) != RH_OK) {
		add_to_fault(connect, "whether it took the change is not known, both tokens stay");
	} else if (str_eq(connect->partner.token, ours)) {
		add_to_fault(connect, "it goes on with the token it had, both of ours stay");
	} else { /* it took the change, and says again what got lost */
		connect->fault = (struct fault){ 0 };
		connect_take(connect);
		return;
	}
	connect_end(connect);
}

static void
connect_probe(struct connect *connect)
{
	peer_call(&connect->fetch, STR("GET"), connect->fetch.credentials_url, (struct str){ 0 },
	        (struct str){ 0 }, probed);
}

/* ---- what the partner said to our POST or PUT: its Credentials with our token C, or why not ----
 */

/* It may have taken what it could not answer for. */
static bool
may_have_taken(const struct net_call *net)
{
	switch (net->result) {
	case NET_DONE:
		return net->status >= 500;
	case NET_NO_CONNECTION:
	case NET_FORBIDDEN:
	case NET_NO_ROOM:
		return false;
	default:
		return true;
	}
}

static void
refuse_answer(struct connect *connect, const struct partner_call *call)
{
	struct fault *fault = &connect->fault;

	if (call->net.result == NET_DONE && call->net.status == 405) /* CRD-046 */
		(void)fault_set(fault, RH_CLIENT_API, "credentials",
		        "HTTP 405: the partner thinks it is %s",
		        connect->update ? "not registered" : "registered already");
	else
		(void)fault_set(fault, RH_CLIENT_API, "credentials", "%s", peer_refusal(call).p);
}

/* It said yes with credentials that are none. Its token may be among them all the same; if not, the
 * one that we came with may still be good. */
static void
refuse_credentials(struct connect *connect, const struct ocpi_envelope *envelope)
{
	struct str token =
	        json_member_string(&envelope->doc, envelope->data, "token", connect->arena);

	if (connect->update)
		connect_fail(connect);
	else
		connect_give_up(connect, ocpi_token_ok(token) ? token : connect->fetch.token);
}

static void
posted(struct partner_call *call)
{
	struct connect *connect = container_of(call, struct connect, fetch.call);

	connect->outcome_unknown = may_have_taken(&call->net);
	if (!is_success(call)) {
		refuse_answer(connect, call);
		connect_fail(connect);
	} else if (read_credentials(connect, &call->envelope, &connect->fault) == RH_OK) {
		connect_register(connect);
	} else {
		connect->outcome_unknown = true; /* it took them, and its new token is not known */
		refuse_credentials(connect, &call->envelope);
	}
}

static void
fetched(struct peer_fetch *fetch)
{
	struct connect *connect = container_of(fetch, struct connect, fetch);
	struct buf body = { .arena = connect->arena };

	if (fetch->fault.err != RH_OK) { /* CRD-036: no POST */
		connect->fault = fetch->fault;
		connect_fail(connect);
		return;
	}
	peer_credentials_write(connect->hub, connect->token_b, &body); /* CRD-040 */
	peer_call(fetch, connect->update ? STR("PUT") : STR("POST"), fetch->credentials_url,
	        buf_str(&body), connect->token_b, posted);
}

static void
on_pending(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct connect *connect = ctx;

	if (err != RH_OK) {
		connect->fault = *fault;
		connect_end(connect);
		return;
	}
	connect->platform = connect->fetch.platform = platform;
	peer_step_begin(&connect->fetch);
	connect->token_b = arena_str(connect->arena, token);
	rh_digest(connect->hub->digest_key, token, connect->token_b_digest);
	connect->token_b_kind = TOKEN_PENDING;
	peer_fetch_start(&connect->fetch);
}

/* With what is known of a platform that is registered, else with what was said. */
static struct connect *
connect_new(
        struct hub *hub, const struct platform *known, struct str versions_url, struct str token)
{
	struct connect *connect = rh_alloc(sizeof *connect);
	struct peer_fetch *fetch = &connect->fetch;

	hub->control_work++;
	connect->hub = hub;
	connect->arena = arena_new(8192);
	fetch->hub = hub;
	fetch->client = hub->client;
	fetch->arena = connect->arena;
	fetch->done = fetched;
	fetch->versions_url =
	        arena_str(connect->arena, known != NULL ? known->versions_url : versions_url);
	fetch->token = arena_str(connect->arena, known != NULL ? known->token : token);
	fetch->plain = known != NULL && atomic_load(&known->live->plain_token);
	return connect;
}

static enum rh_err
check_connect(struct connect *connect, const struct platform *known)
{
	struct net_url url;

	if (connect->update && (known == NULL || known->token.p == NULL))
		return fault_set(&connect->fault, RH_NOT_FOUND, "platform",
		        "%lld is not registered", (long long)connect->platform);
	if (connect->update && connect->live == NULL)
		return fault_set(&connect->fault, RH_CLIENT_API, "platform",
		        "a handshake with %lld is under way", (long long)connect->platform);
	if (!ocpi_token_ok(connect->fetch.token))
		return fault_set(&connect->fault, RH_BAD_FIELD, "token",
		        "expected 1 to 64 printable ASCII characters without spaces");
	return callable_read(connect->hub, connect->platform, "versions_url",
	        connect->fetch.versions_url, connect->arena, &url, &connect->fault);
}

static struct connect *
connect_begin(struct hub *hub, int64_t platform, struct str versions_url, struct str token,
        registry_done_fn done, void *ctx)
{
	const struct platform *known =
	        platform != 0 ? directory_platform(hub_directory(hub), platform) : NULL;
	struct connect *connect = connect_new(hub, known, versions_url, token);

	connect->platform = connect->fetch.platform = platform;
	connect->made = platform == 0;
	connect->update = platform != 0;
	connect->done = done;
	connect->ctx = ctx;
	if (known != NULL && known->token.p != NULL && !known->live->rotation.under_way &&
	        !known->live->rotation.elsewhere) {
		connect->live = known->live;
		connect->live->rotation.under_way = true;
	}
	if (check_connect(connect, known) == RH_OK)
		return connect;
	peer_step_begin(&connect->fetch);
	connect_end(connect);
	return NULL;
}

void
handshake_connect(struct hub *hub, int64_t platform, struct str name, struct str versions_url,
        struct str token, registry_done_fn done, void *ctx)
{
	struct connect *connect = connect_begin(hub, platform, versions_url, token, done, ctx);

	if (connect != NULL)
		registry_pending_token(
		        hub, platform, name, connect->fetch.versions_url, on_pending, connect);
}

/* ---- the hub died in the middle of a PUT ---- */

static void
found_again(struct peer_fetch *fetch)
{
	struct connect *connect = container_of(fetch, struct connect, fetch);

	if (fetch->fault.err == RH_OK) {
		connect_probe(connect);
		return;
	}
	add_to_fault(connect, fetch->fault.why);
	connect_end(connect);
}

static void
on_both_let_in(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct connect *connect = ctx;

	(void)platform, (void)token;
	if (err != RH_OK) {
		connect->fault = *fault;
		connect_end(connect);
		return;
	}
	peer_fetch_start(&connect->fetch);
}

void
handshake_recover(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx)
{
	struct connect *connect =
	        connect_begin(hub, platform, (struct str){ 0 }, (struct str){ 0 }, done, ctx);

	if (connect == NULL)
		return;
	peer_step_begin(&connect->fetch);
	connect->fetch.done = found_again;
	(void)fault_set(&connect->fault, RH_CLIENT_API, "credentials",
	        "the hub ended while it exchanged tokens");
	registry_overlap(hub, platform, NULL, (struct str){ 0 }, on_both_let_in, connect);
}
