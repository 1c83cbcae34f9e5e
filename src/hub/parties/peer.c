/* peer: what a handshake asks of the other side: its credentials, its versions, its endpoints.
 *
 * Every URL is the one that the other side gave (VER-017); what fails is a fault that says which
 * step it was. */
#include "peer.h"

#include "callable.h"
#include "outcome.h"
#include "peer_step.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ROLES = 1000, ROLES_SHOWN = 10, ANSWER_BYTES = 1024 * 1024 };

/* ---- credentials ---- */

static enum rh_err
read_role(const struct hub *hub, const struct json_doc *doc, uint32_t node, struct arena *arena,
        struct store_party *party, struct fault *fault)
{
	struct ocpi_id id;
	enum ocpi_role role;

	if (!ocpi_id_make(json_member_string(doc, node, "country_code", arena),
	            json_member_string(doc, node, "party_id", arena), &id))
		return fault_set(fault, RH_BAD_FIELD, "/roles",
		        "expected country_code of 2 and party_id of 3 characters");
	if (!ocpi_role_parse(json_member_string(doc, node, "role", arena), &role))
		return fault_set(fault, RH_BAD_FIELD, "/roles",
		        "role is not one of CPO, EMSP, NAP, NSP, OTHER, SCSP");
	if (role == ROLE_HUB && !hub_settings(hub)->accept_hubs) /* CRD-048 */
		return fault_set(
		        fault, RH_BAD_FIELD, "/roles", "role HUB is not accepted by this hub");
	memcpy(party->country, id.country, sizeof party->country);
	memcpy(party->party, id.party, sizeof party->party);
	party->role = (int)role;
	party->state = STATE_CONNECTED;
	party->business =
	        arena_str(arena, json_raw(doc, json_member(doc, node, "business_details")));
	return RH_OK;
}

static bool
same_party(const struct store_party *a, const struct store_party *b)
{
	return a->role == b->role && str_ieq(str_of(a->country), str_of(b->country)) &&
	       str_ieq(str_of(a->party), str_of(b->party));
}

static enum rh_err
read_roles(const struct hub *hub, const struct json_doc *doc, uint32_t list, struct arena *arena,
        struct peer_credentials *out, struct fault *fault)
{
	struct store_party *parties =
	        arena_alloc(arena, (doc->nodes[list].count + 1) * sizeof *parties);
	enum rh_err err = RH_OK;

	if (doc->nodes[list].count > MAX_ROLES)
		return fault_set(fault, RH_BAD_FIELD, "/roles", "expected at most %d", MAX_ROLES);
	out->parties = parties;
	for (uint32_t i = list + 1; i < doc->nodes[list].next && err == RH_OK;
	        i = doc->nodes[i].next) {
		struct store_party *party = &parties[out->party_count];

		err = read_role(hub, doc, i, arena, party, fault);
		for (size_t k = 0; k < out->party_count && err == RH_OK; k++)
			if (same_party(&parties[k], party)) /* CRD-027 */
				err = fault_set(fault, RH_BAD_FIELD, "/roles",
				        "%s*%s stands there twice as %s", party->country,
				        party->party, ocpi_role_name((enum ocpi_role)party->role));
		out->party_count++;
	}
	return err;
}

enum rh_err
peer_credentials_read(const struct hub *hub, int64_t platform, const struct json_doc *doc,
        uint32_t node, struct arena *arena, struct peer_credentials *out, struct fault *fault)
{
	struct ocpi_flaws flaws;
	struct net_url url;

	memset(out, 0, sizeof *out);
	if (!ocpi_check(doc, node, &ocpi_class_credentials, 0, &flaws))
		return ocpi_flaws_fault(doc, &flaws, fault);
	out->token = arena_str(arena, json_member_string(doc, node, "token", arena));
	out->url = arena_str(arena, json_member_string(doc, node, "url", arena));
	if (!ocpi_token_ok(out->token))
		return fault_set(fault, RH_BAD_FIELD, "/token",
		        "expected 1 to 64 printable ASCII characters without spaces");
	if (callable_read(hub, platform, "/url", out->url, arena, &url, fault) != RH_OK)
		return RH_BAD_FIELD;
	return read_roles(hub, doc, json_member(doc, node, "roles"), arena, out, fault);
}

struct str
peer_credentials_roles(const struct peer_credentials *from, struct arena *arena)
{
	struct buf text = { .arena = arena };

	for (size_t i = 0; i < from->party_count && i < ROLES_SHOWN; i++)
		buf_printf(&text, "%s%s*%s %s", text.len > 0 ? ", " : "", from->parties[i].country,
		        from->parties[i].party,
		        ocpi_role_name((enum ocpi_role)from->parties[i].role));
	if (from->party_count > ROLES_SHOWN)
		buf_printf(&text, " and %zu more", from->party_count - ROLES_SHOWN);
	return buf_str(&text);
}

void
peer_credentials_write(const struct hub *hub, struct str token, struct buf *out)
{
	buf_add(out, STR("{\"token\":"));
	json_quote(out, token);
	buf_add(out, STR(",\"url\":\""));
	buf_add(out, hub_link(hub, "versions", out->arena));
	buf_add(out, STR("\",\"roles\":"));
	hub_own_roles(hub, out);
	buf_addc(out, '}');
}

/* ---- calls ---- */

static struct str
trace_doc(const struct peer_fetch *fetch)
{
	const struct net_call *net = &fetch->call.net;
	const struct platform *platform =
	        directory_platform(hub_directory(fetch->hub), fetch->platform);
	struct buf doc = { .arena = fetch->arena };

	json_put_object(&doc, NULL);
	json_put_text(&doc, "leg", STR("handshake"));
	if (platform != NULL)
		json_put_text(&doc, "platform", platform->name);
	json_put_text(&doc, "token", fetch->plain ? STR("raw") : STR("Base64"));
	outcome_put_call(&doc, &fetch->call);
	json_put_number(&doc, "us", net->done_us - net->start_us);
	json_end_object(&doc);
	return buf_str(&doc);
}

static void
trace(const struct peer_fetch *fetch)
{
	struct store_trace leg = {
		.at_ms = rh_wall_ms(),
		.platform = fetch->platform,
		.outcome = outcome_of_call(&fetch->call),
		.module = STR("credentials"),
		.correlation_id = fetch->call.correlation_id,
		.request_id = fetch->call.request_id,
	}, *row;
	const struct store_trace_claim claim = {
		.platform = fetch->platform, .failed = leg.outcome != TRACE_OK, .rows = 1
	};

	if (!store_trace_wanted(fetch->hub->store, &claim))
		return;
	leg.doc = trace_doc(fetch);
	row = store_trace_new(&leg);
	store_trace_put(fetch->hub->store, &row);
}

static void
call_done(struct partner_call *call)
{
	struct peer_fetch *fetch = container_of(call, struct peer_fetch, call);

	trace(fetch);
	peer_step_note(fetch);
	fetch->answered(call);
}

void
peer_call(struct peer_fetch *fetch, struct str method, struct str url, struct str body,
        struct str secret, void (*done)(struct partner_call *call))
{
	struct partner_call *call = &fetch->call;
	struct net_url parsed = { 0 };

	partner_prepare(call, fetch->hub, NULL, PARTNER_HANDSHAKE, fetch->arena);
	if (net_url_parse(url, fetch->arena, &parsed, NULL) != RH_OK)
		parsed.origin = (struct str){ 0 }; /* the call fails with what is wrong */
	partner_address(call, parsed.origin, parsed.target,
	        ocpi_authorization_write(fetch->token, fetch->plain, fetch->arena),
	        fetch->correlation_id);
	fetch->correlation_id = call->correlation_id;
	fetch->answered = done;
	fetch->step = ADVICE_CREDENTIALS;
	call->secret = secret;
	call->done = call_done;
	/* A PUT that is written again meets a token that the first one has replaced. */
	partner_start(call, fetch->client, method, body, hub_settings(fetch->hub)->call_ms,
	        ANSWER_BYTES, !str_is(method, "GET"));
}

static void
peer_get(struct peer_fetch *fetch, enum advice_step step, struct str url,
        void (*done)(struct partner_call *call))
{
	peer_call(fetch, STR("GET"), url, (struct str){ 0 }, (struct str){ 0 }, done);
	fetch->step = step;
}

static void
fetch_fail(struct peer_fetch *fetch, enum rh_err err, const char *what, const char *why)
{
	(void)fault_set(&fetch->fault, err, what, "%s", why);
	fetch->done(fetch);
}

/* Who takes neither form of the token meant the first: a mere 401 to a form that it does not read
 * would hide why. */
static struct str
refusal_of_both(const struct peer_fetch *fetch)
{
	struct str first = fetch->refused, second = peer_refusal(&fetch->call);

	if (first.p == NULL)
		return second;
	return arena_printf(fetch->arena, "%.*s; to the raw token: %.*s",
	        (int)(first.len > 250 ? 250 : first.len), first.p, STR_ARG(second));
}

/* The data of a usable answer: 2xx with 1xxx; false when the fetch has ended. A refusal of the
 * Base64 token is tried once with the raw one (TRN-004). */
static bool
fetch_answer(struct peer_fetch *fetch, const char *what, void (*again)(struct peer_fetch *fetch),
        struct ocpi_envelope *envelope)
{
	const struct partner_call *call = &fetch->call;

	if (call->net.result == NET_DONE && call->net.status == 401 && !fetch->plain) {
		fetch->refused = arena_str(fetch->arena, peer_refusal(call));
		fetch->plain = true;
		again(fetch);
		return false;
	}
	if (call->result != PARTNER_ANSWERED || call->net.status / 100 != 2 ||
	        call->envelope.code / 1000 != 1) {
		fetch_fail(fetch, RH_CLIENT_API, what, refusal_of_both(fetch).p);
		return false;
	}
	fetch->refused = (struct str){ 0 };
	*envelope = call->envelope;
	return true;
}

/* VER-016: what is not understood does not fail the registration; what the hub must not call does,
 * since it would be called later. */
static bool
read_endpoint(struct peer_fetch *fetch, const struct json_doc *doc, uint32_t node)
{
	struct arena *arena = fetch->arena;
	struct store_endpoint *endpoint = &fetch->endpoints[fetch->endpoint_count];
	enum ocpi_interface interface;
	struct net_url url;
	char field[96];

	endpoint->module = json_member_string(doc, node, "identifier", arena);
	endpoint->url = json_member_string(doc, node, "url", arena);
	if (endpoint->module.len == 0 || endpoint->module.len > 64 || endpoint->url.len > 1024 ||
	        net_url_parse(endpoint->url, arena, &url, NULL) != RH_OK ||
	        !ocpi_interface_parse(json_member_string(doc, node, "role", arena), &interface))
		return true;
	(void)snprintf(field, sizeof field, "/endpoints/%zu/url", fetch->endpoint_count);
	if (callable_read(fetch->hub, fetch->platform, field, endpoint->url, arena, &url,
	            &fetch->fault) != RH_OK)
		return false;
	if (str_is(endpoint->module, "credentials")) { /* TRP-48: whatever its role says */
		fetch->credentials_url = endpoint->url;
		interface = IFACE_SENDER;
	}
	endpoint->interface = (int)interface;
	fetch->endpoint_count++;
	return true;
}

static bool
read_endpoints(struct peer_fetch *fetch, const struct json_doc *doc, uint32_t list)
{
	for (uint32_t i = list + 1;
	        i < doc->nodes[list].next && fetch->endpoint_count < PEER_MAX_ENDPOINTS;
	        i = doc->nodes[i].next)
		if (!read_endpoint(fetch, doc, i))
			return false;
	return true;
}

static void fetch_details(struct peer_fetch *fetch);

static void
details_done(struct partner_call *call)
{
	struct peer_fetch *fetch = container_of(call, struct peer_fetch, call);
	struct ocpi_envelope envelope;
	uint32_t list;

	if (!fetch_answer(fetch, "version details", fetch_details, &envelope))
		return;
	list = json_member(&envelope.doc, envelope.data, "endpoints");
	if (list == 0 || envelope.doc.nodes[list].type != JSON_ARRAY) {
		fetch_fail(
		        fetch, RH_CLIENT_API, "version details", "data has no list of endpoints");
		return;
	}
	if (!read_endpoints(fetch, &envelope.doc, list))
		fetch->done(fetch);
	else if (fetch->credentials_url.p == NULL) /* CRD-011 */
		fetch_fail(fetch, RH_CLIENT_ENDPOINTS, "version details",
		        "no credentials endpoint is listed");
	else
		fetch->done(fetch);
}

static void
fetch_details(struct peer_fetch *fetch)
{
	peer_get(fetch, ADVICE_DETAILS, fetch->details_url, details_done);
}

static void fetch_versions(struct peer_fetch *fetch);

static void
versions_done(struct partner_call *call)
{
	struct peer_fetch *fetch = container_of(call, struct peer_fetch, call);
	struct ocpi_envelope envelope;
	const struct json_doc *doc = &envelope.doc;

	if (!fetch_answer(fetch, "versions", fetch_versions, &envelope))
		return;
	if (envelope.data == 0 || doc->nodes[envelope.data].type != JSON_ARRAY) {
		fetch_fail(fetch, RH_CLIENT_API, "versions", "data is not a list of versions");
		return;
	}
	for (uint32_t i = envelope.data + 1; i < doc->nodes[envelope.data].next;
	        i = doc->nodes[i].next) {
		struct net_url url;

		if (!str_is(json_member_string(doc, i, "version", fetch->arena), OCPI_VERSION))
			continue; /* VER-013: other versions are none of our business */
		fetch->details_url = json_member_string(doc, i, "url", fetch->arena);
		if (net_url_parse(fetch->details_url, fetch->arena, &url, NULL) != RH_OK) {
			fetch_fail(fetch, RH_CLIENT_API, "versions",
			        "the URL of " OCPI_VERSION " is not an absolute URL");
			return;
		}
		if (callable_read(fetch->hub, fetch->platform, "/versions/url", fetch->details_url,
		            fetch->arena, &url, &fetch->fault) != RH_OK) {
			fetch->done(fetch);
			return;
		}
		fetch_details(fetch);
		return;
	}
	fetch_fail(fetch, RH_CLIENT_VERSION, "versions",
	        peer_step_versions(fetch).p); /* CRD-007, VER-019 */
}

static void
fetch_versions(struct peer_fetch *fetch)
{
	peer_get(fetch, ADVICE_VERSIONS, fetch->versions_url, versions_done);
}

void
peer_fetch_start(struct peer_fetch *fetch)
{
	fetch_versions(fetch);
}
