/* outgoing: builds requests, starts them on the shared client, reads the envelope of the answer. */
#include "outgoing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *const outgoing_answer_headers[] = { "Link", "Location", "X-Total-Count", "X-Limit",
	"Content-Type", "Retry-After", "RateLimit-Policy", "RateLimit", "Allow", "X-Request-ID",
	"X-Correlation-ID", "OCPI-to-country-code", "OCPI-to-party-id", "OCPI-from-country-code",
	"OCPI-from-party-id", "WWW-Authenticate", "Connection", NULL };

static struct str
fresh_id(struct arena *arena)
{
	char uuid[RH_UUID_LEN + 1];

	rh_uuid(uuid);
	return arena_str(arena, str_of(uuid));
}

struct outgoing *
outgoing_new(struct actor *actor, struct str method, struct str url, const char *token)
{
	struct arena *arena = arena_new(4096);
	struct outgoing *out = arena_alloc(arena, sizeof(*out));

	out->arena = arena;
	out->actor = actor;
	list_init(&out->node);
	out->call.method = arena_str(arena, method);
	out->call.target = arena_str(arena, url); /* split when it starts */
	if (token != NULL)
		outgoing_header(out, "Authorization",
		        ocpi_authorization_write(str_of(token), actor->plain_tokens, arena));
	outgoing_header(out, "X-Request-ID", fresh_id(arena));
	outgoing_header(out, "X-Correlation-ID", fresh_id(arena));
	return out;
}

void
outgoing_free(struct outgoing *out)
{
	if (out == NULL)
		return;
	json_decref(out->json);
	arena_free(out->arena);
}

void
outgoing_without(struct outgoing *out, struct str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->header_count; i++)
		if (!str_ieq(out->headers[i].name, name))
			out->headers[kept++] = out->headers[i];
	out->header_count = kept;
}

void
outgoing_header(struct outgoing *out, const char *name, struct str value)
{
	outgoing_without(out, str_of(name));
	if (out->header_count < OUTGOING_HEADERS)
		out->headers[out->header_count++] =
		        (struct net_header){ arena_str(out->arena, str_of(name)),
			        arena_str(out->arena, value) };
}

static void
routing_header(struct outgoing *out, const char *name, const char *part)
{
	char text[4] = { 0 };

	for (size_t i = 0; i < sizeof(text) - 1 && part[i] != '\0'; i++)
		text[i] = out->actor->wrong_case ? (char)tolower((unsigned char)part[i]) : part[i];
	outgoing_header(out, name, str_of(text));
}

void
outgoing_routing(struct outgoing *out, const struct ocpi_id *from, const struct ocpi_id *to)
{
	if (to != NULL) {
		routing_header(out, "OCPI-to-country-code", to->country);
		routing_header(out, "OCPI-to-party-id", to->party);
	}
	if (from != NULL) {
		routing_header(out, "OCPI-from-country-code", from->country);
		routing_header(out, "OCPI-from-party-id", from->party);
	}
}

void
outgoing_body(struct outgoing *out, struct str body)
{
	out->call.body = arena_str(out->arena, body);
	outgoing_header(out, "Content-Type", STR("application/json"));
}

static void
read_answer(struct outgoing *out)
{
	const json_t *code;

	if (out->call.result != NET_DONE)
		return;
	out->json = tree_read_any(out->call.answer);
	code = json_object_get(out->json, "status_code");
	if (json_is_integer(code) && json_integer_value(code) > 999 &&
	        json_integer_value(code) < 10000)
		out->ocpi = (int)json_integer_value(code);
}

static void
call_done(struct net_call *call)
{
	struct outgoing *out = container_of(call, struct outgoing, call);

	list_remove(&out->node);
	read_answer(out);
	out->done(out);
}

enum rh_err
outgoing_start(struct outgoing *out, struct fault *fault)
{
	struct sim *sim = out->actor->sim;
	struct net_url url;
	enum rh_err err = net_url_parse(out->call.target, out->arena, &url, fault);

	if (err != RH_OK)
		return err;
	if (sim->ending)
		return fault_set(fault, RH_SYSTEM, "", "the simulator is ending");
	if (sim->only.p != NULL && !str_eq(url.origin, sim->only))
		return fault_set(
		        fault, RH_BAD_FIELD, "", "is not at the hub, which alone is called");
	out->call.origin = sim->only.p != NULL ? sim->only_at : url.origin;
	out->call.target = url.target;
	out->call.headers = out->headers;
	out->call.header_count = out->header_count;
	out->call.deadline_ms = rh_mono_ms() + out->actor->patience_ms;
	out->call.max_answer = OUTGOING_MOST_ANSWER;
	out->call.arena = out->arena;
	out->call.done = call_done;
	list_add_tail(&sim->calls, &out->node);
	net_call_start(sim->client, &out->call);
	return RH_OK;
}

struct str
outgoing_answer_header(const struct outgoing *out, const char *name)
{
	for (size_t i = 0; outgoing_answer_headers[i] != NULL; i++)
		if (str_ieq(str_of(outgoing_answer_headers[i]), str_of(name)))
			return out->call.header[i];
	return (struct str){ 0 };
}

bool
outgoing_good(const struct outgoing *out)
{
	return out->call.result == NET_DONE && out->call.status / 100 == 2 && out->ocpi / 1000 == 1;
}

void
outgoing_end_all(struct sim *sim)
{
	sim->ending = true;
	list_each_safe (node, next, &sim->calls)
		net_call_cancel(sim->client, &container_of(node, struct outgoing, node)->call);
	while (!list_empty(&sim->calls))
		net_loop_turn(sim->loop, 10);
}
