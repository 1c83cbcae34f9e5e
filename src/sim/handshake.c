/* handshake: a chain of calls, each started when the one before it is done, so that the platform
 * goes on serving in between: the other side reads our versions while our POST is open (CRD-038).
 */
#include "handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_CHARS = 43 };

enum intent { TO_REGISTER, TO_ROTATE, TO_ACCEPT };

struct handshake {
	struct actor *actor;
	enum intent intent;
	struct exchange *exchange; /* TO_ACCEPT: the POST or PUT that waits for its answer */
	char *token;               /* for our calls */
	char *versions_url;
	json_t *endpoints;
	bool lost;
	handshake_ended *ended;
	void *ctx;
};

static char *
fresh_token(void)
{
	char token[TOKEN_CHARS + 1];

	rh_random_text(token, TOKEN_CHARS);
	return rh_strdup(token);
}

static void
replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

json_t *
credentials_object(const struct actor *actor, const char *token)
{
	json_t *roles = json_array();

	for (size_t i = 0; i < actor->party_count; i++) {
		const struct party *party = &actor->parties[i];

		json_array_append_new(roles,
		        json_pack("{s:s, s:{s:s}, s:s, s:s}", "role", ocpi_role_name(party->role),
		                "business_details", "name", party->name, "party_id",
		                party->id.party, "country_code", party->id.country));
	}
	return json_pack("{s:s, s:o, s:o}", "token", token, "url",
	        json_sprintf("%s/ocpi/versions", actor->base), "roles", roles);
}

/* ---- the ends ---- */

static void
handshake_free(struct handshake *shake)
{
	shake->actor->handshaking = false;
	json_decref(shake->endpoints);
	free(shake->token);
	free(shake->versions_url);
	free(shake);
}

static void
adopt(struct actor *actor, const struct handshake *shake, const json_t *credentials)
{
	const char *url = json_string_value(json_object_get(credentials, "url"));

	replace(&actor->token_out,
	        rh_strdup(json_string_value(json_object_get(credentials, "token"))));
	replace(&actor->peer_versions, rh_strdup(url == NULL ? shake->versions_url : url));
	json_decref(actor->peer_roles);
	actor->peer_roles = json_incref(json_object_get(credentials, "roles"));
	json_decref(actor->peer_endpoints);
	actor->peer_endpoints = json_incref(shake->endpoints);
}

/** The other side asked for the handshake: answer its POST or PUT. */
static void
accept_end(struct handshake *shake, int ocpi, const char *why)
{
	struct actor *actor = shake->actor;
	struct exchange *exchange = shake->exchange;
	char *token;

	if (ocpi != 1000) {
		answer(exchange, 200, ocpi, why, NULL);
		handshake_free(shake);
		return;
	}
	token = fresh_token();
	adopt(actor, shake, exchange->body);
	/* After a PUT the old token stays good until the new one was seen (CRD-019). */
	if (actor->token_in != NULL)
		replace(&actor->token_offered, token);
	else
		actor->token_in = token;
	replace(&actor->token_a, NULL);
	answer(exchange, 200, 1000, "Success", credentials_object(actor, token));
	handshake_free(shake);
}

static void
end(struct handshake *shake, int ocpi, struct outgoing *out, struct str why)
{
	struct handshake_end report = { ocpi == 1000, why, out };

	if (shake->intent == TO_ACCEPT) {
		accept_end(shake, ocpi, why.p);
		outgoing_free(out);
		return;
	}
	/* A token that was refused is withdrawn (CRD-042), but not when the answer was lost. */
	if (!report.good && (out == NULL || out->call.result == NET_DONE))
		replace(&shake->actor->token_offered, NULL);
	shake->actor->handshaking = false;
	shake->ended(shake->ctx, &report);
	handshake_free(shake);
}

static void
end_call(struct handshake *shake, struct outgoing *out, int ocpi, const char *what)
{
	struct str why;

	if (out->call.result != NET_DONE)
		why = arena_printf(out->arena, "%s failed: %s", what, out->call.why);
	else
		why = arena_printf(out->arena, "%s was answered with HTTP %d, status_code %d", what,
		        out->call.status, out->ocpi);
	end(shake, ocpi, out, why);
}

/* ---- our POST or PUT ---- */

static void
credentials_done(struct outgoing *out)
{
	struct handshake *shake = out->ctx;
	struct actor *actor = shake->actor;
	json_t *data = json_object_get(out->json, "data");

	if (shake->lost && outgoing_good(out)) {
		end(shake, 1000, out, (struct str){ 0 });
		return;
	}
	if (!outgoing_good(out) || json_string_value(json_object_get(data, "token")) == NULL) {
		end_call(shake, out, 3000, "the credentials request");
		return;
	}
	adopt(actor, shake, data);
	replace(&actor->token_in, actor->token_offered);
	actor->token_offered = NULL;
	end(shake, 1000, out, (struct str){ 0 });
}

static void call_or_end(
        struct handshake *shake, struct outgoing *out, void (*done)(struct outgoing *));

static const char *
endpoint_of(const json_t *endpoints, const char *identifier)
{
	json_t *endpoint;
	size_t i;

	json_array_foreach((json_t *)endpoints, i, endpoint)
	{
		const char *name = json_string_value(json_object_get(endpoint, "identifier"));

		if (str_is(str_of(name), identifier))
			return json_string_value(json_object_get(endpoint, "url"));
	}
	return NULL;
}

static void
send_credentials(struct handshake *shake, struct outgoing *details)
{
	const char *url = endpoint_of(shake->endpoints, "credentials");
	struct str method = shake->intent == TO_REGISTER ? STR("POST") : STR("PUT");
	json_t *credentials;
	struct outgoing *out;

	if (url == NULL) {
		end(shake, 3003, details, STR("the version details list no credentials endpoint"));
		return;
	}
	out = outgoing_new(shake->actor, method, str_of(url), shake->token);
	credentials = credentials_object(shake->actor, shake->actor->token_offered);
	outgoing_body(out, json_text(credentials, out->arena));
	json_decref(credentials);
	outgoing_free(details);
	call_or_end(shake, out, credentials_done);
}

/* ---- versions and details ---- */

static void
details_done(struct outgoing *out)
{
	struct handshake *shake = out->ctx;
	json_t *endpoints = json_object_get(json_object_get(out->json, "data"), "endpoints");

	if (!outgoing_good(out) || !json_is_array(endpoints)) {
		end_call(shake, out, 3001, "GET of the version details");
		return;
	}
	shake->endpoints = json_incref(endpoints);
	if (shake->intent == TO_ACCEPT)
		end(shake, 1000, out, (struct str){ 0 });
	else
		send_credentials(shake, out);
}

static void
versions_done(struct outgoing *out)
{
	struct handshake *shake = out->ctx;
	json_t *data = json_object_get(out->json, "data"), *version;
	const char *url = NULL;
	struct outgoing *next;
	size_t i;

	if (!outgoing_good(out) || !json_is_array(data)) {
		end_call(shake, out, 3001, "GET of the versions");
		return;
	}
	json_array_foreach(data, i, version)
	{
		if (str_is(str_of(json_string_value(json_object_get(version, "version"))),
		            OCPI_VERSION))
			url = json_string_value(json_object_get(version, "url"));
	}
	if (url == NULL) {
		end(shake, 3002, out, STR("version " OCPI_VERSION " is not in the list"));
		return;
	}
	next = outgoing_new(shake->actor, STR("GET"), str_of(url), shake->token);
	outgoing_free(out);
	call_or_end(shake, next, details_done);
}

static void
call_or_end(struct handshake *shake, struct outgoing *out, void (*done)(struct outgoing *))
{
	struct fault fault = { 0 };

	out->ctx = shake;
	out->done = done;
	if (outgoing_start(out, &fault) == RH_OK)
		return;
	snprintf(out->call.why, sizeof(out->call.why), "%.127s", fault.why);
	out->call.result = NET_NO_CONNECTION;
	end_call(shake, out, 3001, "a request");
}

static void
start(struct handshake *shake)
{
	shake->actor->handshaking = true;
	call_or_end(shake,
	        outgoing_new(shake->actor, STR("GET"), str_of(shake->versions_url), shake->token),
	        versions_done);
}

void
handshake_register(struct actor *actor, struct str versions_url, struct str token_a,
        handshake_ended *ended, void *ctx)
{
	struct handshake *shake = rh_alloc(sizeof(*shake));

	*shake = (struct handshake){ actor, TO_REGISTER, .ended = ended, .ctx = ctx };
	shake->versions_url = strndup(versions_url.p, versions_url.len);
	shake->token = strndup(token_a.p, token_a.len);
	replace(&actor->token_offered, fresh_token());
	start(shake);
}

void
handshake_rotate(struct actor *actor, bool lost, handshake_ended *ended, void *ctx)
{
	struct handshake *shake = rh_alloc(sizeof(*shake));

	*shake = (struct handshake){ actor, TO_ROTATE, .lost = lost, .ended = ended, .ctx = ctx };
	shake->versions_url = rh_strdup(actor->peer_versions);
	shake->token = rh_strdup(actor->token_out);
	replace(&actor->token_offered, fresh_token());
	start(shake);
}

/* ---- the credentials endpoint: the other side begins ---- */

static void
accept_credentials(struct exchange *exchange)
{
	struct str token = str_of(json_string_value(json_object_get(exchange->body, "token")));
	const char *url = json_string_value(json_object_get(exchange->body, "url"));
	struct handshake *shake;

	if (!ocpi_token_ok(token) || url == NULL ||
	        json_array_size(json_object_get(exchange->body, "roles")) == 0) {
		answer(exchange, 200, 2001, "token, url or roles is missing or invalid", NULL);
		return;
	}
	shake = rh_alloc(sizeof(*shake));
	*shake = (struct handshake){ exchange->actor, TO_ACCEPT, .exchange = exchange };
	shake->versions_url = rh_strdup(url);
	shake->token = rh_strdup(token.p);
	start(shake);
}

void
credentials_serve(struct exchange *exchange)
{
	struct actor *actor = exchange->actor;
	struct str method = exchange->request->method;
	bool registered = exchange->token != TOKEN_A && actor->token_in != NULL;

	if (str_is(method, "GET")) {
		answer(exchange, 200, 1000, "Success",
		        credentials_object(actor, registered ? actor->token_in : actor->token_a));
	} else if (str_is(method, registered ? "PUT" : "POST")) {
		accept_credentials(exchange);
	} else if (registered && str_is(method, "DELETE")) {
		actor_forget(actor);
		answer(exchange, 200, 1000, "Success", NULL);
	} else {
		answer_header(
		        exchange, "Allow", registered ? STR("GET, PUT, DELETE") : STR("GET, POST"));
		answer(exchange, 405, 2000,
		        registered ? "this platform is registered"
		                   : "this platform is not registered",
		        NULL);
	}
}
