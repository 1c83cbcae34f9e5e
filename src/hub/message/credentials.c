/* credentials: the hub as receiver of the handshake (CRD-E1..E4). While a client's POST or PUT is
 * open the hub calls its versions and details; only when both were read is anything committed, by
 * the control thread, all at once. */
#include "credentials.h"

#include "../parties/attempt.h"
#include "../parties/peer.h"
#include "../parties/registry.h"
#include "auth.h"

#include <stdio.h>
#include <string.h>

/* The question to the control thread and its answer. Lies in the flight's arena: the flight waits
 * meanwhile. */
struct handover {
	struct mail mail;
	struct flight *flight;
	struct peer_fetch fetch;
	struct peer_credentials client;
	struct registration registration;
	bool unregister;
	enum rh_err err;
	struct fault fault;
	char token[65];
};

static struct handover *
handover_of(struct flight *flight)
{
	return flight->local_state;
}

static enum next
credentials_committed(struct flight *flight)
{
	struct handover *handover = handover_of(flight);
	struct buf data = { .arena = flight->arena };

	if (handover->err != RH_OK) {
		flight->fault = handover->fault;
		return REPLY;
	}
	if (handover->unregister) {
		flight->concluded = STR("it left: its tokens are dead");
		return flight_answer(flight, 200, (struct str){ 0 });
	}
	flight->concluded = arena_printf(flight->arena, "%s: %.*s",
	        handover->registration.update ? "changed" : "registered",
	        STR_ARG(peer_credentials_roles(&handover->client, flight->arena)));
	peer_credentials_write(flight_hub(flight), str_of(handover->token), &data);
	return flight_answer(flight, 200, buf_str(&data));
}

static void
back_on_worker(struct mail *mail)
{
	struct handover *handover = container_of(mail, struct handover, mail);

	handover->flight->then = credentials_committed;
	flight_resume(handover->flight);
}

static void
on_committed(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct handover *handover = ctx;

	(void)platform;
	handover->err = err;
	handover->fault = *fault;
	(void)snprintf(handover->token, sizeof handover->token, "%.*s", (int)token.len,
	        token.len > 0 ? token.p : "");
	handover->mail.deliver = back_on_worker;
	mailbox_post(net_loop_mailbox(handover->flight->worker->loop), &handover->mail);
}

static void
on_control(struct mail *mail)
{
	struct handover *handover = container_of(mail, struct handover, mail);
	struct hub *hub = flight_hub(handover->flight);

	if (handover->unregister)
		registry_unregister(hub, &handover->registration, on_committed, handover);
	else
		registry_register(hub, &handover->registration, on_committed, handover);
}

static void
ask_control(struct handover *handover)
{
	handover->mail.deliver = on_control;
	mailbox_post(net_loop_mailbox(flight_hub(handover->flight)->loop), &handover->mail);
}

static enum next
refuse_fetch(struct flight *flight)
{
	flight->fault = handover_of(flight)->fetch.fault;
	flight->advice = handover_of(flight)->fetch.advice;
	return REPLY;
}

static void
fetched(struct peer_fetch *fetch)
{
	struct handover *handover = container_of(fetch, struct handover, fetch);
	struct flight *flight = handover->flight;
	struct registration *registration = &handover->registration;

	if (fetch->fault.err != RH_OK) { /* CRD-010: nothing is committed */
		flight->then = refuse_fetch;
		flight_resume(flight);
		return;
	}
	registration->version = STR(OCPI_VERSION);
	registration->versions_url = handover->client.url;
	registration->token = handover->client.token;
	registration->plain_token = fetch->plain;
	registration->parties = handover->client.parties;
	registration->party_count = handover->client.party_count;
	registration->endpoints = fetch->endpoints;
	registration->endpoint_count = fetch->endpoint_count;
	ask_control(handover);
}

static struct handover *
handover_new(struct flight *flight)
{
	struct handover *handover = arena_alloc(flight->arena, sizeof *handover);

	handover->flight = flight;
	handover->registration.platform = flight->platform_id;
	memcpy(handover->registration.presented, flight->digest, RH_DIGEST_BYTES);
	handover->registration.presented_kind = flight->token_kind;
	flight->local_state = handover;
	return handover;
}

/* From here on the other side waits for us, and we for it. */
static void
tell_begin(struct handover *handover)
{
	struct flight *flight = handover->flight;
	struct peer_fetch *fetch = &handover->fetch;

	fetch->live = flight->live;
	fetch->attempt = flight->attempt = attempt_of(flight->live);
	fetch->session = flight->worker->session;
	fetch->invited = true;
	attempt_note(flight_hub(flight), fetch->session,
	        &(struct attempt_step){ .live = flight->live,
	                .attempt = flight->attempt,
	                .ok = true,
	                .method = flight->request->method,
	                .url = STR("credentials"),
	                .token = flight->plain_token ? "raw" : "Base64",
	                .found = peer_credentials_roles(&handover->client, flight->arena) });
}

static enum next
credentials_set(struct flight *flight, bool update)
{
	struct handover *handover = handover_new(flight);

	if (peer_credentials_read(flight_hub(flight), flight->platform_id, &flight->body, 0,
	            flight->arena, &handover->client, &flight->fault) != RH_OK)
		return REPLY;
	handover->registration.update = update;
	handover->fetch.hub = flight_hub(flight);
	handover->fetch.platform = flight->platform_id;
	handover->fetch.client = flight->worker->client;
	handover->fetch.arena = flight->arena;
	handover->fetch.versions_url = handover->client.url;
	handover->fetch.token = handover->client.token;
	handover->fetch.correlation_id = flight->correlation_id;
	handover->fetch.plain = flight->platform->encoding == ENCODING_PLAIN;
	handover->fetch.done = fetched;
	tell_begin(handover);
	peer_fetch_start(&handover->fetch);
	return WAIT;
}

static enum next
credentials_get(struct flight *flight)
{
	struct buf data = { .arena = flight->arena };

	peer_credentials_write(flight_hub(flight), auth_token(flight),
	        &data); /* CRD-023: the token just presented */
	return flight_answer(flight, 200, buf_str(&data));
}

static enum next
refuse_method(struct flight *flight, const char *allow, const char *why)
{
	(void)snprintf(flight->allow, sizeof flight->allow, "%s", allow);
	return flight_refuse(flight, RH_METHOD, "", "%s", why);
}

enum next
local_credentials(struct flight *flight)
{
	struct str method = flight->request->method;
	bool registered = flight->token_kind != TOKEN_A;
	struct handover *handover;

	if (str_is(method, "GET"))
		return credentials_get(flight);
	if (str_is(method, "POST") && registered) /* CRD-013 */
		return refuse_method(flight, "GET, PUT, DELETE",
		        "this platform is registered already, PUT changes that");
	if (!str_is(method, "POST") && !registered) /* CRD-014 */
		return refuse_method(
		        flight, "GET, POST", "this platform is not registered yet, POST does that");
	if (!str_is(method, "DELETE"))
		return credentials_set(flight, registered);
	handover = handover_new(flight);
	handover->unregister = true;
	ask_control(handover);
	return WAIT;
}
